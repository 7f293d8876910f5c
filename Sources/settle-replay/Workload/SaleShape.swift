import Ledger
import SettlementClient
import SettlementDomain

/// What the generated sales look like.
struct SaleShape: Sendable, Hashable {
    /// How many lines a sale has, evenly among these.
    var lines: ClosedRange<Int> = 3...3
    /// Of a hundred sales, how many allow partial approval.
    var partialPercent = 100
    /// Different sales a role; a request takes one of them at random.
    var variety = 2048
    /// The highest price of a unit that has no ceiling, in fen.
    var priceMax = 6000
}

/// Makes sales over a catalog from a seed, as an institution of a role would.
struct SaleGenerator {
    private let shape: SaleShape
    private let role: Role
    private let version: CatalogVersion
    private let candidates: [(index: UInt32, entry: CatalogEntry)]
    private var random: SeededGenerator

    /// Creates a generator; nil where the catalog has nothing that the role may supply on the day.
    init?(
        role: Role, catalog: Catalog, on day: CivilDate, shape: SaleShape, seed: UInt64
    ) {
        self.shape = shape
        self.role = role
        version = catalog.version
        random = SeededGenerator(seed: seed, part: UInt64(role.rawValue))
        candidates = catalog.entries.enumerated().compactMap { index, entry in
            entry.isEffective(on: day) && Self.supplies(role, entry)
                ? (UInt32(index), entry) : nil
        }
        if candidates.isEmpty { return nil }
    }

    /// The next sale, for any card.
    mutating func next(card: CardNumber) -> Sale {
        let span = shape.lines.upperBound - shape.lines.lowerBound + 1
        let count = shape.lines.lowerBound + random.below(span)
        return Sale(
            card: card, pin: nil, visitType: visitType(),
            lines: (0..<count).map { _ in line() }, catalogVersion: version,
            partialAllowed: random.below(100) < shape.partialPercent)
    }

    /// What an institution of the role sells in this workload.
    private static func supplies(_ role: Role, _ entry: CatalogEntry) -> Bool {
        switch (role, entry.kind) {
        case (.vaccination, .vaccineCategory2): true
        case (.vaccination, _): false
        case (_, .vaccineCategory1), (_, .vaccineCategory2): false
        case (.pharmacy, .service), (.pharmacy, .facility), (.pharmacy, .nonTreatment): false
        default: true
        }
    }

    private mutating func visitType() -> VisitType {
        switch role {
        case .pharmacy: return .pharmacyPurchase
        case .vaccination: return .vaccination
        default:
            let point = random.below(100)
            return point < 80 ? .outpatient : point < 90 ? .emergency : .chronicOutpatient
        }
    }

    private mutating func line() -> RequestLine {
        let (index, entry) = candidates[random.below(candidates.count)]
        let quantity = Quantity(thousandths: Int64(1 + random.below(3)) * 1000)
        let price = price(of: entry)
        // At most three units at bounded prices: the product fits.
        let amount = price.amount(for: quantity) ?? .zero
        return RequestLine(
            item: .index(index), quantity: quantity, unitPrice: price, amount: amount,
            courseDays: nil, traceCodes: [])
    }

    /// From 70 % of the ceiling to 10 % above it; without a ceiling, from one yuan on.
    private mutating func price(of entry: CatalogEntry) -> UnitPrice {
        if let ceiling = entry.priceCeiling {
            let bounded = min(ceiling.tenThousandths, 1_000_000_000)
            let fen = bounded / 100 * Int64(70 + random.below(41)) / 100
            return UnitPrice(tenThousandths: max(1, fen) * 100)
        }
        let fen = 100 + random.below(max(1, shape.priceMax - 99))
        return UnitPrice(tenThousandths: Int64(fen) * 100)
    }
}
