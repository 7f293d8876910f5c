import Foundation
import Ledger
import SettlementDomain
import SettlementServer
import StoreChoice
import Synchronization

/// The desk of the store itself, while no daemon of this site runs.
final class StoreDesk: OperatorDesk {
    private let chosen: ChosenStore
    private let store: any LedgerStore
    private let ledger: Ledger
    private let outcome: OutcomeBox
    private var reference: Reference

    /// Opens the store.
    init(_ chosen: ChosenStore) throws {
        let outcome = OutcomeBox()
        self.outcome = outcome
        self.chosen = chosen
        store = try chosen.openBriefly()
        reference = try store.loadReference()
        ledger = Ledger(
            sha256: Digest.sha256,
            encodeResponse: { made, _ in
                outcome.last.withLock { $0 = made }
                return []
            })
    }

    func register(_ registrations: [Registration], dryRun: Bool) throws -> [RegistrationResult] {
        try decide(.register(registrations, dryRun: dryRun))
        guard case .registered(let results) = outcome.last.withLock({ $0?.payload }) else {
            throw CommandFault("the ledger gave no answer")
        }
        return results
    }

    func closeDay(_ date: CivilDate, next: CivilDate?) throws -> CivilDate {
        try decide(.closeDay(date, next: next ?? date.adding(days: 1)))
        guard let answer = outcome.last.withLock({ $0 }), answer.code.isApproval else {
            let detail = outcome.last.withLock { $0?.detail } ?? "no answer"
            throw CommandFault("the date is not ended: \(detail)")
        }
        return answer.businessDate
    }

    /// Daemons elsewhere may come between: so often is begun again.
    private static let conflictsMax = 16

    /// Decides a command, and commits what it does.
    private func decide(_ command: Command) throws {
        for _ in 1..<Self.conflictsMax {
            do {
                return try decideOnce(command)
            } catch StoreFault.conflict {
                continue
            } catch StoreFault.outdatedReference {
                reference = try store.loadReference()
            }
        }
        try decideOnce(command)
    }

    private func decideOnce(_ command: Command) throws {
        let request = LedgerRequest.byOperator(command, on: reference.businessDate)
        var keys = LoadKeys()
        ledger.keys(of: request, reference: reference, into: &keys)
        var rows = try store.load(keys, reference: reference)
        _ = ledger.decide(request, at: Int64(Date().timeIntervalSince1970 * 1000), on: &rows)
        guard !rows.entries.isEmpty else { return store.tidy() }
        try store.commit(rows.entries)
        reference = rows.reference
    }

    func read(_ question: StoreQuestion) throws -> StorePage {
        try store.read(question)
    }

    func maintain(_ task: MaintenanceName, _ argument: String) throws -> [String] {
        switch task {
        case .verify: return try chosen.verify().lines
        case .rebuild:
            store.close()
            try chosen.rebuild()
            return ["every projection was made anew from the journal"]
        case .backup:
            try chosen.backup(to: argument)
            return [ChosenStore.noteOnBackup(at: argument)]
        case .reload: throw CommandFault("no daemon runs at this site: nothing to reload")
        }
    }

    func close() {
        store.close()
    }

    private final class OutcomeBox: Sendable {
        let last = Mutex<Outcome?>(nil)
    }
}
