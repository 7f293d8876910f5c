/// A question that changes nothing and is not recorded.
enum ModelQuestion {
    /// What became of a request of the same terminal.
    case status(ModelKey)
    /// Whether the terminal's totals of a date are the daemon's.
    case totals(ModelBooks, claimed: [ModelTotals])
    /// The date's transactions after a key, at most so many.
    case details(ModelBooks, after: ModelKey?, count: Int)
    /// Where the terminal's transactions of a date differ from the daemon's.
    case differences(ModelBooks, ranges: [ModelRange])
    /// What a query that was let in is answered.
    case records(ModelQuery)
    /// What a stay consists of, in the numbers of `AdmissionView`.
    case stay(ModelKey, view: Int)
}

/// Whose transactions of which date.
struct ModelBooks {
    var terminal: Int
    /// Those of all terminals of its institution.
    var isOfInstitution: Bool
    var day: Int
}

struct ModelTotals: Equatable {
    var kind: Int
    var count = 0
    var total = 0
    var insured = 0
}

/// A request that had an effect, as reconciliation counts it.
struct ModelTransaction: Equatable {
    var key: ModelKey
    var kind: Int
    var total: Int
    var insured: Int
}

struct ModelRange {
    enum Content {
        case digest(count: Int, UInt64)
        case list([ModelTransaction])
    }

    var first: ModelKey?
    var last: ModelKey?
    var content: Content
}

struct ModelDifference: Equatable {
    var terminal: ModelTransaction?
    var daemon: ModelTransaction?
}

/// What a question may be answered.
enum ModelReply: Equatable {
    /// By the numbers of `OriginalState`; with a recorded answer that one besides.
    case status(state: Int, kind: Int, reason: Int)
    case totals([ModelTotals], agrees: Bool)
    case details([ModelTransaction], hasMore: Bool)
    case differences(ranges: [Int], [ModelDifference])
    case stay(ModelTold, rows: [[Int]])
    case records(ModelRecords)
}

extension ModelKey: Comparable {
    static func < (left: ModelKey, right: ModelKey) -> Bool {
        (left.terminal, left.day, left.stan) < (right.terminal, right.day, right.stan)
    }
}

/// Protocol/Undoing.md, "The life of a settlement", and Protocol/Reconciliation.md.
extension Model {
    /// The answer at this moment.
    func reply(to question: ModelQuestion, digest: (ModelTransaction) -> UInt64) -> ModelReply {
        switch question {
        case .status(let key): return status(of: key)
        case .totals(let books, let claimed):
            let totals = totals(of: books)
            return .totals(totals, agrees: totals == claimed.filter { $0.count > 0 })
        case .details(let books, let after, let count):
            let behind = transactions(of: books).filter { $0.key.isBehind(after) }
            return .details(Array(behind.prefix(count)), hasMore: behind.count > count)
        case .differences(let books, let ranges):
            return differences(in: ranges, of: books, digest: digest)
        case .stay(let key, let view): return details(of: key, view)
        case .records(let query): return .records(records(for: query))
        }
    }

    /// Each row in numbers: of uploads day, lines, total and whether it is cancelled; of lines
    /// upload, day, quantity and amount; of parts line, reason, amount and who pays.
    private func details(of key: ModelKey, _ view: Int) -> ModelReply {
        guard let stay = stays[key] else {
            return .stay(
                .stay(.cancelled, uploads: 0, lines: 0, total: 0, settlement: nil, upload: nil),
                rows: [])
        }
        let told = ModelTold.stay(
            stay.state, uploads: stay.uploads.count, lines: stay.standing.count, total: stay.total,
            settlement: stay.settlement, upload: nil)
        switch view {
        case 0:
            return .stay(
                told,
                rows: stay.uploads.map {
                    [$0.day, $0.lines.count, $0.total, $0.isCancelled ? 1 : 0, $0.key.stan]
                })
        case 1:
            return .stay(
                told,
                rows: stay.standing.map {
                    [$0.upload, $0.line.day ?? 0, $0.line.thousandths, $0.line.amount]
                })
        default:
            let parts = stay.settlement.flatMap { sales[$0] }?.now.split.parts ?? []
            return .stay(
                told,
                rows: parts.map {
                    [$0.line, $0.reason, $0.amount, $0.pooled, $0.account, $0.family, $0.cash]
                })
        }
    }

    /// The rows of a date, in the order of keys.
    func transactions(of books: ModelBooks) -> [ModelTransaction] {
        records.keys.sorted().filter { key in
            books.isOfInstitution
                ? terminals[key.terminal] == terminals[books.terminal]
                : key.terminal == books.terminal
        }.compactMap { key in
            records[key].flatMap { $0.booked == books.day ? transaction(key, $0) : nil }
        }
    }

    /// Whether an institution is still owed so much for a date that has ended.
    func isOwed(_ clearing: ModelClearing) -> Bool {
        clearing.day < today && owed(clearing.institution, for: clearing.day) == clearing.amount
            && !cleared.contains {
                $0.institution == clearing.institution && $0.day == clearing.day
            }
    }

