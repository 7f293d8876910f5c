import Ledger
import NIOCore
import SettlementClient
import SettlementDomain

/// Reconciles each terminal's own books of a run with the daemon's, as terminals do.
struct ReconciliationCheck: Sendable {
    /// What the daemon had booked for a terminal before the run.
    struct Before: Sendable, Hashable {
        var date: CivilDate
        var totals: [KindTotals]
        /// The daemon's clock, milliseconds since 1970 UTC.
        var time: Int64
    }

    private let terminals: [LoadTerminal]
    private let before: [TerminalID: Before]

    /// Asks what the daemon has booked for each terminal so far.
    init(_ terminals: [LoadTerminal], on loop: any EventLoop) async throws(ClientFault) {
        self.terminals = terminals
        var before: [TerminalID: Before] = [:]
        for terminal in terminals {
            let connection = try await TerminalConnection.open(
                terminal.credentials, at: terminal.address, on: loop)
            let response = try await connection.reconcile([])
            guard case .reconciliationTotals(let content) = response.payload else {
                throw .protocolViolation("no totals")
            }
            before[terminal.credentials.terminal] = Before(
                date: content.date, totals: content.totals, time: response.result.time)
            try await connection.signOff()
        }
        self.before = before
    }

    /// Asks for each terminal and date whether both sides agree; where they do not, names what
    /// differs.
    func run(
        _ books: OwnBooks, on loop: any EventLoop
    ) async throws(ClientFault) -> ConservationCheck.Finding {
        var count = 0
        var differences: [String] = []
        for terminal in terminals {
            let id = terminal.credentials.terminal
            guard let before = before[id] else { continue }
            let connection = try await TerminalConnection.open(
                terminal.credentials, at: terminal.address, on: loop)
            for date in Set(books.booked.keys).union([before.date]).sorted() {
                let known = date == before.date ? before.totals : []
                let own = books.totals(of: id, on: date, onTopOf: known)
                let response = try await connection.reconcile(own, on: date)
                count += 1
                guard !response.result.code.isApproval else { continue }
                let daemon = try await Self.transactions(of: connection, on: date)
                let named = Self.differences(
                    books.transactions(of: id, on: date), daemon, since: before.time)
                differences += named.isEmpty ? ["\(id) \(date): the totals"] : named
            }
            try await connection.signOff()
        }
        let some = differences.prefix(5).joined(separator: "; ")
        return ConservationCheck.Finding(
            what: "each terminal's day is the daemon's, nothing missing and nothing doubled",
            holds: differences.isEmpty,
            detail: "\(differences.count) differences in \(count) days of \(terminals.count) "
                + "terminals" + (differences.isEmpty ? "" : ": \(some)"))
    }

    private static func transactions(
        of connection: TerminalConnection, on date: CivilDate
    ) async throws(ClientFault) -> [DayTransaction] {
        var all: [DayTransaction] = []
        while true {
            let response = try await connection.transactions(on: date, after: all.last?.key)
            guard case .reconciliationDetails(let page) = response.payload else {
                throw .protocolViolation("no details")
            }
            all += page.transactions
            guard page.hasMore, !page.transactions.isEmpty else { return all }
        }
    }

    /// What only one side has, and what both have otherwise; a sentence each.
    ///
    /// - Parameters:
    ///   - own: what the terminal did in the run.
    ///   - daemon: what the daemon has of the date.
    ///   - time: what the daemon has from before it is not the run's.
    /// - Returns: in the order of keys.
    static func differences(
        _ own: [DayTransaction], _ daemon: [DayTransaction], since time: Int64
    ) -> [String] {
        var theirs = Dictionary(daemon.map { ($0.key, $0) }) { first, _ in first }
        var found: [(RequestKey, String)] = []
        for mine in own {
            guard let other = theirs.removeValue(forKey: mine.key) else {
                found.append((mine.key, "\(text(mine)) only the terminal has"))
                continue
            }
            if other.kind != mine.kind || other.total != mine.total
                || other.insured != mine.insured
            {
                found.append((mine.key, "\(text(mine)) is \(text(other)) to the daemon"))
            }
        }
        for other in theirs.values where other.time > time {
            found.append((other.key, "\(text(other)) only the daemon has"))
        }
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func text(_ transaction: DayTransaction) -> String {
        let key = transaction.key
        return "\(key.terminal) \(key.date) \(key.stan) \(transaction.kind) "
            + "\(transaction.total)/\(transaction.insured)"
    }
}
