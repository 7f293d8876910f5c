import Ledger
import SettlementServer
import StoreChoice

extension ChosenStore {
    /// Tasks that work on connections of their own, beside the committers.
    var maintenance: [String: MaintenanceTask] {
        [
            "verify": { _ in
                try Self.naming { () throws(StoreFault) in try verify().lines }
            },
            "backup": { target in
                guard target.hasPrefix("/") else {
                    throw MaintenanceFault("backup: the target must be an absolute path")
                }
                return try Self.naming { () throws(StoreFault) in
                    try backup(to: target)
                    return [ChosenStore.noteOnBackup(at: target)]
                }
            },
            "rebuild": { _ in
                throw MaintenanceFault(
                    "rebuild needs the store for itself: stop the daemon, then rebuild")
            },
        ]
    }

    private static func naming(
        _ task: () throws(StoreFault) -> [String]
    ) throws(MaintenanceFault) -> [String] {
        do throws(StoreFault) {
            return try task()
        } catch {
            switch error {
            case .unavailable(let why), .outcomeUnknown(let why), .corrupt(let why):
                throw MaintenanceFault(why)
            case .conflict, .outdatedReference: throw MaintenanceFault("the store is in use")
            }
        }
    }
}
