import Ledger
import LedgerPostgreSQL
import SettlementDomain
import TestProcesses
import TestSupport

/// A database of a test's own with a synthetic ledger in it.
struct Bench {
    let options: PostgreSQLOptions
    let store: PostgreSQLStore
    var ledger: SyntheticLedger

    static let time: Int64 = 1_795_392_000_000

    init(seed: UInt64, seal: any StoreSeal = TestSeal()) throws {
        options = PostgreSQLOptions(
            connection: try DatabaseServer.shared().newDatabase(), seal: seal,
            resolveMillis: 3_000)
        _ = try Migrations(options).run(
            firstBusinessDate: SyntheticLedger.firstDate, at: Self.time)
        store = try PostgreSQLStore(options)
        ledger = SyntheticLedger(seed: seed)
        try store.commit(ledger.site())
    }

    /// The database's name.
    var database: String {
        String(options.connection.split(separator: "=").last ?? "")
    }

    /// Changes the database behind the store's back, or asks it; columns are parted by `|`.
    @discardableResult
    func sql(_ statements: String) throws -> String {
        try DatabaseServer.shared().sql(statements, in: database)
    }

    mutating func run(_ count: Int) throws {
        try store.commit((0..<count).map { _ in ledger.any() })
    }

    func verify() throws -> VerificationReport {
        try DatabaseAudit(of: options).verify(sha256: SyntheticLedger.digest)
    }

    func entries() throws -> [JournalEntry] {
        guard case .entries(let entries) = try store.read(.entries(after: 0, limit: 100_000))
        else { return [] }
        return entries
    }
}

/// The fault that a body throws, as one sentence; nil: none.
func fault(_ body: () throws(StoreFault) -> Void) -> String? {
    do throws(StoreFault) {
        try body()
        return nil
    } catch {
        return "\(error)"
    }
}
