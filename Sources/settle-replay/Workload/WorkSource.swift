/// Where the requests of a lane come from.
enum WorkSource: Sendable {
    case generated(GeneratedWork)
    case recorded(RecordedWork)

    /// The next request; nil where there are no more.
    mutating func next() -> WorkItem? {
        switch self {
        case .generated(var work):
            let item = work.next()
            self = .generated(work)
            return item
        case .recorded(var work):
            // Taken out first, so that the list is not copied.
            self = .generated(.none)
            let item = work.next()
            self = .recorded(work)
            return item
        }
    }
}

/// Requests drawn from a mix, cards and sales evenly, for ever.
struct GeneratedWork: Sendable {
    private let mix: TransactionMix
    private let faults: FaultPlan
    private let templates: Int
    private let cards: Int
    private var random: SeededGenerator

    static let none = GeneratedWork(
        mix: .settles, faults: .none, templates: 0, cards: 0, seed: 0, part: 0)

    /// - Parameters:
    ///   - mix: of what kinds.
    ///   - faults: what befalls requests for money.
    ///   - templates: how many sales there are to choose from.
    ///   - cards: how many cards there are.
    ///   - seed: of the whole run.
    ///   - part: which lane of it.
    init(
        mix: TransactionMix, faults: FaultPlan = .none, templates: Int, cards: Int, seed: UInt64,
        part: UInt64
    ) {
        self.mix = mix
        self.faults = faults
        self.templates = templates
        self.cards = cards
        random = SeededGenerator(seed: seed, part: part)
    }

    mutating func next() -> WorkItem? {
        guard cards > 0 else { return nil }
        let kind = mix.kind(at: random.below(100))
        let card = Int32(truncatingIfNeeded: random.below(cards))
        guard let kind else { return wrong(card) }
        var item = WorkItem(kind: kind, card: card)
        if kind == .settle || kind == .quote || kind.undoes || kind == .copy {
            item.template = Int32(truncatingIfNeeded: random.below(templates))
        }
        if kind.undoes || kind == .copy { item.back = UInt32(random.below(1 << 16)) }
        if kind.movesMoney, !faults.isEmpty {
            let fault = faults.fault(at: random.below(1000))
            if kind == .settle || fault.strikesUndoings, kind != .reversal { item.fault = fault }
        }
        return item
    }

    /// A void, refund or reversal that must be refused.
    private mutating func wrong(_ card: Int32) -> WorkItem {
        let kinds: [TransactionKind] = [.void, .refund, .reversal]
        var item = WorkItem(kind: kinds[random.below(kinds.count)], card: card)
        item.template = Int32(truncatingIfNeeded: random.below(templates))
        item.back = UInt32(random.below(1 << 16))
        item.wrong = Wrong(rawValue: UInt8(1 + random.below(Wrong.allCases.count - 1))) ?? .amount
        return item
    }
}

/// A lane's requests of a recording, once, in order.
struct RecordedWork: Sendable {
    private let items: [WorkItem]
    private var position = 0

    init(_ items: [WorkItem]) {
        self.items = items
    }

    mutating func next() -> WorkItem? {
        guard position < items.count else { return nil }
        defer { position += 1 }
        return items[position]
    }
}
