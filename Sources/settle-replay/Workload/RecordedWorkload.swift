import Ledger
import SettlementClient
import SettlementDomain

/// A recording made ready to be sent: each sale encoded, each request given to a role, and those that
/// name each other put into chains.
struct RecordedWorkload: Sendable {
    /// One request with its time.
    struct Entry: Sendable, Hashable {
        /// Microseconds after the start.
        var offset: UInt64
        /// Its place in the recording.
        var position: Int
        var item: WorkItem
    }

    /// Requests that neither name another nor are named, by the role of the terminal that asked, in
    /// the recording's order.
    private(set) var entries: [Role: [Entry]] = [:]
    /// Requests that name each other, each chain in the recording's order, by the role of its first.
    private(set) var chains: [Role: [[Entry]]] = [:]
    /// By the same role.
    private(set) var templates: [Role: TemplateSet] = [:]
    /// Voids, refunds and copies of what is not in the recording.
    private(set) var leftOut = 0

    /// All requests.
    var count: Int { Set(entries.keys).union(chains.keys).reduce(0) { $0 + count(of: $1) } }

    /// All requests of a role.
    func count(of role: Role) -> Int {
        (entries[role]?.count ?? 0) + (chains[role]?.reduce(0) { $0 + $1.count } ?? 0)
    }

    /// Whether anything is undone.
    var undoes: Bool {
        chains.values.contains { $0.contains { $0.contains { $0.item.kind.undoes } } }
    }

    /// - Parameters:
    ///   - recording: what was recorded.
    ///   - cards: the cards that stand for the recorded ones.
    ///   - catalog: in which items are looked up; those it lacks go by code.
    ///   - day: the business date of the replay.
    ///   - mark: distinguishes this replay's trace codes from all others'.
    /// - Throws: `ReplayFault` where there are no cards.
    init(
        _ recording: Recording, cards: [TestCard], catalog: Catalog?, on day: CivilDate,
        mark: UInt64
    ) throws(ReplayFault) {
        guard let first = cards.first else { throw ReplayFault("no cards") }
        let names = RecordedNames(recording)
        var builder = SaleBuilder(card: first.number, catalog: catalog, day: day, mark: mark)
        var places: [Int32: Int] = [:]
        for (position, request) in recording.requests.enumerated() {
            let links = names.links(of: request)
            guard !links.isUnknown else {
                leftOut += 1
                continue
            }
            let role = links.chain.flatMap { names.roles[$0] } ?? names.role(of: request)
            var item = item(of: request, role, cards, &builder)
            item.name = links.name ?? -1
            item.original = links.original ?? -1
            let entry = Entry(offset: request.offset, position: position, item: item)
            guard let chain = links.chain else {
                entries[role, default: []].append(entry)
                continue
            }
            if let place = places[chain] {
                chains[role]?[place].append(entry)
            } else {
                places[chain] = chains[role]?.count ?? 0
                chains[role, default: []].append([entry])
            }
        }
    }

