import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Reconciliation: exactly what differs")
struct DayReconciliationTests {
    static let keys = [(1, 1), (1, 2), (2, 1), (2, 7)].map { terminal, stan in
        RequestKey(
            terminal: Town.terminal("T000000\(terminal)"), date: Town.today, stan: UInt32(stan))
    }

    static func row(_ key: RequestKey, fen: Int64 = 100, kind: RequestKind = .settle) -> DayRow {
        var split = Split()
        split.total = Money(fen: fen)
        split.cash = Money(fen: 40)
        return DayRow(
            key: key, kind: kind, institution: Town.make("id") { InstitutionID("H99010000001") },
            bookedDate: Town.today, settlement: SettlementID(key), sequence: 1, time: 1,
            homeRegion: Town.region, institutionRegion: Town.region, insuranceType: .employee,
            amounts: split)
    }

    /// Of each key: not there, the same, another amount.
    enum Side: Int, CaseIterable { case absent, same, other }

    /// The answer, rows given in pages of this size.
    static func run(
        _ ranges: [ReconciledRange], daemon: [DayRow], page: Int, spans: Int = 2, max: Int = 1000
    ) throws -> DayReconciliation {
        var desk = try DayReconciliation(ranges, differencesMax: max, sha256: Town.digest)
        while true {
            let needed = desk.needed(limit: spans)
            if needed.isEmpty { return desk }
            for span in needed {
                let all = daemon.filter { row in
                    (span.after.map { row.key > $0 } ?? true) && row.key <= span.through ?? row.key
                }
                desk.take(all.prefix(page), of: span, isWhole: all.count <= page)
            }
        }
    }

    static func range(
        _ transactions: [DayTransaction], _ first: RequestKey?, _ last: RequestKey?, listed: Bool
    ) -> ReconciledRange {
        ReconciledRange(
            first: first, last: last,
            content: listed
                ? .list(transactions)
                : .digest(
                    count: UInt32(transactions.count),
                    digest: TransactionDigest.sum(transactions, sha256: Town.digest)))
    }

    /// What differs, found by looking at every key.
    static func model(_ terminal: [DayTransaction], _ daemon: [DayRow]) -> [Difference] {
        let ours = daemon.map(\.transaction)
        let all = Set(terminal.map(\.key)).union(ours.map(\.key)).sorted()
        return all.compactMap { key in
            let left = terminal.first { $0.key == key }
            let right = ours.first { $0.key == key }
            if let left, let right, left.kind == right.kind, left.total == right.total,
                left.insured == right.insured
            {
                return nil
            }
            return Difference(terminal: left, daemon: right)
        }
    }

    @Test("every state of four transactions, in every cut of their keys, by digest and by list")
    func exhaustive() throws {
        for daemonMask in 0..<16 {
            let daemon = Self.keys.indices.filter { daemonMask >> $0 & 1 == 1 }
                .map { Self.row(Self.keys[$0]) }
            for state in 0..<81 {
                let terminal = Self.terminal(state)
                for cuts in 0..<8 {
                    try check(terminal, daemon, cuts: cuts, page: 1 + (state + cuts) % 3)
                }
            }
        }
    }

    private static func terminal(_ state: Int) -> [DayTransaction] {
        var rest = state
        return keys.compactMap { key in
            defer { rest /= 3 }
            switch Side(rawValue: rest % 3) {
            case .same: return row(key).transaction
            case .other: return row(key, fen: 90).transaction
            case .absent, nil: return nil
            }
        }
    }

