import ArgumentParser
import CardSecurity
import Foundation
import Ledger
import LedgerSQLite
import SettlementDomain
import SettlementProtocol
import SettlementServer
import StoreChoice

/// `settle-bench commit-batches`.
struct CommitBatches: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit-batches",
        abstract: "Decides and commits settles of a ledger in one thread, without terminals.",
        discussion: """
            What the daemon's committer does, and nothing else: rows loaded, requests decided, \
            batches made durable. Sales of three lines of random cards and items. Prints JSON: \
            processor time of the thread by part, microseconds a settle. Rows are read ahead first, as a \
            daemon does after its start. The ledger is changed: give it a copy.

            EXAMPLE
              settle-bench commit-batches --config site/settled.yaml --ledger copy.sqlite --batch 20
            """)

    @Option(help: "The settled.yaml of the ledger's site, whose keys the ledger is sealed under.")
    var config: String

    @Option(help: "The ledger that is written; no daemon may have it open.")
    var ledger: String

    @Option(help: "Settles in a batch.")
    var batch = 20

    @Option(help: "Settles that are measured; a fifth as many come before, to warm up.")
    var count = 100_000

    @Option(help: "Terminals that take turns.")
    var terminals = 64

    @Option(help: "Changed rows that may wait in memory.")
    var waitingRows = SQLiteStore.Options().waitingRowsMax

    func run() throws {
        guard batch >= 1, count >= 1, terminals >= 1 else {
            throw BenchFault("--batch, --count and --terminals are 1 or more")
        }
        let keys = try Configuration.load(path: config).keys
        let seal = try SiteSeal(SealedKeyStore.open(at: keys.store, source: keys.source))
        let store = try SQLiteStore(
            opening: ledger, seal: seal, options: SQLiteStore.Options(waitingRowsMax: waitingRows))
        defer { store.close() }
        while try store.readAhead() > 0 {}
        var sales = try SaleSource(store: store, terminals: terminals)
        let ledger = Ledger(sha256: Digest.sha256, encodeResponse: ResponseEncoder.encode)
        var wanted = LoadKeys()
        var times = PartTimes()
        var approved = 0
        for done in stride(from: 0, to: count + count / 5, by: batch) {
            if done / batch == count / 5 / batch {
                times = PartTimes()
                approved = 0
            }
            let requests = (0..<batch).map { _ in sales.next() }
            times.begin()
            wanted.removeAll()
            for request in requests {
                ledger.keys(of: request, reference: sales.reference, into: &wanted)
            }
            var rows = try store.load(wanted, reference: sales.reference)
            times.end(\.load)
            for request in requests {
                let decision = ledger.decide(request, at: 1_795_392_000_000, on: &rows)
                if decision.code.isApproval { approved += 1 }
            }
            times.end(\.decide)
            try store.commit(rows.entries)
            times.end(\.commit)
            store.tidy()
            times.end(\.tidy)
            times.settles += batch
        }
        print(times.json(approved: approved))
    }
}

/// Processor and wall-clock time by part.
private struct PartTimes {
    var settles = 0
    var load: Int64 = 0
    var decide: Int64 = 0
    var commit: Int64 = 0
    var tidy: Int64 = 0
    private var wall: Int64 = 0
    private var last: Int64 = 0
    private var lastWall: Int64 = 0
    private let writtenBefore = Self.written

    mutating func begin() {
        last = Self.now(CLOCK_THREAD_CPUTIME_ID)
        lastWall = Self.now(CLOCK_MONOTONIC)
    }

    mutating func end(_ part: WritableKeyPath<PartTimes, Int64>) {
        let now = Self.now(CLOCK_THREAD_CPUTIME_ID)
        self[keyPath: part] += now - last
        last = now
        let nowWall = Self.now(CLOCK_MONOTONIC)
        wall += nowWall - lastWall
        lastWall = nowWall
    }

    func json(approved: Int) -> String {
        func microseconds(_ nanoseconds: Int64) -> String {
            String(format: "%.2f", Double(nanoseconds) / Double(max(1, settles)) / 1000)
        }
        return "{\"settles\": \(settles), \"approved\": \(approved), "
            + "\"load\": \(microseconds(load)), \"decide\": \(microseconds(decide)), "
            + "\"commit\": \(microseconds(commit)), "
            + "\"tidy\": \(microseconds(tidy)), "
            + "\"all\": \(microseconds(load + decide + commit + tidy)), "
            + "\"wallClock\": \(microseconds(wall)), "
            + "\"bytesWritten\": \((Self.written - writtenBefore) / max(1, settles))}"
    }

