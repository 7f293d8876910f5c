import SettlementDomain

/// Finds where a terminal's transactions of a date and the daemon's differ.
///
/// It says which rows it needs next and is given them page by page, only from ranges that the
/// terminal named; it has no store, and holds no more than the terminal's lists and what differs.
/// - Source: Protocol/Reconciliation.md, "Differences".
public struct DayReconciliation: Sendable {
    /// Ranges that say nothing sensible: the position of the range in the request, from 0, and in
    /// its list.
    public enum Fault: Error, Sendable, Hashable {
        /// Its last key comes before its first.
        case endsBeforeItBegins(range: Int)
        /// A key lies in this range and in another.
        case overlaps(range: Int)
        /// A listed transaction lies outside the range.
        case outsideRange(range: Int, transaction: Int)
        /// A transaction is listed twice.
        case listedTwice(range: Int, transaction: Int)
    }

    /// Rows of one range: those after one key and up to another.
    public struct Span: Sendable, Hashable {
        /// Rows come after this key; nil: from the beginning.
        public var after: RequestKey?
        /// The last key that counts; nil: to the end.
        public var through: RequestKey?

        /// Creates a span of its ends.
        public init(after: RequestKey?, through: RequestKey?) {
            self.after = after
            self.through = through
        }
    }

    private struct Range {
        var position: Int
        var span: Span
        var content: ReconciledRange.Content
    }

    /// Positions of the ranges by digest that differ, ascending.
    public var differingRanges: [Int] { differing.sorted() }
    /// What differs within ranges by list, in the order of keys.
    public private(set) var differences: [Difference] = []
    /// Whether there may be more than `differences`: what was beyond the limit was not looked for.
    public private(set) var hasMore = false

    private let differencesMax: Int
    private let sha256: SHA256Function
    /// In the order of keys.
    private var ranges: [Range] = []
    private var place = 0
    private var differing: [Int] = []
    /// Of the range at hand: how many of the terminal's list are done, or the daemon's digest.
    private var listed = 0
    private var count: UInt64 = 0
    private var digest: UInt64 = 0

    /// Begins with what a terminal says.
    ///
    /// - Parameters:
    ///   - terminal: its ranges, in any order; lists in any order too.
    ///   - differencesMax: as many differences are found, at least 1.
    ///   - sha256: for digests.
    /// - Throws: what is wrong with the ranges.
    public init(
        _ terminal: [ReconciledRange], differencesMax: Int, sha256: @escaping SHA256Function
    ) throws(Fault) {
        self.differencesMax = max(1, differencesMax)
        self.sha256 = sha256
        for (position, range) in terminal.enumerated() {
            ranges.append(try Self.checked(range, at: position))
        }
        ranges.sort { Self.begins($0.span, before: $1.span) }
        for (left, right) in zip(ranges, ranges.dropFirst()) {
            guard let through = left.span.through, let after = right.span.after, through <= after
            else { throw .overlaps(range: max(left.position, right.position)) }
        }
        skipWhatIsNotWanted()
    }

    /// Whether terminal and daemon agree in all ranges; once nothing is needed any more.
    public var agrees: Bool { differing.isEmpty && differences.isEmpty && !hasMore }

    /// What is needed next, at most `limit` spans, in the order of keys; empty: nothing any more.
    public func needed(limit: Int) -> [Span] {
        ranges[place...].lazy.filter { self.isWanted($0) }.prefix(limit).map(\.span)
    }

    /// Takes the first rows of a span, in the order of keys; `isWhole` where it has no others.
    ///
    /// Rows of another span than the one needed next are passed over.
    public mutating func take(_ rows: some Collection<DayRow>, of span: Span, isWhole: Bool) {
        guard place < ranges.count, ranges[place].span == span else { return }
        for row in rows {
            take(row.transaction)
            ranges[place].span.after = row.key
        }
        if isWhole { finishRange() }
        skipWhatIsNotWanted()
    }
}

extension DayReconciliation {
    private static func checked(
        _ range: ReconciledRange, at position: Int
    ) throws(Fault) -> Range {
        if let first = range.first, let last = range.last, last < first {
            throw .endsBeforeItBegins(range: position)
        }
        let span = Span(after: range.first?.before, through: range.last)
        guard case .list(let list) = range.content else {
            return Range(position: position, span: span, content: range.content)
        }
        for (index, transaction) in list.enumerated() {
            let key = transaction.key
            guard key >= range.first ?? key, key <= range.last ?? key else {
                throw .outsideRange(range: position, transaction: index)
            }
        }
        let order = list.indices.sorted { list[$0].key < list[$1].key }
        for (left, right) in zip(order, order.dropFirst()) where list[left].key == list[right].key {
            throw .listedTwice(range: position, transaction: max(left, right))
        }
        return Range(position: position, span: span, content: .list(order.map { list[$0] }))
    }

    private static func begins(_ left: Span, before right: Span) -> Bool {
        guard let after = right.after else { return false }
        return left.after.map { $0 < after } ?? true
    }

    /// A list beyond the limit is not looked at any more.
    private func isWanted(_ range: Range) -> Bool {
        if case .list = range.content { return !hasMore }
        return true
    }

    private mutating func skipWhatIsNotWanted() {
        while place < ranges.count, !isWanted(ranges[place]) { beginNextRange() }
    }

    private mutating func take(_ daemon: DayTransaction) {
        switch ranges[place].content {
        case .digest:
            count += 1
            digest &+= TransactionDigest.of(daemon, sha256: sha256)
        case .list(let list):
            while listed < list.count, list[listed].key < daemon.key {
                note(Difference(terminal: list[listed], daemon: nil))
                listed += 1
            }
            guard listed < list.count, list[listed].key == daemon.key else {
                return note(Difference(terminal: nil, daemon: daemon))
            }
            if !list[listed].isSame(as: daemon) {
                note(Difference(terminal: list[listed], daemon: daemon))
            }
            listed += 1
        }
    }

    private mutating func finishRange() {
        switch ranges[place].content {
        case .digest(let count, let digest):
            if self.count != UInt64(count) || self.digest != digest {
                differing.append(ranges[place].position)
            }
        case .list(let list):
            for transaction in list[listed...] {
                note(Difference(terminal: transaction, daemon: nil))
            }
        }
        beginNextRange()
    }

    private mutating func beginNextRange() {
        listed = 0
        count = 0
        digest = 0
        place += 1
    }

    private mutating func note(_ difference: Difference) {
        if differences.count < differencesMax {
            differences.append(difference)
        } else {
            hasMore = true
        }
    }
}

extension DayTransaction {
    /// Whether kind and amounts are those of another transaction with this key.
    fileprivate func isSame(as other: DayTransaction) -> Bool {
        kind == other.kind && total == other.total && insured == other.insured
    }
}

extension RequestKey {
    /// A key after which this one is the first: no request has the STAN 0.
    fileprivate var before: RequestKey {
        RequestKey(terminal: terminal, date: date, stan: stan == 0 ? 0 : stan - 1)
    }
}