    /// "What the agency owes the institution for a date".
    func owed(_ institution: Int, for day: Int) -> Int {
        guard let terminal = terminals.firstIndex(of: institution) else { return 0 }
        let books = ModelBooks(terminal: terminal, isOfInstitution: true, day: day)
        return transactions(of: books)
            .reduce(0) { $0 + ($1.kind == 0x12 ? $1.insured : -$1.insured) }
    }

    func totals(of books: ModelBooks) -> [ModelTotals] {
        let transactions = transactions(of: books)
        return [0x12, 0x13, 0x14, 0x15].compactMap { kind in
            let those = transactions.filter { $0.kind == kind }
            guard !those.isEmpty else { return nil }
            return ModelTotals(
                kind: kind, count: those.count, total: those.reduce(0) { $0 + $1.total },
                insured: those.reduce(0) { $0 + $1.insured })
        }
    }

    /// "What counts": nil for a request that had no effect.
    private func transaction(_ key: ModelKey, _ record: ModelRecord) -> ModelTransaction? {
        guard record.isApproved, let split = record.answer.split else { return nil }
        let kind: Int
        switch record.request {
        case .bill(_, settles: true), .stay(.discharge(_, settles: true)): kind = 0x12
        case .void where record.answer.reason == 0: kind = 0x13
        case .refund where record.answer.reason == 0: kind = 0x14
        case .reversal where record.answer.reason == 0: kind = 0x15
        default: return nil
        }
        return ModelTransaction(
            key: key, kind: kind, total: split.total, insured: split.total - split.cash)
    }

    private func differences(
        in ranges: [ModelRange], of books: ModelBooks, digest: (ModelTransaction) -> UInt64
    ) -> ModelReply {
        let all = transactions(of: books)
        var differing: [Int] = []
        var found: [ModelDifference] = []
        for (place, range) in ranges.enumerated() {
            let ours = all.filter {
                $0.key >= range.first ?? $0.key && $0.key <= range.last ?? $0.key
            }
            switch range.content {
            case .digest(let count, let sum):
                if ours.count != count || ours.reduce(0, { $0 &+ digest($1) }) != sum {
                    differing.append(place)
                }
            case .list(let theirs):
                for key in Set(ours.map(\.key) + theirs.map(\.key)).sorted() {
                    let difference = ModelDifference(
                        terminal: theirs.first { $0.key == key },
                        daemon: ours.first { $0.key == key })
                    if difference.terminal != difference.daemon { found.append(difference) }
                }
            }
        }
        let ordered = found.sorted { left, right in
            guard let left = left.terminal?.key ?? left.daemon?.key,
                let right = right.terminal?.key ?? right.daemon?.key
            else { return false }
            return left < right
        }
        return .differences(ranges: differing, ordered)
    }

    private func status(of key: ModelKey) -> ModelReply {
        guard let record = records[key] else {
            return tombstones.contains(key)
                ? .status(state: 5, kind: 0, reason: 500) : .status(state: 1, kind: 0, reason: 0)
        }
        return .status(state: state(of: key, record), kind: record.request.kind, reason: 0)
    }

    /// By the numbers of `OriginalState`.
    private func state(of key: ModelKey, _ record: ModelRecord) -> Int {
        guard record.isApproved else { return 4 }
        switch record.request {
        case .bill(_, settles: true), .stay(.discharge(_, settles: true)):
            return sales[key].map { Self.number($0.now.state) } ?? 4
        case .void(let sale, _, _), .refund(let sale, _, _, _):
            let isTakenBack = sales[sale]?.steps.contains { $0.reverses == key } ?? false
            return isTakenBack ? 5 : 3
        default: return 3
        }
    }

    private static func number(_ state: ModelSale.State) -> Int {
        switch state {
        case .settled: 3
        case .reversed: 5
        case .voided: 6
        case .refunded: 7
        case .partlyRefunded: 8
        }
    }
}

extension ModelKey {
    fileprivate func isBehind(_ other: ModelKey?) -> Bool { other.map { $0 < self } ?? true }
}

extension ModelRequest {
    /// The number of the frame's kind.
    var kind: Int {
        switch self {
        case .bill(_, let settles): settles ? 0x12 : 0x11
        case .inquiry: 0x10
        case .void: 0x13
        case .refund: 0x14
        case .reversal: 0x15
        case .card(let service):
            switch service.step {
            case .changePIN: 0x40
            case .reportLoss: 0x41
            case .withdrawLoss: 0x42
            case .reissue: 0x43
            case .unlockPIN: 0x44
            }
        case .family(let step): step.terms == nil ? 0x39 : 0x38
        case .payment: 0x30
        case .declaration: 0x31
        case .claim(let step):
            switch step {
            case .submit: 0x48
            case .review: 0x49
            case .decide: 0x4a
            case .pay: 0x4b
            }
        case .query(let query):
            switch query.what {
            case .transactions: 0x20
            case .months: 0x21
            case .contributions: 0x22
            case .family: 0x3a
            case .accesses: 0x24
            }
        case .stay(let step):
            switch step {
            case .admit: 0x18
            case .upload: 0x19
            case .cancel: 0x1a
            case .discharge(_, let settles): settles ? 0x1b : 0x1c
            }
        }
    }
}
