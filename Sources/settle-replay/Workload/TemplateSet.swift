import Ledger
import SettlementClient
import SettlementDomain

/// The sales of a role, encoded once.
struct TemplateSet: Sendable {
    var quotes: [RequestTemplate] = []
    var settles: [RequestTemplate] = []
    /// Of each settle, what an undoing must know.
    var bills: [Bill] = []

    /// Of a recording's voids, refunds and reversals, what they say beside key and card.
    var undoings: [UndoingTemplate] = []

    /// A role's generated sales.
    ///
    /// - Throws: a sentence where the catalog has nothing that the role may supply.
    static func generated(
        _ role: Role, _ catalog: Catalog, on day: CivilDate, _ shape: SaleShape, seed: UInt64,
        card: CardNumber
    ) throws(ReplayFault) -> TemplateSet {
        guard
            var generator = SaleGenerator(
                role: role, catalog: catalog, on: day, shape: shape, seed: seed)
        else {
            throw ReplayFault("catalog \(catalog.version) has no item that a \(role.name) supplies")
        }
        var set = TemplateSet()
        for _ in 0..<shape.variety {
            let sale = generator.next(card: card)
            set.quotes.append(RequestTemplate(.quote, sale))
            set.settles.append(RequestTemplate(.settle, sale))
            set.bills.append(Bill(sale))
        }
        return set
    }
}

/// What an undoing must know of a sale.
struct Bill: Sendable, Hashable {
    /// One line.
    struct Line: Sendable, Hashable {
        var quantity: Quantity
        var unitPrice: UnitPrice
        var amount: Money

        /// What is charged where so much of it remains.
        ///
        /// - Source: Protocol/Undoing.md, "What remains of a line".
        func amount(remaining: Quantity) -> Money {
            if remaining == quantity { return amount }
            guard remaining > .zero else { return .zero }
            return min(amount, unitPrice.amount(for: remaining) ?? amount)
        }
    }

    /// The sale's total.
    var total: Money
    var lines: [Line]

    init(_ sale: Sale) {
        total = sale.total
        lines = sale.lines.map {
            Line(quantity: $0.quantity, unitPrice: $0.unitPrice, amount: $0.amount)
        }
    }
}

/// A recorded void, refund or reversal without key, card and original.
struct UndoingTemplate: Sendable, Hashable {
    /// The total that it names; nil: none.
    var total: Money?
    /// Of a refund: what comes back.
    var lines: [RefundLine] = []
}