    private func check(
        _ terminal: [DayTransaction], _ daemon: [DayRow], cuts: Int, page: Int
    ) throws {
        // A cut after each of the first three keys or not; ranges in turn by list and by digest.
        var ranges: [ReconciledRange] = []
        var expected: [Difference] = []
        var differing: [Int] = []
        var start = 0
        for end in 0..<4 where end == 3 || cuts >> end & 1 == 1 {
            let keys = Set(Self.keys[start...end])
            let said = terminal.filter { keys.contains($0.key) }
            let differences = Self.model(said, daemon.filter { keys.contains($0.key) })
            let listed = (ranges.count + cuts) % 2 == 0
            if listed {
                expected.append(contentsOf: differences)
            } else if !differences.isEmpty {
                differing.append(ranges.count)
            }
            ranges.append(
                Self.range(
                    said, start == 0 ? nil : Self.keys[start], end == 3 ? nil : Self.keys[end],
                    listed: listed))
            start = end + 1
        }
        let desk = try Self.run(ranges, daemon: daemon, page: page)
        #expect(desk.differences == expected)
        #expect(desk.differingRanges == differing)
        #expect(desk.agrees == (expected.isEmpty && differing.isEmpty))
    }

    @Test("random days in random ranges are answered as by looking at every key")
    func random() throws {
        for round in 0..<200 as Range<UInt64> {
            var random = SplitMix(seed: round)
            let day = RandomDay(using: &random)
            let desk = try Self.run(
                day.ranges, daemon: day.daemon, page: Int.random(in: 1...9, using: &random),
                spans: Int.random(in: 1...4, using: &random))
            #expect(desk.differences == day.expected, "round \(round): \(day)")
            #expect(desk.differingRanges == day.differing, "round \(round): \(day)")
            #expect(!desk.hasMore)
        }
    }

    @Test("differences beyond the limit are not looked for, ranges by digest still are")
    func limited() throws {
        let keys = (1...20).map {
            RequestKey(terminal: Town.hospital, date: Town.today, stan: $0)
        }
        let daemon = keys.map { Self.row($0) }
        let ranges = [
            Self.range([], nil, keys[4], listed: true),
            Self.range([], keys[5], keys[9], listed: true),
            Self.range([], keys[10], keys[14], listed: false),
            Self.range(daemon[15...].map(\.transaction), keys[15], nil, listed: false),
        ]
        for page in [1, 3, 100] {
            let desk = try Self.run(ranges, daemon: daemon, page: page, max: 3)
            #expect(desk.differences.map { $0.daemon?.key } == Array(keys[..<3]))
            #expect(desk.hasMore && !desk.agrees)
            #expect(desk.differingRanges == [2])
        }
        let all = try Self.run(ranges, daemon: daemon, page: 4, max: 10)
        #expect(all.differences.count == 10 && !all.hasMore)
    }

    @Test("once there are too many differences, lists are not asked for any more")
    func stopsAsking() throws {
        let ranges = [
            Self.range([], nil, Self.keys[1], listed: true),
            Self.range([], Self.keys[2], Self.keys[2], listed: true),
            Self.range([], Self.keys[3], nil, listed: false),
        ]
        var desk = try DayReconciliation(ranges, differencesMax: 1, sha256: Town.digest)
        let spans = desk.needed(limit: 5)
        #expect(spans.map(\.through) == [Self.keys[1], Self.keys[2], nil])
        desk.take(Self.keys[..<2].map { Self.row($0) }, of: spans[0], isWhole: false)
        #expect(desk.needed(limit: 5) == [spans[2]])
        // What was asked for before and comes now is passed over.
        desk.take([Self.row(Self.keys[2])], of: spans[1], isWhole: true)
        desk.take([Self.row(Self.keys[3])], of: spans[2], isWhole: true)
        #expect(desk.needed(limit: 5).isEmpty)
        #expect(desk.differences.count == 1 && desk.hasMore && desk.differingRanges == [2])
    }

    @Test("a range differs by its count too, whatever its digest")
    func count() throws {
        let rows = Self.keys.map { Self.row($0) }
        let digest = TransactionDigest.sum(rows.map(\.transaction), sha256: Town.digest)
        for (count, differing) in [(4, []), (3, [0])] as [(UInt32, [Int])] {
            let range = ReconciledRange(
                first: nil, last: nil, content: .digest(count: count, digest: digest))
            #expect(try Self.run([range], daemon: rows, page: 3).differingRanges == differing)
        }
    }

