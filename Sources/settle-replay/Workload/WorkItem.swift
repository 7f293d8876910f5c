import Ledger
import SettlementClient
import SettlementDomain

/// One request of the workload, before it has a key.
struct WorkItem: Sendable, Hashable {
    /// What it is.
    var kind: TransactionKind
    /// Of a sale: which template.
    var template: Int32 = 0
    /// Which card of the card file.
    var card: Int32 = 0
    /// Whether a PIN block goes with it.
    var hasPIN = true
    /// Of a status: which of the connection's keyed requests before it; of a refund or copy, which
    /// sale.
    var back: UInt32 = 1
    /// Of a sale: what befalls it.
    var fault = Fault.none
}

/// The sales of a role, encoded once.
struct TemplateSet: Sendable {
    var quotes: [RequestTemplate] = []
    var settles: [RequestTemplate] = []
    /// Of each settle, what an undoing must know.
    var bills: [Bill] = []

    /// A sale's total, fen, and how many lines it has.
    struct Bill: Sendable {
        var total: Int64
        var lines: Int

        init(_ sale: Sale) {
            total = sale.total.fen
            lines = sale.lines.count
        }
    }

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

/// Why a run cannot start or go on: one sentence.
struct ReplayFault: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
