import Ledger
import NIOCore
import SettlementClient
import SettlementDomain

/// Reconciles each terminal's own books of a run with the daemon's, as terminals do.
enum ReconciliationCheck {
    /// What the daemon has booked for each terminal on its business date so far.
    static func totals(
        of terminals: [LoadTerminal], on loop: any EventLoop
    ) async throws(ClientFault) -> [TerminalID: [KindTotals]] {
        var booked: [TerminalID: [KindTotals]] = [:]
        for terminal in terminals {
            let connection = try await TerminalConnection.open(
                terminal.credentials, at: terminal.address, on: loop)
            let response = try await connection.reconcile([])
            if case .reconciliationTotals(let content) = response.payload {
                booked[terminal.credentials.terminal] = content.totals
            }
            try await connection.signOff()
        }
        return booked
    }

    /// Asks for each terminal whether both sides agree: 00.
    static func run(
        _ books: OwnBooks, onTopOf booked: [TerminalID: [KindTotals]], of terminals: [LoadTerminal],
        on loop: any EventLoop
    ) async throws(ClientFault) -> ConservationCheck.Finding {
        let what = "each terminal's day is the daemon's, by reconciliation"
        guard let number = books.dates.first, books.dates.count == 1,
            let date = CivilDate(yyyymmdd: number)
        else {
            return ConservationCheck.Finding(
                what: what, holds: books.dates.isEmpty,
                detail: "\(books.dates.count) business dates: not compared")
        }
        var different: [String] = []
        for terminal in terminals {
            let id = terminal.credentials.terminal
            let connection = try await TerminalConnection.open(
                terminal.credentials, at: terminal.address, on: loop)
            let own = books.totals(of: id, onTopOf: booked[id] ?? [])
            let response = try await connection.reconcile(own, on: date)
            if !response.result.code.isApproval { different.append(id.text) }
            try await connection.signOff()
        }
        return ConservationCheck.Finding(
            what: what, holds: different.isEmpty,
            detail: "\(different.count) of \(terminals.count) terminals differ"
                + (different.isEmpty ? "" : ": " + different.prefix(5).joined(separator: ", ")))
    }
}