    @Test("ranges that say nothing sensible are named")
    func faults() {
        let keys = Self.keys
        func fault(_ ranges: [ReconciledRange]) -> DayReconciliation.Fault? {
            do throws(DayReconciliation.Fault) {
                _ = try DayReconciliation(ranges, differencesMax: 5, sha256: Town.digest)
                return nil
            } catch {
                return error
            }
        }
        let first = Self.row(keys[0]).transaction
        let third = Self.row(keys[2]).transaction
        #expect(
            fault([Self.range([], keys[2], keys[1], listed: false)])
                == .endsBeforeItBegins(range: 0))
        #expect(
            fault([
                Self.range([], keys[1], nil, listed: false),
                Self.range([], nil, keys[1], listed: false),
            ]) == .overlaps(range: 1))
        #expect(
            fault([
                Self.range([], nil, nil, listed: false), Self.range([], nil, nil, listed: true),
            ]) == .overlaps(range: 1))
        #expect(
            fault([Self.range([first, third], keys[0], keys[1], listed: true)])
                == .outsideRange(range: 0, transaction: 1))
        #expect(
            fault([Self.range([third, first, third], nil, nil, listed: true)])
                == .listedTwice(range: 0, transaction: 2))
        #expect(fault([]) == nil)
        #expect(
            fault([
                Self.range([], keys[1], keys[1], listed: true),
                Self.range([], nil, keys[0], listed: true),
            ]) == nil)
    }

    @Test("the text that is digested is terminal, date, STAN, kind, total and insured")
    func text() {
        let key = RequestKey(terminal: Town.pharmacy, date: Town.today, stan: 42)
        let transaction = DayTransaction(
            key: key, kind: .reversal, total: Money(fen: -120_034), insured: Money(fen: 0))
        let text = Array("T0000001|20261123|42|21|-120034|0".utf8)
        #expect(
            TransactionDigest.of(transaction, sha256: Town.digest)
                == text.withUnsafeBytes(Town.digest).words.0)
        let longest = DayTransaction(
            key: RequestKey(terminal: Town.pharmacy, date: .last, stan: .max), kind: .reversal,
            total: Money(fen: .min), insured: Money(fen: .min))
        let longestText = Array(
            ("T0000001|\(CivilDate.last.yyyymmdd)|4294967295|21|-9223372036854775808|"
                + "-9223372036854775808").utf8)
        #expect(
            TransactionDigest.of(longest, sha256: Town.digest)
                == longestText.withUnsafeBytes(Town.digest).words.0)
        #expect(TransactionDigest.sum([], sha256: Town.digest) == 0)
    }

    @Test("totals count kinds apart, and agree where each count and sum does")
    func totals() {
        var totals = DayTotals()
        totals.take(Self.row(Self.keys[0], fen: 500))
        totals.take(Self.row(Self.keys[1], fen: 300))
        totals.take(Self.row(Self.keys[2], fen: 300, kind: .reversal))
        let settle = KindTotals(
            kind: .settle, count: 2, total: Money(fen: 800), insured: Money(fen: 720))
        let reversal = KindTotals(
            kind: .reversal, count: 1, total: Money(fen: 300), insured: Money(fen: 260))
        #expect(
            totals.totals
                == [settle, KindTotals(kind: .void), KindTotals(kind: .refund), reversal])
        #expect(totals.agree(with: [reversal, settle]))
        #expect(totals.agree(with: [reversal, settle, KindTotals(kind: .void)]))
        #expect(!totals.agree(with: [settle]))
        var other = settle
        other.insured = Money(fen: 721)
        #expect(!totals.agree(with: [other, reversal]))
        #expect(!totals.agree(with: [settle, reversal, KindTotals(kind: .quote)]))
        other = KindTotals(kind: .settle, count: .max, total: Money(fen: .max))
        #expect(!totals.agree(with: [other, other, reversal]))
        #expect(DayTotals().agree(with: []))
    }
}
