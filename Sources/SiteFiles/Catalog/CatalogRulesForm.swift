import SettlementDomain

/// A restriction rules file: one restriction of one code a line.
struct CatalogRulesForm: SiteForm {
    static let columns = [code, name, restriction, value]
    private static let code = Column(0, "national_code", required: .always)
    private static let name = Column(1, "name", required: .always)
    private static let restriction = Column(2, "restriction", required: .always)
    private static let value = Column(3, "value", required: .always)

    /// A line's own part of a `CatalogRule`.
    struct Rule {
        var code: ItemCode
        var name: String
        var kind: ItemKind
        var restriction: Restriction
    }

    mutating func row(of line: inout FormLine) -> Rule? {
        let code = line.value(
            Self.code, "a code of 1 to 27 visible ASCII characters", ItemCode.init)
        let name = line.name(Self.name, bytesMax: CatalogForm.nameBytesMax)
        let kind = code.flatMap(ItemKind.init(nationalCode:))
        if code != nil, kind == nil {
            line.refuse(
                Self.code,
                isNot: "a code whose kind is known: X and 22 more characters, Z and 19, 15 digits")
        }
        let restriction = Restriction(
            name: line.text(Self.restriction), value: line.text(Self.value))
        if restriction == nil {
            if Restriction.isKnown(line.text(Self.restriction)) {
                line.refuse(
                    Self.value,
                    line.quoted(Self.value) + " is no value of " + line.text(Self.restriction))
            } else {
                line.refuse(Self.restriction, isNot: "a restriction known here")
            }
        }
        guard let code, let name, let kind, let restriction else { return nil }
        return Rule(code: code, name: name, kind: kind, restriction: restriction)
    }
}

extension ItemKind {
    /// The kind that a national code tells: western medicine has X and 22 more characters, Chinese
    /// patent medicine Z and 19, a service 15 digits; nil for any other code.
    public init?(nationalCode code: ItemCode) {
        let bytes = code.text.utf8
        switch (bytes.first, bytes.count) {
        case (UInt8(ascii: "X"), 23): self = .westernMedicine
        case (UInt8(ascii: "Z"), 20): self = .chinesePatentMedicine
        case (_, 15) where bytes.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }: self = .service
        default: return nil
        }
    }
}

extension Restriction {
    /// Whether some value goes with the name.
    fileprivate static func isKnown(_ name: String) -> Bool {
        // A number that suits every limit stands for the names with a number in them.
        words.contains(name) || Restriction(name: name, value: "1") != nil
    }

    private static let words = [
        "sex", "age_group", "institution_level", "insurance_type", "visit_type",
    ]
}
