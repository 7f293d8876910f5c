import CardSecurity
import Ledger
import LedgerPostgreSQL
import LedgerSQLite
import SettlementDomain
import SettlementServer

/// The store that a configuration or a command line names, and what may be done with it as a whole.
public struct ChosenStore: Sendable {
    private let place: Configuration.Store
    private let seal: any StoreSeal

    /// Creates a choice of the store that a configuration names, sealed under the site's keys.
    public init(_ place: Configuration.Store, seal: any StoreSeal) {
        self.place = place
        self.seal = seal
    }

    /// Reads a place as a command line writes it: `sqlite:PATH` or `postgresql:CONNECTION`.
    ///
    /// - Returns: nil where it is neither.
    public init?(_ text: String, seal: any StoreSeal) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        self.seal = seal
        let rest = String(text[text.index(after: colon)...])
        guard !rest.isEmpty else { return nil }
        switch text[..<colon] {
        case "sqlite": place = .sqlite(path: rest)
        case "postgresql": place = .postgresql(Configuration.Database(connection: rest))
        default: return nil
        }
    }

    /// How many committers share the work; each opens the store for itself.
    public var lanes: Int {
        switch place {
        case .sqlite: 1
        case .postgresql(let database): database.lanes
        }
    }

    /// Seconds after which an idle daemon looks what others have changed; nil: there are no others.
    public var patience: Double? {
        switch place {
        case .sqlite: nil
        case .postgresql: 1
        }
    }

    /// Opens the store for a daemon.
    ///
    /// `whenOwned` is called once no other daemon can be at work on the same site, before anything is read;
    /// a database keeps nobody out, so that it is called at once.
    public func open(whenOwned: () -> Void = {}) throws(StoreFault) -> any LedgerStore {
        switch place {
        case .sqlite(let path):
            return try SQLiteStore(opening: path, seal: seal, whenLocked: whenOwned)
        case .postgresql(let database):
            whenOwned()
            return try PostgreSQLStore(database.options(seal))
        }
    }

    /// Opens the store for a tool that writes little.
    public func openBriefly() throws(StoreFault) -> any LedgerStore {
        switch place {
        case .sqlite(let path): try SQLiteStore(opening: path, seal: seal, options: .brief)
        case .postgresql(let database): try PostgreSQLStore(database.options(seal))
        }
    }

    /// Makes a new store of a site whose first business date is given.
    public func create(businessDate: CivilDate, at millis: Int64) throws(StoreFault) {
        switch place {
        case .sqlite(let path):
            try SQLiteStore.create(
                at: path, seal: seal, businessDate: businessDate, options: .brief
            ).close()
        case .postgresql:
            try migrate(firstBusinessDate: businessDate, at: millis, mustBeNew: true)
        }
    }

    /// Makes the database's schema or brings it forward.
    ///
    /// - Returns: what was done, a line each.
    @discardableResult
    public func migrate(
        firstBusinessDate: CivilDate?, at millis: Int64, mustBeNew: Bool = false
    ) throws(StoreFault) -> [String] {
        switch place {
        case .sqlite(let path):
            // Opening brings it forward.
            try SQLiteStore(opening: path, seal: seal, options: .brief).close()
            return ["\(path) is up to date"]
        case .postgresql(let database):
            return try Migrations(database.options(seal)).run(
                firstBusinessDate: firstBusinessDate, at: millis, mustBeNew: mustBeNew)
        }
    }

    /// Checks the store as of one moment, while daemons go on.
    public func verify() throws(StoreFault) -> VerificationReport {
        switch place {
        case .sqlite(let path): try StoreAudit(of: path, seal: seal).verify(sha256: Digest.sha256)
        case .postgresql(let database):
            try DatabaseAudit(of: database.options(seal)).verify(sha256: Digest.sha256)
        }
    }

    /// What to tell whoever has made a backup.
    public static func noteOnBackup(at target: String) -> String {
        "backed up to \(target); it opens with this key store only: keep a copy of that too"
    }

    /// Copies the store to a file, while daemons go on.
    public func backup(to target: String) throws(StoreFault) {
        switch place {
        case .sqlite(let path): try StoreAudit(of: path, seal: seal).backup(to: target)
        case .postgresql:
            throw .unavailable(
                "a PostgreSQL database is backed up with the server's own tools: see "
                    + "Config/postgresql/README.md")
        }
    }

    /// Puts a backup in the store's place; nobody may have the store open.
    ///
    /// - Returns: what was done, a line each.
    public func restore(from backup: String) throws(StoreFault) -> [String] {
        switch place {
        case .sqlite(let path):
            let report = try StoreRestore(from: backup, seal: seal).run(
                to: path, sha256: Digest.sha256)
            var lines = ["restored \(report.entries) entries from \(backup)"]
            if report.lost > 0 {
                lines.append(
                    "entry \(report.acknowledged) had been acknowledged: the last "
                        + "\(report.lost) entries are not in the backup")
            }
            if let kept = report.kept { lines.append("what was there before is at \(kept)") }
            return lines
        case .postgresql:
            throw .unavailable(
                "a PostgreSQL database is restored with the server's own tools: see "
                    + "Config/postgresql/README.md")
        }
    }

    /// Makes everything that is made of the journal anew; nobody else may have the store open.
    public func rebuild() throws(StoreFault) {
        switch place {
        case .sqlite(let path):
            let store = try SQLiteStore(opening: path, seal: seal, options: .brief)
            defer { store.close() }
            try store.rebuild()
        case .postgresql(let database): try DatabaseRebuild(of: database.options(seal)).run()
        }
    }
}

extension Configuration.Database {
    /// What the store is told.
    func options(_ seal: any StoreSeal) -> PostgreSQLOptions {
        PostgreSQLOptions(
            connection: connection, seal: seal, answerMillis: Int32(answerMillis),
            lockMillis: Int32(lockMillis), resolveMillis: Int64(resolveMillis))
    }
}
