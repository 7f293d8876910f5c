import CardSecurity
import Ledger
@testable import SettlementClient
import SettlementDomain
import SettlementProtocol
import Testing

@testable import settle_replay

@Suite("A search for differences between two lists of a day")
struct ReconciliationSearchTests {
    private static let sha256: SHA256Function = { Digest(words: SHA256.digest($0).words) }

    private let terminal: TerminalID
    private let date: CivilDate

    init() throws {
        terminal = try #require(TerminalID("T0000001"))
        date = try Made.date(20_261_123)
    }

    /// A daemon's side of it, with the books' own rules, over the wire's bytes.
    private struct Daemon {
        var rows: [DayRow]
        var terminal: TerminalID
        var date: CivilDate
        var bodyBytesMax: Int
        var differencesMax: Int
        var requests = 0
        var bytesMax = 0

        mutating func answer(
            _ ranges: [ReconciledRange]
        ) throws -> ReconciliationDifferencesContent {
            requests += 1
            let header = RequestHeader(businessDate: date, stan: 0, terminalTime: 1_795_392_000)
            let body = RequestEncoder.reconciliationDifferences(
                header, date: date, scope: .institution, ranges: ranges, terminal: terminal)
            bytesMax = max(bytesMax, body.count)
            let kind = RequestKind.reconciliationDifferences
            guard
                case .reconciliationDifferences(let request) = try RequestDecoder.decode(
                    kind.rawValue, .init(bytes: body))
            else { throw ReconciliationSearch.Fault(problem: "another request") }
            let asked = request.resolved(at: terminal, today: date)
            var search = try DayReconciliation(
                asked.ranges, differencesMax: differencesMax, sha256: sha256)
            while let span = search.needed(limit: 1).first {
                let first = span.after.map { key in rows.firstPlace { $0.key > key } } ?? 0
                let end =
                    span.through.map { key in rows.firstPlace { $0.key > key } } ?? rows.count
                search.take(rows[first..<max(first, end)], of: span, isWhole: true)
            }
            let content = ReconciliationDifferencesContent(
                date: date, scope: .institution, differingRanges: search.differingRanges,
                differences: search.differences, hasMore: search.hasMore)
            let answer = ResponseEncoder.reconciliationDifferences(
                content, terminal: terminal, bodyBytesMax: bodyBytesMax,
                ResultFields(
                    code: search.agrees ? .approved : .totalsDisagree, businessDate: date, time: 1))
            let decoded = try ResponseDecoder.decode(
                kind.responseKind, .init(bytes: answer), terminal: terminal)
            guard case .reconciliationDifferences(let found) = decoded.payload else {
                throw ReconciliationSearch.Fault(problem: "another answer")
            }
            return found
        }
    }

    private func row(_ transaction: DayTransaction) throws -> DayRow {
        var split = Split()
        split.total = transaction.total
        split.cash = transaction.total - transaction.insured
        return DayRow(
            key: transaction.key, kind: transaction.kind,
            institution: try #require(InstitutionID("P31010400001")), bookedDate: date,
            settlement: SettlementID(transaction.key), sequence: 1, time: 1,
            homeRegion: try #require(RegionCode(rawValue: 990_100)),
            institutionRegion: try #require(RegionCode(rawValue: 990_100)),
            insuranceType: .employee, amounts: split)
    }

    private func transaction(
        _ number: Int, _ fen: Int64, terminals: Int = 1
    ) throws -> DayTransaction {
        let name = terminals == 1 ? "T0000001" : "T00000\(10 + number % terminals)"
        return DayTransaction(
            key: RequestKey(
                terminal: try #require(TerminalID(name)), date: date,
                stan: UInt32(number / terminals + 1)),
            kind: .settle, total: Money(fen: fen), insured: Money(fen: fen / 2))
    }

    private func search(
        _ own: [DayTransaction], _ daemon: inout Daemon, _ limits: ReconciliationSearch.Limits
    ) throws -> [Difference] {
        let (terminal, date) = (terminal, date)
        var search = ReconciliationSearch(
            own, limits: limits, sha256: Self.sha256,
            weigh: { ranges in
                RequestEncoder.reconciliationDifferences(
                    RequestHeader(businessDate: date, stan: 0, terminalTime: 1_795_392_000),
                    date: date, scope: .institution, ranges: ranges, terminal: terminal
                ).count
            })
        while let ranges = search.next() { try search.take(try daemon.answer(ranges)) }
        return search.differences
    }

    private func plain(_ transaction: DayTransaction?) -> DayTransaction? {
        transaction.map {
            DayTransaction(key: $0.key, kind: $0.kind, total: $0.total, insured: $0.insured)
        }
    }