    private mutating func item(
        of request: RecordedRequest, _ role: Role, _ cards: [TestCard],
        _ builder: inout SaleBuilder
    ) -> WorkItem {
        func card(_ number: UInt32) -> Int32 { Int32((Int(number) - 1) % cards.count) }
        switch request.content {
        case .echo: return WorkItem(kind: .echo)
        case .status(let back): return WorkItem(kind: .status, back: back)
        case .statusOf: return WorkItem(kind: .status)
        case .copy: return WorkItem(kind: .copy)
        case .inquiry(let asked):
            return WorkItem(kind: .inquiry, card: card(asked.number), hasPIN: asked.hasPIN)
        case .quote(let recorded):
            let template = RequestTemplate(.quote, builder.sale(recorded, nil))
            let place = templates[role]?.quotes.count ?? 0
            templates[role, default: TemplateSet()].quotes.append(template)
            return WorkItem(
                kind: .quote, template: Int32(place), card: card(recorded.card.number),
                hasPIN: recorded.card.hasPIN)
        case .settle(let recorded):
            let sale = builder.sale(recorded, request.name)
            let place = templates[role]?.settles.count ?? 0
            templates[role, default: TemplateSet()].settles.append(RequestTemplate(.settle, sale))
            templates[role]?.bills.append(Bill(sale))
            return WorkItem(
                kind: .settle, template: Int32(place), card: card(recorded.card.number),
                hasPIN: recorded.card.hasPIN)
        case .void(let undoing), .refund(let undoing), .reversal(let undoing):
            let place = templates[role]?.undoings.count ?? 0
            templates[role, default: TemplateSet()].undoings.append(builder.undoing(undoing))
            var item = WorkItem(
                kind: .void, template: Int32(place), card: card(undoing.card), hasPIN: false)
            if case .refund = request.content { item.kind = .refund }
            if case .reversal = request.content { item.kind = .reversal }
            return item
        }
    }
}

/// Makes a recording's sales and undoings again, with the catalog in force and new trace codes.
private struct SaleBuilder {
    let card: CardNumber
    let catalog: Catalog?
    let day: CivilDate
    let mark: UInt64
    private var traces: UInt64 = 0
    /// The codes of a sale's lines.
    private var codes: [RecordedName: [[TraceCode]]] = [:]
    /// Those that no refund has named yet, where one has named any.
    private var left: [RecordedName: [[TraceCode]]] = [:]

    init(card: CardNumber, catalog: Catalog?, day: CivilDate, mark: UInt64) {
        self.card = card
        self.catalog = catalog
        self.day = day
        self.mark = mark
    }

    /// A sale; one that was recorded twice under a name gets the same codes again.
    mutating func sale(_ sale: RecordedSale, _ name: RecordedName?) -> Sale {
        let serviceDay = day.adding(days: -Int(sale.serviceDaysBefore))
        let known = name.flatMap { codes[$0] }
        var lines: [RequestLine] = []
        for (position, line) in sale.lines.enumerated() {
            let index = catalog?.index(of: line.code, on: serviceDay).map { UInt32($0) }
            let codes: [TraceCode] =
                if let known, known.indices.contains(position) { known[position] } else {
                    (0..<line.traceCodes).compactMap { _ in nextTrace() }
                }
            lines.append(
                RequestLine(
                    item: index.map { .index($0) } ?? .code(line.code), quantity: line.quantity,
                    unitPrice: line.unitPrice, amount: line.amount,
                    courseDays: line.courseDays == 0 ? nil : line.courseDays,
                    traceCodes: codes))
        }
        if let name, lines.contains(where: { !$0.traceCodes.isEmpty }) {
            codes[name] = lines.map(\.traceCodes)
        }
        return Sale(
            card: card, pin: nil, visitType: sale.visitType, lines: lines,
            catalogVersion: catalog?.version,
            serviceDate: sale.serviceDaysBefore == 0 ? nil : serviceDay,
            partialAllowed: sale.partialAllowed, accountLimit: sale.accountLimit)
    }

    /// An undoing; a refund's counted codes are the sale's first ones that are left.
    mutating func undoing(_ undoing: RecordedUndoing) -> UndoingTemplate {
        var left = self.left[undoing.original] ?? codes[undoing.original] ?? []
        let lines = undoing.lines.map { line in
            let place = Int(line.line)
            var named: [TraceCode] = []
            if left.indices.contains(place) {
                named = Array(left[place].prefix(Int(line.traceCodes)))
                left[place].removeFirst(named.count)
            }
            return RefundLine(line: place, quantity: line.quantity, traceCodes: named)
        }
        if !left.isEmpty { self.left[undoing.original] = left }
        return UndoingTemplate(total: undoing.total, lines: lines)
    }

    private mutating func nextTrace() -> TraceCode? {
        traces += 1
        return TraceCode("R\(mark)-\(traces)")
    }
}
