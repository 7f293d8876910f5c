import SettlementDomain

extension BillLine: Journaled {
    /// Appends the line.
    public func write(to writer: inout ByteWriter) {
        code.write(to: &writer)
        quantity.write(to: &writer)
        unitPrice.write(to: &writer)
        amount.write(to: &writer)
        writer.flag(courseDays != nil)
        if let courseDays { writer.unsigned(UInt64(courseDays)) }
        writer.values(traceCodes)
        writer.optionalValue(day)
    }

    /// Reads a line.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            code: try ItemCode(from: &reader), quantity: try Quantity(from: &reader),
            unitPrice: try UnitPrice(from: &reader), amount: try Money(from: &reader),
            courseDays: try reader.flag() ? try reader.integer(UInt32.self) : nil,
            traceCodes: try reader.values(), day: try reader.optionalValue())
    }
}

extension LinePart: Journaled {
    /// Appends the part, column after column.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(line))
        writer.choice(itemClass)
        writer.choice(reason)
        quantity.write(to: &writer)
        amount.write(to: &writer)
        fullSelfPay.write(to: &writer)
        overLimit.write(to: &writer)
        firstSelfPay.write(to: &writer)
        inScope.write(to: &writer)
        pooled.write(to: &writer)
        large.write(to: &writer)
        supplement.write(to: &writer)
        account.write(to: &writer)
        family.write(to: &writer)
        cash.write(to: &writer)
    }

    /// Reads a part.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            line: Int(try reader.integer(UInt16.self)), itemClass: try reader.choice(),
            reason: try reader.choice(), quantity: try Quantity(from: &reader),
            amount: try Money(from: &reader))
        fullSelfPay = try Money(from: &reader)
        overLimit = try Money(from: &reader)
        firstSelfPay = try Money(from: &reader)
        inScope = try Money(from: &reader)
        pooled = try Money(from: &reader)
        large = try Money(from: &reader)
        supplement = try Money(from: &reader)
        account = try Money(from: &reader)
        family = try Money(from: &reader)
        cash = try Money(from: &reader)
    }
}

extension FamilyShare: Journaled {
    /// Appends owner and amount.
    public func write(to writer: inout ByteWriter) {
        owner.write(to: &writer)
        amount.write(to: &writer)
    }

    /// Reads owner and amount.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(owner: try PersonID(from: &reader), amount: try Money(from: &reader))
    }
}

extension Split: Journaled {
    /// Appends the sums, the parts, plans and owners.
    public func write(to writer: inout ByteWriter) {
        total.write(to: &writer)
        fullSelfPay.write(to: &writer)
        overLimit.write(to: &writer)
        firstSelfPay.write(to: &writer)
        inScope.write(to: &writer)
        deductible.write(to: &writer)
        pooled.write(to: &writer)
        large.write(to: &writer)
        scopeSelfPay.write(to: &writer)
        supplement.write(to: &writer)
        personal.write(to: &writer)
        excluded.write(to: &writer)
        payable.write(to: &writer)
        account.write(to: &writer)
        family.write(to: &writer)
        cash.write(to: &writer)
        writer.values(parts)
        writer.values(plans)
        writer.values(owners)
    }

    /// Reads a split; whether its identities hold is `brokenIdentity`'s question.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init()
        total = try Money(from: &reader)
        fullSelfPay = try Money(from: &reader)
        overLimit = try Money(from: &reader)
        firstSelfPay = try Money(from: &reader)
        inScope = try Money(from: &reader)
        deductible = try Money(from: &reader)
        pooled = try Money(from: &reader)
        large = try Money(from: &reader)
        scopeSelfPay = try Money(from: &reader)
        supplement = try Money(from: &reader)
        personal = try Money(from: &reader)
        excluded = try Money(from: &reader)
        payable = try Money(from: &reader)
        account = try Money(from: &reader)
        family = try Money(from: &reader)
        cash = try Money(from: &reader)
        parts = try reader.values()
        plans = try reader.values()
        owners = try reader.values()
    }
}
