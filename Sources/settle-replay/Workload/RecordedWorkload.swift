import Ledger
import SettlementClient
import SettlementDomain

/// A recording made ready to be sent: each sale encoded, each request given to a role.
struct RecordedWorkload: Sendable {
    /// One request with its time.
    struct Entry: Sendable, Hashable {
        /// Microseconds after the start.
        var offset: UInt64
        var item: WorkItem
    }

    /// By the role of the terminal that asked, in the recording's order.
    private(set) var entries: [Role: [Entry]] = [:]
    /// By the same role.
    private(set) var templates: [Role: TemplateSet] = [:]

    /// All requests.
    var count: Int { entries.values.reduce(0) { $0 + $1.count } }

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
        var traces: UInt64 = 0
        for request in recording.requests {
            let role = recording.terminals[Int(request.terminal) - 1]
            var item: WorkItem
            switch request.content {
            case .echo: item = WorkItem(kind: .echo)
            case .status(let back): item = WorkItem(kind: .status, back: back)
            case .inquiry(let card):
                item = Self.item(.inquiry, card, cards)
            case .quote(let sale), .settle(let sale):
                let isQuote = if case .quote = request.content { true } else { false }
                item = Self.item(isQuote ? .quote : .settle, sale.card, cards)
                let request = Self.sale(sale, first.number, catalog, day) { () -> TraceCode? in
                    traces += 1
                    return TraceCode("R\(mark)-\(traces)")
                }
                let template = RequestTemplate(isQuote ? .quote : .settle, request)
                if isQuote {
                    item.template = Int32(templates[role]?.quotes.count ?? 0)
                    templates[role, default: TemplateSet()].quotes.append(template)
                } else {
                    item.template = Int32(templates[role]?.settles.count ?? 0)
                    templates[role, default: TemplateSet()].settles.append(template)
                    templates[role]?.bills.append(TemplateSet.Bill(request))
                }
            }
            entries[role, default: []].append(Entry(offset: request.offset, item: item))
        }
    }

    private static func item(
        _ kind: TransactionKind, _ card: RecordedCard, _ cards: [TestCard]
    ) -> WorkItem {
        WorkItem(
            kind: kind, card: Int32((Int(card.number) - 1) % cards.count), hasPIN: card.hasPIN)
    }

    private static func sale(
        _ sale: RecordedSale, _ card: CardNumber, _ catalog: Catalog?, _ day: CivilDate,
        _ nextTrace: () -> TraceCode?
    ) -> Sale {
        let serviceDay = day.adding(days: -Int(sale.serviceDaysBefore))
        let lines = sale.lines.map { line in
            let index = catalog?.index(of: line.code, on: serviceDay).map { UInt32($0) }
            return RequestLine(
                item: index.map { .index($0) } ?? .code(line.code), quantity: line.quantity,
                unitPrice: line.unitPrice, amount: line.amount,
                courseDays: line.courseDays == 0 ? nil : line.courseDays,
                traceCodes: (0..<line.traceCodes).compactMap { _ in nextTrace() })
        }
        return Sale(
            card: card, pin: nil, visitType: sale.visitType, lines: lines,
            catalogVersion: catalog?.version,
            serviceDate: sale.serviceDaysBefore == 0 ? nil : serviceDay,
            partialAllowed: sale.partialAllowed, accountLimit: sale.accountLimit)
    }
}
