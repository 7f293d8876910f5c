import Ledger
import SettlementDomain

extension Town {
    /// The code of the item of this kind and payment level.
    public static func code(_ kind: ItemKind, _ level: PaymentLevel) -> ItemCode {
        made(ItemCode("\(kind.name)-\(level.name)"))
    }

    /// The code of the item that is no treatment for this reason.
    public static func code(_ category: NonTreatmentCategory) -> ItemCode {
        made(ItemCode("cash-\(category.name)"))
    }

    /// A western medicine of level a.
    public static let medicine = code(.westernMedicine, .a)
    /// A western medicine of level none: a vitamin.
    public static let vitamin = code(.westernMedicine, .none)
    /// A service of level b with 10 % first self-pay and a ceiling of 280.00.
    public static let scan = made(ItemCode("003302000010000"))
    /// Tooth whitening.
    public static let whitening = code(.cosmetic)
    /// A level none medicine that the individual account may not pay.
    public static let forbidden = made(ItemCode("forbidden"))
    /// An item that is not in force any more.
    public static let expired = made(ItemCode("expired"))
    /// An item that is not in force yet.
    public static let future = made(ItemCode("future"))
    /// A code that no catalog has.
    public static let unknown = made(ItemCode("unknown"))

    /// The level a medicine with this restriction.
    public static func code(_ restriction: Restriction) -> ItemCode {
        made(ItemCode("r-\(restriction)"))
    }

    /// A restriction of every sort, none of which an adult man at a hospital of level 1 meets, but
    /// for course and frequency, which cover one unit.
    public static let restrictions: [Restriction] = [
        .sex(.female), .ageGroup(.child), .institutionLevelAtLeast(.level3),
        .visitType(.inpatient), .insuranceType(.maternity), .maxDays(1),
        .maxQuantity(.one, perDays: 7),
    ]

    /// An entry of every kind and level, of every category of no treatment, of every restriction,
    /// and one before and one after its time.
    public static let catalog = catalog(version: 1)

    /// The town's catalog under another version; `changing` is asked about each entry.
    public static func catalog(
        version: UInt32, changing change: (inout CatalogEntry) -> Void = { _ in }
    ) -> Catalog {
        var entries = kindsAndLevels + nonTreatments + restricted + others
        for index in entries.indices { change(&entries[index]) }
        return Catalog(version: CatalogVersion(rawValue: version), entries: entries)
    }

    private static var kindsAndLevels: [CatalogEntry] {
        ItemKind.allCases.filter { $0 != .nonTreatment }.flatMap { kind in
            PaymentLevel.allCases.map { level in
                CatalogEntry(
                    code: code(kind, level), name: "虚构\(kind.rawValue)-\(level.rawValue)",
                    kind: kind, level: level, firstSelfPay: level == .b ? ratio(1_000) : .zero,
                    effectiveFrom: firstDay)
            }
        }
    }

    private static var nonTreatments: [CatalogEntry] {
        NonTreatmentCategory.allCases.map { category in
            CatalogEntry(
                code: code(category), name: "虚构自费\(category.rawValue)", kind: .nonTreatment,
                level: .none, accountAllowed: false, nonTreatment: category,
                effectiveFrom: firstDay)
        }
    }

    private static var restricted: [CatalogEntry] {
        restrictions.map { restriction in
            CatalogEntry(
                code: code(restriction), name: "虚构限制", kind: .westernMedicine, level: .a,
                restrictions: [restriction], effectiveFrom: firstDay)
        }
    }

    private static var others: [CatalogEntry] {
        [
            CatalogEntry(
                code: scan, name: "虚构扫描", kind: .service, level: .b, firstSelfPay: ratio(1_000),
                priceCeiling: UnitPrice(tenThousandths: 2_800_000), effectiveFrom: firstDay),
            CatalogEntry(
                code: forbidden, name: "虚构禁付", kind: .westernMedicine, level: .none,
                accountAllowed: false, effectiveFrom: firstDay),
            CatalogEntry(
                code: expired, name: "虚构旧品", kind: .westernMedicine, level: .a,
                effectiveFrom: firstDay, effectiveTo: yesterday.adding(days: -1)),
            CatalogEntry(
                code: future, name: "虚构新品", kind: .westernMedicine, level: .a,
                effectiveFrom: today.adding(days: 1)),
        ]
    }
}
