import CardSecurity
import Foundation
import Ledger
import LedgerPostgreSQL
import LedgerSQLite
import SettlementDomain
import StoreChoice
import Synchronization
import TestProcesses

/// The engine that sites of this process keep their ledgers in.
///
/// `SETTLED_TEST_STORE=postgresql` runs the same scenarios on a PostgreSQL server of the tests' own.
public enum TestEngine: String, Sendable {
    case sqlite, postgresql

    /// What the environment says; SQLite where it says nothing.
    public static let current: TestEngine = {
        let word = ProcessInfo.processInfo.environment["SETTLED_TEST_STORE"] ?? ""
        return TestEngine(rawValue: word) ?? .sqlite
    }()
}

/// Where a site keeps its ledger.
enum TestStore: Sendable {
    case file(String)
    /// A database of the tests' server.
    case database(String)
    /// A database anywhere, with more settings of the store's.
    case connection(String, settings: String)

    private static let count = Mutex(0)

    /// A place for the site in a folder that nothing is in yet.
    static func place(in folder: String) -> TestStore {
        switch TestEngine.current {
        case .sqlite: return .file(folder + "/ledger.sqlite")
        case .postgresql:
            let number = count.withLock { count in
                count += 1
                return count
            }
            return .database("site\(number)")
        }
    }

    /// Makes a ledger with its first business date and gives it to be filled.
    func create(
        businessDate: CivilDate, vault: SealedKeyStore
    ) throws -> any LedgerStore {
        let seal = try SiteSeal(vault)
        switch self {
        case .file(let path):
            return try SQLiteStore.create(
                at: path, seal: seal, businessDate: businessDate, options: .brief)
        case .database(let name):
            let server = try DatabaseServer.shared()
            try server.sql("CREATE DATABASE \(name)", in: "postgres")
            let options = PostgreSQLOptions(connection: server.conninfo(name), seal: seal)
            let millis = Int64(Date().timeIntervalSince1970 * 1_000)
            _ = try Migrations(options).run(firstBusinessDate: businessDate, at: millis)
            return try PostgreSQLStore(options)
        case .connection(let conninfo, _):
            let options = PostgreSQLOptions(connection: conninfo, seal: seal)
            let millis = Int64(Date().timeIntervalSince1970 * 1_000)
            _ = try Migrations(options).run(firstBusinessDate: businessDate, at: millis)
            return try PostgreSQLStore(options)
        }
    }

    /// Makes a copy of another site's ledger, which nobody has open.
    func copy(_ other: TestStore) throws {
        // A file comes with its folder.
        guard case .database(let name) = self, case .database(let template) = other else { return }
        try DatabaseServer.shared().sql(
            "CREATE DATABASE \(name) TEMPLATE \(template)", in: "postgres")
    }

    /// Forgets the ledger.
    func remove() {
        switch self {
        case .file(let path):
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        case .database(let name):
            _ = try? DatabaseServer.shared().sql(
                "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", in: "postgres")
        case .connection: break
        }
    }

    /// The `store` section of a configuration.
    func settings() throws -> String {
        switch self {
        case .file: "{kind: sqlite, path: ledger.sqlite}"
        case .database(let name):
            "{kind: postgresql, connection: \"\(try DatabaseServer.shared().conninfo(name))\"}"
        case .connection(let conninfo, let settings):
            "{kind: postgresql, connection: \"\(conninfo)\"\(settings)}"
        }
    }

    /// The files outside the site's folder in which the ledger's rows are, all that was committed.
    func files() throws -> [String] {
        guard case .database(let name) = self else { return [] }
        let server = try DatabaseServer.shared()
        try server.sql("CHECKPOINT", in: "postgres")
        let number = try server.sql(
            "SELECT oid FROM pg_database WHERE datname = '\(name)'", in: "postgres")
        let folder = "\(server.folder)/data/base/\(number)"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .map { "\(folder)/\($0)" }
    }
}
