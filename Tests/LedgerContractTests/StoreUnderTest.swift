import Foundation
import Ledger
import LedgerPostgreSQL
import LedgerSQLite
import SettlementDomain
import TestProcesses
import TestSupport

/// The stores that the contract is tested on.
enum Engine: String, CaseIterable, Sendable {
    case memory
    case sqlite
    /// Rows are swept and forgotten all the time.
    case sqliteCramped
    /// On a server that the tests start.
    case postgresql

    var isDurable: Bool { self != .memory }

    static var durable: [Engine] { allCases.filter(\.isDurable) }
}

/// A store in a folder of its own, which goes when this goes.
final class StoreUnderTest {
    let engine: Engine
    private(set) var store: any LedgerStore
    private let folder: URL
    private var generation = 0
    private var database = PostgreSQLOptions(connection: "", seal: TestSeal())

    init(_ engine: Engine) throws {
        self.engine = engine
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("settled-contract-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        switch engine {
        case .memory: store = MemoryStore(businessDate: SyntheticLedger.firstDate)
        case .sqlite, .sqliteCramped:
            store = try SQLiteStore.create(
                at: folder.appendingPathComponent("0.db").path, seal: TestSeal(),
                businessDate: SyntheticLedger.firstDate, options: Self.options(engine))
        case .postgresql:
            database.connection = try DatabaseServer.shared().newDatabase()
            _ = try Migrations(database).run(
                firstBusinessDate: SyntheticLedger.firstDate, at: 1_790_000_000_000)
            store = RankedStore(try PostgreSQLStore(database))
        }
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func options(_ engine: Engine) -> SQLiteStore.Options {
        guard engine == .sqliteCramped else {
            return SQLiteStore.Options(pageCacheBytes: 1 << 20, logPagesMax: 256)
        }
        var options = SQLiteStore.Options(
            waitingRowsMax: 60, cachedRowsMax: 5, pageCacheBytes: 1 << 20, logPagesMax: 40)
        options.entriesInEra = 7
        return options
    }

    private var path: String { folder.appendingPathComponent("\(generation).db").path }

    /// What the store's own verification finds.
    func verify() throws -> VerificationReport {
        if let memory = store as? MemoryStore {
            memory.verify(sha256: SyntheticLedger.digest)
        } else if let sqlite = store as? SQLiteStore {
            try sqlite.verify(sha256: SyntheticLedger.digest)
        } else {
            try DatabaseAudit(of: database).verify(sha256: SyntheticLedger.digest)
        }
    }

    /// Closes and opens.
    func restart() throws {
        guard engine.isDurable else { return }
        store.close()
        try open()
    }

    private func open() throws {
        if let ranked = store as? RankedStore<PostgreSQLStore> {
            store = RankedStore(try PostgreSQLStore(database), numbers: ranked.numbers)
        } else {
            store = try SQLiteStore(opening: path, seal: TestSeal(), options: Self.options(engine))
        }
    }

    /// Opens what a loss of power at this moment would leave.
    func crash() throws {
        guard engine.isDurable else { return }
        if let ranked = store as? RankedStore<PostgreSQLStore> {
            ranked.inner.letGo()
            return try open()
        }
        let before = path
        generation += 1
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: before + suffix) {
            try FileManager.default.copyItem(atPath: before + suffix, toPath: path + suffix)
        }
        store.close()
        try open()
    }
}

extension WorkingSet {
    /// Whether all rows are equal, reference data aside.
    func hasRows(of other: WorkingSet) -> Bool {
        answers == other.answers && cards == other.cards && persons == other.persons
            && accounts == other.accounts && accumulators == other.accumulators
            && traceCodes == other.traceCodes && usages == other.usages
            && families == other.families && owners == other.owners && credits == other.credits
            && settlements == other.settlements && tombstones == other.tombstones
            && contributions == other.contributions
    }
}

extension StorePage {
    /// The canonical bytes of the page, for comparison.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .persons(let rows): writer.values(rows)
        case .cards(let rows): writer.values(rows)
        case .accounts(let rows): writer.values(rows)
        case .families(let rows): writer.values(rows)
        case .accumulators(let rows): writer.values(rows)
        case .settlements(let rows):
            writer.list(rows) { writer, item in
                writer.unsigned(item.sequence)
                item.row.write(to: &writer)
            }
        case .answers(let rows): writer.values(rows)
        case .day(let rows):
            writer.list(rows) { $0.string("\($1)") }
        case .clearings(let rows): writer.values(rows)
        case .entries(let entries):
            writer.list(entries) { writer, entry in
                writer.unsigned(entry.sequence)
                writer.run(JournalCoding.encode(entry))
            }
        case .movements(let rows):
            writer.list(rows) { $0.string("\($1)") }
        case .owners(let rows): writer.values(rows)
        case .contributions(let rows): writer.values(rows)
        case .claims(let rows): writer.values(rows)
        case .moves(let rows):
            writer.list(rows) { $0.string("\($1)") }
        case .accesses(let rows):
            writer.list(rows) { $0.string("\($1)") }
        case .balances(let rows):
            writer.list(rows) { $0.string("\($1.account) \($1.balance)") }
        case .counts(let rows):
            writer.list(rows) { $0.string("\($1.name) \($1.count)") }
        case .reference(let rows): writer.values(rows)
        }
        return writer.bytes
    }
}
