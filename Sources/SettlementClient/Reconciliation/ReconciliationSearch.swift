import Ledger
import SettlementProtocol

/// Finds where a terminal's transactions of a date and the daemon's differ, in few requests.
///
/// It says which ranges to send next and takes the answer; it has no connection. What agrees is
/// never listed, unless it is one of a few.
/// - Source: Protocol/Reconciliation.md, "A way that needs few frames".
struct ReconciliationSearch {
    /// How much a request may hold.
    struct Limits {
        /// The most ranges.
        var rangesMax = ReconciliationDifferencesRequest.rangesMax
        /// So many transactions are listed at once; more are compared by digest first.
        var listedMax = 1500
        /// A range by digest has at least so many transactions.
        var rangeMin = 50
        /// The longest body.
        var bodyBytesMax: Int
    }

    /// An answer that cannot be one to the ranges that were sent: what is wrong with it.
    struct Fault: Error {
        var problem: String
    }

    /// A run of the terminal's transactions, and of the keys around them.
    fileprivate struct Piece {
        var first: RequestKey?
        var last: RequestKey?
        var own: Range<Int>
    }

    /// What differs as far as it is known, in the order of keys once nothing is left to ask.
    private(set) var differences: [Difference] = []

    private let own: [DayTransaction]
    private let limits: Limits
    private let sha256: SHA256Function
    private let weigh: ([ReconciledRange]) -> Int
    private var toDigest: [Piece] = []
    private var toList: [Piece] = []
    private var asked: [Piece] = []

    /// Begins with the terminal's whole day.
    ///
    /// - Parameters:
    ///   - transactions: in any order; of several with one key the last counts.
    ///   - limits: how much a request may hold.
    ///   - sha256: for digests.
    ///   - weigh: the bytes of a request's body with these ranges.
    init(
        _ transactions: [DayTransaction], limits: Limits, sha256: @escaping SHA256Function,
        weigh: @escaping ([ReconciledRange]) -> Int
    ) {
        var byKey: [RequestKey: DayTransaction] = [:]
        for transaction in transactions { byKey[transaction.key] = transaction }
        own = byKey.values.sorted { $0.key < $1.key }
        self.limits = limits
        self.sha256 = sha256
        self.weigh = weigh
        add(Piece(first: nil, last: nil, own: own.indices))
    }

    /// The ranges of the next request; nil: nothing is left to ask.
    mutating func next() -> [ReconciledRange]? {
        let isDigest = !toDigest.isEmpty
        var waiting = isDigest ? toDigest : toList
        var ranges: [ReconciledRange] = []
        var room = limits.bodyBytesMax - weigh([])
        asked = []
        var taken = 0
        while taken < waiting.count, ranges.count < limits.rangesMax {
            let range = range(waiting[taken], byDigest: isDigest)
            let weight = weigh([range]) - weigh([])
            if weight > room, !ranges.isEmpty { break }
            if weight > room, !isDigest, waiting[taken].own.count > 1 {
                // Even alone it is too long: it is cut, and its first half is tried.
                waiting.replaceSubrange(taken...taken, with: cut(waiting[taken], into: 2))
                continue
            }
            room -= weight
            ranges.append(range)
            asked.append(waiting[taken])
            taken += 1
        }
        waiting.removeFirst(taken)
        if isDigest { toDigest = waiting } else { toList = waiting }
        guard !ranges.isEmpty else {
            differences.sort(by: Self.comesFirst)
            return nil
        }
        return ranges
    }

    /// Takes the answer to the ranges that `next` gave last.
    mutating func take(_ answer: ReconciliationDifferencesContent) throws(Fault) {
        let asked = self.asked
        self.asked = []
        for position in Set(answer.differingRanges).sorted() {
            guard asked.indices.contains(position) else {
                throw Fault(problem: "range \(position) was not asked for")
            }
            add(asked[position])
        }
        differences += answer.differences
        guard answer.hasMore else { return }
        // The answer names differences in the order of keys: what lies behind the last is not known.
        guard let reached = answer.differences.last?.key,
            asked.contains(where: { $0.covers(reached) })
        else { throw Fault(problem: "it has more differences, and names none") }
        toList = asked.compactMap { rest(of: $0, behind: reached) } + toList
    }

    /// Queues a piece: as a list where it is short, else as ranges by digest.
    private mutating func add(_ piece: Piece) {
        guard piece.own.count > limits.listedMax else {
            toList.append(piece)
            return
        }
        let size = max(
            limits.rangeMin, (piece.own.count + limits.rangesMax - 1) / limits.rangesMax)
        toDigest += cut(piece, into: max(2, (piece.own.count + size - 1) / size))
    }

    /// Cuts a piece of two transactions or more into pieces of equal count that leave no key out.
    private func cut(_ piece: Piece, into count: Int) -> [Piece] {
        var result: [Piece] = []
        var rest = piece
        for part in 1..<count {
            let end = piece.own.lowerBound + piece.own.count * part / count
            guard end > rest.own.lowerBound else { continue }
            let last = own[end].key.predecessor ?? own[end - 1].key
            result.append(
                Piece(first: rest.first, last: last, own: rest.own.lowerBound..<end))
            rest.first = own[end].key
            rest.own = end..<piece.own.upperBound
        }
        return result + [rest]
    }

    /// What is left of a listed piece once all differences up to a key are known.
    private func rest(of piece: Piece, behind key: RequestKey) -> Piece? {
        if let last = piece.last, last <= key { return nil }
        guard let next = key.successor else { return nil }
        if let first = piece.first, next <= first { return piece }
        let start = own[piece.own].firstPlace { $0.key >= next }
        return Piece(first: next, last: piece.last, own: start..<piece.own.upperBound)
    }

    private static func comesFirst(_ left: Difference, _ right: Difference) -> Bool {
        guard let first = left.key, let second = right.key else { return false }
        return first < second
    }

    private func range(_ piece: Piece, byDigest: Bool) -> ReconciledRange {
        let transactions = own[piece.own]
        return ReconciledRange(
            first: piece.first, last: piece.last,
            content: byDigest
                ? .digest(
                    count: UInt32(clamping: transactions.count),
                    digest: TransactionDigest.sum(transactions, sha256: sha256))
                : .list(Array(transactions)))
    }
}

extension ReconciliationSearch.Piece {
    fileprivate func covers(_ key: RequestKey) -> Bool {
        (first.map { $0 <= key } ?? true) && (last.map { key <= $0 } ?? true)
    }
}

extension Difference {
    /// The key of the transaction on which both sides differ.
    var key: RequestKey? { terminal?.key ?? daemon?.key }
}

extension RequestKey {
    /// The key right before this one among those of the same terminal; nil where there is none.
    fileprivate var predecessor: RequestKey? {
        if stan > 1 { return RequestKey(terminal: terminal, date: date, stan: stan - 1) }
        guard date > .first else { return nil }
        return RequestKey(
            terminal: terminal, date: date.adding(days: -1), stan: RequestKey.stanMax)
    }

    /// The key right behind this one among those of the same terminal; nil where there is none.
    fileprivate var successor: RequestKey? {
        if stan < RequestKey.stanMax {
            return RequestKey(terminal: terminal, date: date, stan: stan + 1)
        }
        guard date < .last else { return nil }
        return RequestKey(terminal: terminal, date: date.adding(days: 1), stan: 1)
    }
}
