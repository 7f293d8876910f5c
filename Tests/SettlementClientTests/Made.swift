import Ledger
import SettlementClient
import SettlementDomain
import Testing

/// Values for tests, made of literals.
enum Made {
    static func date(_ yyyymmdd: Int32) throws -> CivilDate {
        try #require(CivilDate(yyyymmdd: yyyymmdd))
    }

    static func card(_ leading: String = "622848000000001") throws -> CardNumber {
        try #require(CardNumber.completing(leading))
    }

    static func code(_ text: String) throws -> ItemCode {
        try #require(ItemCode(text))
    }

    static func key(_ stan: UInt32) throws -> RequestKey {
        RequestKey(
            terminal: try #require(TerminalID("T0000001")), date: try date(20_261_123), stan: stan)
    }

    static func line(
        _ item: RequestLine.Item, _ quantity: Int64, _ price: Int64, _ fen: Int64
    ) -> RequestLine {
        RequestLine(
            item: item, quantity: Quantity(thousandths: quantity),
            unitPrice: UnitPrice(tenThousandths: price), amount: Money(fen: fen), courseDays: nil,
            traceCodes: [])
    }

    static func sale(pin: String? = "123456") throws -> Sale {
        Sale(
            card: try card(), pin: pin, visitType: .pharmacyPurchase,
            lines: [line(.index(0), 2000, 258_000, 5160), line(.index(1), 1000, 10_000, 100)],
            catalogVersion: CatalogVersion(rawValue: 1), partialAllowed: true)
    }

    /// A small catalog with something for every role.
    static func catalog() throws -> Catalog {
        let from = try date(20_260_101)
        let entries: [(String, String, ItemKind, PaymentLevel, Int64?)] = [
            ("XA01", "阿莫西林胶囊", .westernMedicine, .a, 300_000),
            ("XB02", "维生素C片", .westernMedicine, .none, nil),
            ("DV03", "电子血压计", .device, .none, nil),
            ("SV04", "Blood count", .service, .b, 250_000),
            ("VC05", "HPV vaccine", .vaccineCategory2, .none, nil),
            ("VC06", "BCG vaccine", .vaccineCategory1, .none, nil),
            ("NT07", "牙齿美白", .nonTreatment, .none, nil),
        ]
        return Catalog(
            version: CatalogVersion(rawValue: 7),
            entries: try entries.map { code, name, kind, level, ceiling in
                CatalogEntry(
                    code: try self.code(code), name: name, kind: kind, level: level,
                    firstSelfPay: level == .b ? Ratio(tenThousandths: 1000) ?? .zero : .zero,
                    priceCeiling: ceiling.map { UnitPrice(tenThousandths: $0) },
                    nonTreatment: kind == .nonTreatment ? .cosmetic : nil, effectiveFrom: from)
            })
    }
}
