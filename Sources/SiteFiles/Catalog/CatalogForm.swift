import SettlementDomain

/// catalog.csv: one entry a line.
struct CatalogForm: SiteForm {
    static let columns = [
        code, name, kind, level, firstSelfPay, priceCeiling, accountAllowed, category,
        restrictions, effectiveFrom, effectiveTo,
    ]
    private static let code = Column(0, "code", required: .always)
    private static let name = Column(1, "name", required: .always)
    private static let kind = Column(2, "kind", required: .always)
    private static let level = Column(3, "level", required: .always)
    private static let firstSelfPay = Column(4, "first_self_pay_ratio", required: .whereKnown)
    private static let priceCeiling = Column(5, "price_ceiling", required: .whereKnown)
    private static let accountAllowed = Column(6, "account_allowed", required: .whereKnown)
    private static let category = Column(7, "category", required: .whereKnown)
    private static let restrictions = Column(8, "restrictions", required: .whereKnown)
    private static let effectiveFrom = Column(9, "effective_from", required: .always)
    private static let effectiveTo = Column(10, "effective_to", required: .whereKnown)

    /// The longest name of an item, in bytes of UTF-8.
    static let nameBytesMax = 200

    private struct Period {
        var line: Int
        var from: CivilDate
        var to: CivilDate?
    }

    private let kinds = CodeNames<ItemKind>()
    private let levels = CodeNames<PaymentLevel>()
    private let categories = CodeNames<NonTreatmentCategory>()
    private var periods: [ItemCode: [Period]] = [:]

    mutating func row(of line: inout FormLine) -> CatalogEntry? {
        let code = line.value(
            Self.code, "a code of 1 to 27 visible ASCII characters", ItemCode.init)
        let name = line.name(Self.name, bytesMax: Self.nameBytesMax)
        let kind = line.code(Self.kind, kinds)
        let level = line.code(Self.level, levels)
        let ratio = line.valueIfWritten(
            Self.firstSelfPay, "a percentage of 0...100 with at most two decimals"
        ) { Ratio(percent: $0) }
        let ceiling = line.valueIfWritten(
            Self.priceCeiling, "a price in yuan above 0 with at most four decimals"
        ) { text in UnitPrice(yuan: text).flatMap { $0.tenThousandths > 0 ? $0 : nil } }
        let accountAllowed = line.flag(Self.accountAllowed, default: true)
        let category = line.isEmpty(Self.category) ? nil : line.code(Self.category, categories)
        let restrictions = restrictions(of: &line)
        let from = line.day(Self.effectiveFrom)
        let to = line.isEmpty(Self.effectiveTo) ? nil : line.day(Self.effectiveTo)
        guard line.wrong.isEmpty, let code, let name, let kind, let level, let accountAllowed,
            let from
        else { return nil }
        let entry = CatalogEntry(
            code: code, name: name, kind: kind, level: level, firstSelfPay: ratio ?? .zero,
            priceCeiling: ceiling, accountAllowed: accountAllowed, nonTreatment: category,
            restrictions: restrictions, effectiveFrom: from, effectiveTo: to)
        check(entry, hasRatio: ratio != nil, &line)
        return entry
    }

    private mutating func check(_ entry: CatalogEntry, hasRatio: Bool, _ line: inout FormLine) {
        if entry.level == .b && !hasRatio {
            line.refuse(Self.firstSelfPay, "is empty; level b needs a ratio")
        }
        if entry.level != .b && entry.firstSelfPay > .zero {
            line.refuse(Self.firstSelfPay, "only level b has a ratio; leave it empty")
        }
        if entry.kind == .nonTreatment && entry.nonTreatment == nil {
            line.refuse(Self.category, "is empty; write one of \(categories.list)")
        }
        if entry.kind != .nonTreatment && entry.nonTreatment != nil {
            line.refuse(Self.category, "only a nonTreatment has a category; leave it empty")
        }
        if entry.kind.isNeverCovered && entry.level != .none {
            line.refuse(Self.level, "a \(entry.kind.name) has level none")
        }
        if let to = entry.effectiveTo, to < entry.effectiveFrom {
            line.refuse(Self.effectiveTo, "\(to) is before effective_from \(entry.effectiveFrom)")
        }
        let same = periods[entry.code] ?? []
        if let other = same.first(where: {
            $0.from <= entry.effectiveTo ?? .last && entry.effectiveFrom <= $0.to ?? .last
        }) {
            line.refuse(
                Self.code,
                line.quoted(Self.code) + " is in force on the same days on line \(other.line)")
        }
        let period = Period(
            line: line.number, from: entry.effectiveFrom, to: entry.effectiveTo)
        periods[entry.code] = same + [period]
    }

    private func restrictions(of line: inout FormLine) -> [Restriction] {
        let text = line.text(Self.restrictions)
        var restrictions: [Restriction] = []
        if text.isEmpty { return restrictions }
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            guard let restriction = Restriction(String(part)) else {
                line.refuse(
                    Self.restrictions,
                    FormLine.quoted(String(part)) + " is no restriction, such as max_days=14")
                continue
            }
            if restrictions.contains(where: { $0.isSame(question: restriction) }) {
                line.refuse(
                    Self.restrictions, FormLine.quoted(String(part)) + " asks the same twice")
                continue
            }
            restrictions.append(restriction)
        }
        return restrictions
    }
}

extension ItemKind {
    /// Whether the pooled fund pays such items nowhere.
    fileprivate var isNeverCovered: Bool {
        isVaccine || self == .nonTreatment || self == .healthProduct
    }
}

extension Restriction {
    /// Whether both ask the same question, whatever answers they want.
    func isSame(question other: Restriction) -> Bool {
        switch (self, other) {
        case (.sex, .sex), (.ageGroup, .ageGroup), (.visitType, .visitType),
            (.institutionLevelAtLeast, .institutionLevelAtLeast), (.maxDays, .maxDays),
            (.insuranceType, .insuranceType), (.maxHoursPerDay, .maxHoursPerDay):
            true
        case (.maxQuantity(_, let days), .maxQuantity(_, let otherDays)): days == otherDays
        default: false
        }
    }
}
