import Ledger
import LedgerSQLite
import SettlementServer

/// The store that the configuration names, and what may be done with it while it is in use.
struct StoreParts {
    private let path: String

    init(_ configuration: Configuration.Store) {
        switch configuration.kind {
        case .sqlite: path = configuration.path
        }
    }

    /// Opens the store.
    var open: CommitterThread.StoreOpening {
        { [path] in try SQLiteStore(opening: path) }
    }

    /// Tasks that work on connections of their own, beside the committer.
    var maintenance: [String: MaintenanceTask] {
        let audit = StoreAudit(of: path)
        return [
            "verify": { _ in
                try Self.naming { () throws(StoreFault) in
                    try audit.verify(sha256: Digest.sha256).lines
                }
            },
            "backup": { target in
                guard target.hasPrefix("/") else {
                    throw MaintenanceFault("backup: the target must be an absolute path")
                }
                return try Self.naming { () throws(StoreFault) in
                    try audit.backup(to: target)
                    return ["backed up to \(target)"]
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
