import SettlementDomain

extension SettlementRow: Journaled {
    /// Appends the settlement with lines, split, basis and what became of it.
    public func write(to writer: inout ByteWriter) {
        id.write(to: &writer)
        writer.choice(state)
        card.write(to: &writer)
        institution.write(to: &writer)
        bookedDate.write(to: &writer)
        writer.signed(time)
        serviceDate.write(to: &writer)
        writer.choice(visitType)
        writer.flag(benefitCategory != nil)
        if let benefitCategory { writer.choice(benefitCategory) }
        catalogVersion.write(to: &writer)
        policyVersion.write(to: &writer)
        writer.values(lines)
        split.write(to: &writer)
        basis.write(to: &writer)
        writer.values(undone)
        writer.optionalValue(stay)
        writer.optional(billNumber) { $0.string($1) }
    }

    /// Reads a settlement.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            id: try SettlementID(from: &reader), state: try reader.choice(),
            card: try CardNumber(from: &reader), institution: try InstitutionID(from: &reader),
            bookedDate: try CivilDate(from: &reader), time: try reader.signed(),
            serviceDate: try CivilDate(from: &reader), visitType: try reader.choice(),
            benefitCategory: try reader.flag() ? try reader.choice(BenefitCategory.self) : nil,
            catalogVersion: try CatalogVersion(from: &reader),
            policyVersion: try PolicyVersion(from: &reader), lines: try reader.values(),
            split: try Split(from: &reader), basis: try SettlementBasis(from: &reader),
            undone: try reader.values(), stay: try reader.optionalValue(),
            billNumber: try reader.flag() ? try reader.string() : nil)
    }
}

extension SettlementBasis: Journaled {
    /// Appends what the rules saw.
    public func write(to writer: inout ByteWriter) {
        person.write(to: &writer)
        writer.choice(institutionKind)
        writer.choice(institutionLevel)
        writer.flag(vaccinates)
        institutionRegion.write(to: &writer)
        used.write(to: &writer)
        writer.values(usages)
        writer.values(soldCodes)
    }

    /// Reads what the rules saw.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            person: try Person(from: &reader), institutionKind: try reader.choice(),
            institutionLevel: try reader.choice(), vaccinates: try reader.flag(),
            institutionRegion: try RegionCode(from: &reader),
            used: try Accumulators(from: &reader), usages: try reader.values(),
            soldCodes: try reader.values())
    }
}

extension Undoing: Journaled {
    /// Appends the step.
    public func write(to writer: inout ByteWriter) {
        key.write(to: &writer)
        writer.choice(kind)
        writer.optionalValue(reversed)
        bookedDate.write(to: &writer)
        writer.signed(time)
        writer.values(lines)
        writer.choice(state)
        standing.write(to: &writer)
    }

    /// Reads a step.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            key: try RequestKey(from: &reader), kind: try reader.choice(),
            reversed: try reader.optionalValue(), bookedDate: try CivilDate(from: &reader),
            time: try reader.signed(), lines: try reader.values(), state: try reader.choice(),
            standing: try Split(from: &reader))
    }
}

extension RefundedLine: Journaled {
    /// Appends what came back of a line.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(line))
        quantity.write(to: &writer)
        amount.write(to: &writer)
        writer.values(traceCodes)
    }

    /// Reads what came back of a line.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            line: Int(try reader.integer(UInt16.self)), quantity: try Quantity(from: &reader),
            amount: try Money(from: &reader), traceCodes: try reader.values())
    }
}

extension TombstoneRow: Journaled {
    /// Appends both keys.
    public func write(to writer: inout ByteWriter) {
        original.write(to: &writer)
        reversal.write(to: &writer)
    }

    /// Reads both keys.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            original: try RequestKey(from: &reader), reversal: try RequestKey(from: &reader))
    }
}
