import Ledger
import SettlementClient
import SettlementDomain

/// Compares kept answers with those that the ledger has recorded under the same keys.
enum AnswerCheck {
    /// Asks for each answer, and for each approved settle's settlement.
    static func run(
        _ kept: [KeptAnswer], _ daemon: OperatorConnection
    ) async throws(ClientFault) -> [ConservationCheck.Finding] {
        let recorded = try await LedgerView.ask(daemon, kept.map { .answer($0.key) }) { page in
            recordedAnswer(page)
        }
        var unknown = 0
        var different = 0
        for (answer, row) in zip(kept, recorded) {
            guard let row else {
                // An answer that says nothing was executed leaves no trace.
                if !isUnrecorded(answer.code) { unknown += 1 }
                continue
            }
            if row.code != answer.code || row.digest != answer.digest { different += 1 }
        }
        let settles = kept.filter { $0.kind == .settle && ($0.code == 0 || $0.code == 10) }
        let amounts = try await LedgerView.ask(
            daemon, settles.map { .settlement(SettlementID($0.key)) }
        ) { page -> Int64? in
            guard case .settlements(let rows) = page else { return nil }
            return rows.first?.row.split.insured.fen
        }
        let missing = amounts.count { $0 == nil }
        let wrong = zip(settles, amounts).count { $1 != nil && $1 != $0.insured }
        return [
            .init(
                what: "each answer is one the ledger knows", holds: unknown + different == 0,
                detail: "of \(kept.count): \(unknown) unknown, \(different) different"),
            .init(
                what: "each approved settle is a settlement of the same amounts",
                holds: missing + wrong == 0,
                detail: "of \(settles.count): \(missing) missing, \(wrong) different"),
        ]
    }

    private struct Recorded: Sendable {
        var code: UInt8
        var digest: UInt64
    }

    @Sendable
    private static func recordedAnswer(_ page: StorePage) -> Recorded? {
        guard case .answers(let rows) = page, let row = rows.first else { return nil }
        return Recorded(
            code: row.code.rawValue,
            digest: row.response.withUnsafeBytes { Effects.digest($0) })
    }

    /// Codes of answers that are given without being recorded.
    private static func isUnrecorded(_ code: UInt8) -> Bool {
        let codes: [ResponseCode] = [
            .executing, .formatError, .notSupported, .notPermittedToTerminal, .securityViolation,
            .institutionInvalid, .dayClose, .unavailable, .keyReused, .malfunction,
        ]
        return codes.contains { $0.rawValue == code }
    }
}
