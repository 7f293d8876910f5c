import SettlementDomain

extension Institution: Journaled {
    /// Appends the institution.
    public func write(to writer: inout ByteWriter) {
        id.write(to: &writer)
        writer.string(name)
        writer.choice(kind)
        writer.choice(level)
        writer.choice(contract)
        writer.unsigned(UInt64(permittedVisitTypes.rawValue))
        writer.flag(vaccinates)
        region.write(to: &writer)
    }

    /// Reads an institution.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            id: try InstitutionID(from: &reader), name: try reader.string(),
            kind: try reader.choice(), level: try reader.choice(), contract: try reader.choice(),
            permittedVisitTypes: VisitTypes(rawValue: try reader.integer()),
            vaccinates: try reader.flag(), region: try RegionCode(from: &reader))
    }
}

extension InstitutionRow: Journaled {
    /// Appends the institution.
    public func write(to writer: inout ByteWriter) {
        institution.write(to: &writer)
    }

    /// Reads an institution.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(institution: try Institution(from: &reader))
    }
}

extension TerminalRow: Journaled {
    /// Appends the terminal.
    public func write(to writer: inout ByteWriter) {
        id.write(to: &writer)
        institution.write(to: &writer)
        writer.choice(role)
        writer.flag(blocked)
    }

    /// Reads a terminal.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            id: try TerminalID(from: &reader), institution: try InstitutionID(from: &reader),
            role: try reader.choice(), blocked: try reader.flag())
    }
}

extension Restriction: Journaled {
    /// Appends a tag, 1 to 8 in the order of the cases, and its value.
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .sex(let sex):
            writer.byte(1)
            writer.choice(sex)
        case .ageGroup(let group):
            writer.byte(2)
            writer.choice(group)
        case .institutionLevelAtLeast(let level):
            writer.byte(3)
            writer.choice(level)
        case .visitType(let type):
            writer.byte(4)
            writer.choice(type)
        case .insuranceType(let type):
            writer.byte(5)
            writer.choice(type)
        case .maxDays(let days):
            writer.byte(6)
            writer.signed(Int64(days))
        case .maxQuantity(let quantity, let days):
            writer.byte(7)
            quantity.write(to: &writer)
            writer.signed(Int64(days))
        case .maxHoursPerDay(let hours):
            writer.byte(8)
            writer.signed(Int64(hours))
        }
    }

    /// Reads a tag and its value.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let offset = reader.offset
        switch try reader.byte() {
        case 1: self = .sex(try reader.choice())
        case 2: self = .ageGroup(try reader.choice())
        case 3: self = .institutionLevelAtLeast(try reader.choice())
        case 4: self = .visitType(try reader.choice())
        case 5: self = .insuranceType(try reader.choice())
        case 6: self = .maxDays(Int(try reader.signed()))
        case 7:
            self = .maxQuantity(try Quantity(from: &reader), perDays: Int(try reader.signed()))
        case 8: self = .maxHoursPerDay(Int(try reader.signed()))
        default: throw CodingFault(offset: offset, expected: "a restriction's tag, 1 to 8")
        }
    }
}

extension CatalogEntry: Journaled {
    /// Appends the entry.
    public func write(to writer: inout ByteWriter) {
        code.write(to: &writer)
        writer.string(name)
        writer.choice(kind)
        writer.choice(level)
        firstSelfPay.write(to: &writer)
        writer.optionalValue(priceCeiling)
        writer.flag(accountAllowed)
        writer.flag(nonTreatment != nil)
        if let nonTreatment { writer.choice(nonTreatment) }
        writer.values(restrictions)
        effectiveFrom.write(to: &writer)
        writer.optionalValue(effectiveTo)
    }

    /// Reads an entry.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            code: try ItemCode(from: &reader), name: try reader.string(),
            kind: try reader.choice(), level: try reader.choice(),
            firstSelfPay: try Ratio(from: &reader), priceCeiling: try reader.optionalValue(),
            accountAllowed: try reader.flag(),
            nonTreatment: try reader.flag() ? try reader.choice(NonTreatmentCategory.self) : nil,
            restrictions: try reader.values(), effectiveFrom: try CivilDate(from: &reader),
            effectiveTo: try reader.optionalValue())
    }
}

extension CatalogRow: Journaled {
    /// Appends the day, the version and the entries in the order of their indexes.
    public func write(to writer: inout ByteWriter) {
        effectiveFrom.write(to: &writer)
        catalog.version.write(to: &writer)
        writer.values(catalog.entries)
    }

    /// Reads a catalog.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let effectiveFrom = try CivilDate(from: &reader)
        let version = try CatalogVersion(from: &reader)
        self.init(
            effectiveFrom: effectiveFrom,
            catalog: Catalog(version: version, entries: try reader.values()))
    }
}
