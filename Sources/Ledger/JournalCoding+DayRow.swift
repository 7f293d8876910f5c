import SettlementDomain

extension DayRow: Journaled {
    /// Appends the row, as the operator's socket carries it.
    public func write(to writer: inout ByteWriter) {
        key.write(to: &writer)
        writer.choice(kind)
        institution.write(to: &writer)
        bookedDate.write(to: &writer)
        settlement.write(to: &writer)
        writer.unsigned(sequence)
        writer.signed(time)
        homeRegion.write(to: &writer)
        institutionRegion.write(to: &writer)
        writer.choice(insuranceType)
        for amount in [total, pooled, large, supplement, account, family, cash] {
            amount.write(to: &writer)
        }
    }

    /// Reads a row.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            key: try RequestKey(from: &reader), kind: try reader.choice(),
            institution: try InstitutionID(from: &reader),
            bookedDate: try CivilDate(from: &reader), settlement: try SettlementID(from: &reader),
            sequence: try reader.unsigned(), time: try reader.signed(),
            homeRegion: try RegionCode(from: &reader),
            institutionRegion: try RegionCode(from: &reader),
            insuranceType: try reader.choice(), amounts: Split())
        total = try Money(from: &reader)
        pooled = try Money(from: &reader)
        large = try Money(from: &reader)
        supplement = try Money(from: &reader)
        account = try Money(from: &reader)
        family = try Money(from: &reader)
        cash = try Money(from: &reader)
    }
}
