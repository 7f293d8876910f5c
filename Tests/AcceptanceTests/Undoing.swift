import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite

extension TerminalConnection {
    /// Voids a settlement under a new key, or under this one.
    func void(
        _ id: SettlementID, _ sale: Sale, _ header: RequestHeader? = nil
    ) async throws -> TerminalResponse {
        try await void(
            VoidCommand(settlement: id, card: sale.card, total: sale.command.total),
            header ?? newHeader())
    }

    /// Gives back lines, whole or so many thousandths of them.
    func refund(
        _ id: SettlementID, _ sale: Sale, _ lines: [(line: Int, thousandths: Int64?)],
        trace: [TraceCode] = [], _ header: RequestHeader? = nil
    ) async throws -> TerminalResponse {
        try await refund(
            RefundCommand(
                settlement: id, card: sale.card,
                lines: lines.map { line, thousandths in
                    RefundLine(
                        line: line, quantity: thousandths.map(Quantity.init(thousandths:)),
                        traceCodes: trace)
                }, total: nil), header ?? newHeader())
    }

    /// Reverses the sale that was sent under a key, under a new one.
    func reverse(
        _ original: RequestHeader, _ sale: Sale, total: Money? = nil, card: CardNumber? = nil,
        _ header: RequestHeader? = nil
    ) async throws -> TerminalResponse {
        try await reverse(
            originalSTAN: original.stan, on: original.businessDate ?? Town.today,
            card: card ?? sale.card, total: total ?? sale.command.total, header ?? newHeader())
    }

    /// What became of a request.
    func state(of header: RequestHeader) async throws -> StatusAnswer.State? {
        let response = try await status(
            ofSTAN: header.stan, on: header.businessDate ?? Town.today)
        guard case .status(let answer) = response.payload else { return nil }
        return answer.state
    }
}

extension TerminalResponse {
    /// What a void, refund or reversal gave back, where it did.
    var undone: UndoResponse? {
        if case .undone(let undone) = payload { return undone }
        return nil
    }

    /// Code and reason.
    var verdict: String { "\(code) \(result.reason)" }
}

/// Everything of a patient and the funds that a sale changes and an undoing restores.
struct Purse: Equatable {
    var balance: Int64?
    var accumulators: [Accumulators]
    var sums: [String: Int64]

    init(of patient: Patient, and others: [Patient] = [], in daemon: RunningDaemon) async throws {
        let books = Books(daemon)
        balance = try await books.balance(of: patient)
        accumulators = try await books.accumulators(of: patient).map(\.used).filter {
            $0 != Accumulators()
        }
        sums = [:]
        for other in others {
            sums["individual:\(other.id)"] = try await books.balance(of: other)
        }
    }

    /// With the sums of all ledger accounts, for a daemon that no other test uses.
    init(of patient: Patient, alone daemon: RunningDaemon) async throws {
        try await self.init(of: patient, in: daemon)
        sums = try await Books(daemon).balances().filter { $0.value != 0 }
    }
}