    private func plain(_ differences: [Difference]) -> [Difference] {
        differences.map { Difference(terminal: plain($0.terminal), daemon: plain($0.daemon)) }
    }

    @Test("of a hospital's 100,000 transactions the three that differ come in two requests")
    func hundredThousand() throws {
        var own = try (0..<100_000).map { try transaction($0, Int64($0), terminals: 20) }
        var rows = try own.map { try row($0) }
        let onlyDaemon = own.remove(at: 70_000)
        let onlyTerminal = rows.remove(at: 12_345).transaction
        rows[99_000].total += Money(fen: 1)
        let differing = rows[99_000].key
        rows.sort { $0.key < $1.key }
        var daemon = Daemon(
            rows: rows, terminal: terminal, date: date, bodyBytesMax: 65_528,
            differencesMax: 2000)
        let found = try search(own, &daemon, .init(bodyBytesMax: 65_528))
        #expect(Set(found.compactMap(\.key)) == [onlyDaemon.key, onlyTerminal.key, differing])
        #expect(found.contains { $0.terminal == nil && $0.daemon?.key == onlyDaemon.key })
        #expect(found.contains { $0.daemon == nil && $0.terminal?.key == onlyTerminal.key })
        #expect(daemon.requests == 2)
        #expect(daemon.bytesMax <= 65_528)
    }

    @Test("whatever differs is named once, for any two lists and any limits", arguments: 0..<150)
    func random(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let terminals = Int.random(in: 1...3, using: &generator)
        let size = Int.random(in: 0...300, using: &generator)
        var own: [DayTransaction] = []
        var rows: [DayRow] = []
        var expected: [RequestKey: Difference] = [:]
        let rate = [0, 1, 10, 50].randomElement(using: &generator) ?? 0
        for number in 0..<size {
            let one = try transaction(number * 3, Int64(number), terminals: terminals)
            var other = one
            switch Int.random(in: 0..<100, using: &generator) {
            case ..<rate:
                own.append(one)
                expected[one.key] = Difference(terminal: one, daemon: nil)
            case ..<(2 * rate) where rate < 50:
                rows.append(try row(one))
                expected[one.key] = Difference(terminal: nil, daemon: one)
            case 98... where rate > 0:
                other.total += Money(fen: 1)
                own.append(one)
                rows.append(try row(other))
                expected[one.key] = Difference(terminal: one, daemon: other)
            default:
                own.append(one)
                rows.append(try row(one))
            }
        }
        rows.sort { $0.key < $1.key }
        own.shuffle(using: &generator)
        var daemon = Daemon(
            rows: rows, terminal: terminal, date: date,
            bodyBytesMax: Int.random(in: 200...2000, using: &generator),
            differencesMax: Int.random(in: 1...50, using: &generator))
        let bodyBytesMax = Int.random(in: 200...2000, using: &generator)
        let found = try search(
            own, &daemon,
            .init(
                rangesMax: Int.random(in: 2...20, using: &generator),
                listedMax: Int.random(in: 1...40, using: &generator),
                rangeMin: Int.random(in: 1...10, using: &generator), bodyBytesMax: bodyBytesMax))
        #expect(plain(found) == expected.sorted { $0.key < $1.key }.map { plain([$0.value])[0] })
        #expect(daemon.bytesMax <= bodyBytesMax)
    }

    @Test("a terminal that has lost its list learns all of the day, in as few answers as it fits")
    func lostList() throws {
        let rows = try (0..<5000).map { try row(try transaction($0, 100)) }
        var daemon = Daemon(
            rows: rows, terminal: terminal, date: date, bodyBytesMax: 65_528,
            differencesMax: 2730)
        let found = try search([], &daemon, .init(bodyBytesMax: 65_528))
        #expect(found.count == 5000)
        #expect(daemon.requests < 10)
    }

    @Test("an answer that names a range which was not asked for, or more without any, is a fault")
    func nonsense() throws {
        func fault(_ ranges: [Int], _ hasMore: Bool) throws -> Bool {
            var search = ReconciliationSearch(
                [try transaction(1, 1)], limits: .init(bodyBytesMax: 1000), sha256: Self.sha256,
                weigh: { $0.count })
            _ = search.next()
            do {
                try search.take(
                    ReconciliationDifferencesContent(
                        date: date, scope: .terminal, differingRanges: ranges, differences: [],
                        hasMore: hasMore))
                return false
            } catch {
                return true
            }
        }
        #expect(try fault([1], false))
        #expect(try fault([-1], false))
        #expect(try fault([], true))
        #expect(try !fault([], false))
    }
}