    /// Bytes that the process has written so far, checkpoints included.
    private static var written: Int {
        let text = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("wchar: ") }
        return line.flatMap { Int($0.dropFirst(7)) } ?? 0
    }

    private static func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Sales of random cards and items from the terminals of a ledger.
private struct SaleSource {
    let reference: Reference
    private let cards: [CardRow]
    private let tills: [(id: TerminalID, visit: VisitType)]
    private let items: [(index: UInt32, entry: CatalogEntry)]
    private let version: CatalogVersion
    private var stans: [UInt32]
    private var state: UInt64 = 42
    private var turn = 0

    init(store: SQLiteStore, terminals: Int) throws {
        reference = try store.loadReference()
        let day = reference.businessDate
        guard let catalog = reference.catalog(on: day) else { throw BenchFault("no catalog") }
        version = catalog.version
        items = catalog.entries.enumerated().compactMap { index, entry in
            switch entry.kind {
            case .vaccineCategory1, .vaccineCategory2, .service, .facility, .nonTreatment: nil
            default: entry.isEffective(on: day) ? (UInt32(index), entry) : nil
            }
        }
        var cards: [CardRow] = []
        // A whole page of a large site may be cards that were replaced.
        var last: CardNumber?
        while case .cards(let page) = try store.read(.cards(after: last, limit: 10_000)),
            !page.isEmpty
        {
            cards += page.filter { $0.state == .active && $0.verification != nil }
            last = page.last?.number
        }
        self.cards = cards
        let institutions = reference.institutions
        tills = reference.terminals.values.sorted { $0.id < $1.id }.compactMap {
            switch $0.role {
            case .pharmacy: ($0.id, .pharmacyPurchase)
            case .hospital:
                institutions[$0.institution]?.institution.permittedVisitTypes
                    .contains(.outpatient) == true ? ($0.id, .outpatient) : nil
            default: nil
            }
        }.prefix(terminals).map { $0 }
        guard !items.isEmpty, !cards.isEmpty, !tills.isEmpty else {
            throw BenchFault("the ledger has no items, cards or terminals")
        }
        // Above every STAN of a load before: a key that was used already costs a look into a table.
        stans = Array(repeating: 500_000, count: tills.count)
    }

    mutating func next() -> LedgerRequest {
        turn = (turn + 1) % tills.count
        stans[turn] += 1
        let card = cards[below(cards.count)]
        let lines = (0..<3).map { _ in line() }
        var voucher: [UInt8] = [RequestKind.settle.rawValue]
        for _ in 0..<11 { withUnsafeBytes(of: random()) { voucher.append(contentsOf: $0) } }
        return LedgerRequest(
            key: RequestKey(
                terminal: tills[turn].id, date: reference.businessDate, stan: stans[turn]),
            terminalTime: 1_795_392_000, content: voucher.withUnsafeBytes(Digest.sha256),
            voucher: voucher,
            command: .settle(
                SettleCommand(
                    card: card.number,
                    proof: card.verification.map { .value($0) } ?? .absent,
                    visitType: tills[turn].visit, total: lines.reduce(.zero) { $0 + $1.amount },
                    catalogVersion: version, lines: lines, serviceDate: nil, partialAllowed: true,
                    accountLimit: nil, quoteDigest: 0)))
    }

    private mutating func line() -> RequestLine {
        let item = items[below(items.count)]
        let quantity = Quantity(thousandths: Int64(1 + below(3)) * 1000)
        let most = min(item.entry.priceCeiling?.tenThousandths ?? 600_000, 1_000_000_000)
        let price = UnitPrice(tenThousandths: max(1, most / 100 * 9 / 10) * 100)
        return RequestLine(
            item: .index(item.index), quantity: quantity, unitPrice: price,
            amount: price.amount(for: quantity) ?? .zero, courseDays: nil, traceCodes: [])
    }

    private mutating func below(_ bound: Int) -> Int {
        Int(random() >> 33) % bound
    }

    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
