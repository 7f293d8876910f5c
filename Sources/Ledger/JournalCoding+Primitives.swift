import SettlementDomain

// The domain's scalar values. Their initializers' refusals are faults here.

extension Money: Journaled {
    /// Appends fen.
    public func write(to writer: inout ByteWriter) {
        writer.signed(fen)
    }

    /// Reads fen; sums above `Money.limit` are a fault, so that later sums cannot overflow.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let money = Money(fen: try reader.signed())
        self = try reader.checked(money.isInRange ? money : nil, "an amount within the limit")
    }
}

extension CivilDate: Journaled {
    /// Appends the eight digits as a number.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(UInt32(bitPattern: yyyymmdd)))
    }

    /// Reads the eight digits.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(CivilDate(yyyymmdd: try reader.integer()), "a date")
    }
}

extension PersonID: Journaled {
    /// Appends the number.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(rawValue)
    }

    /// Reads the number.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(PersonID(rawValue: try reader.unsigned()), "a person's id")
    }
}

extension RegionCode: Journaled {
    /// Appends the number.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(rawValue))
    }

    /// Reads the number.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(RegionCode(rawValue: try reader.integer()), "a region code")
    }
}

extension TerminalID: Journaled {
    /// Appends the text.
    public func write(to writer: inout ByteWriter) {
        withUTF8 { writer.run($0) }
    }

    /// Reads the text.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(TerminalID(try reader.string()), "a terminal's id")
    }
}

extension InstitutionID: Journaled {
    /// Appends the text.
    public func write(to writer: inout ByteWriter) {
        withUTF8 { writer.run($0) }
    }

    /// Reads the text.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(InstitutionID(try reader.string()), "an institution's id")
    }
}

extension PlanID: Journaled {
    /// Appends the text.
    public func write(to writer: inout ByteWriter) {
        writer.string(text)
    }

    /// Reads the text.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(PlanID(try reader.string()), "a plan's id")
    }
}

extension DiseaseCode: Journaled {
    /// Appends the text.
    public func write(to writer: inout ByteWriter) {
        writer.string(text)
    }

    /// Reads the text.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(DiseaseCode(try reader.string()), "a disease's code")
    }
}

extension ItemCode: Journaled {
    /// Appends the text.
    public func write(to writer: inout ByteWriter) {
        withUTF8 { writer.run($0) }
    }

    /// Reads the text.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(ItemCode(try reader.string()), "an item code")
    }
}

extension TraceCode: Journaled {
    /// Appends the text.
    public func write(to writer: inout ByteWriter) {
        writer.string(text)
    }

    /// Reads the text.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(TraceCode(try reader.string()), "a trace code")
    }
}

extension CardNumber: Journaled {
    /// Appends how many digits, then their value.
    public func write(to writer: inout ByteWriter) {
        writer.byte(count)
        writer.unsigned(digits)
    }

    /// Reads the digits; a wrong check digit is a fault.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let count = try reader.byte()
        let digits = try reader.unsigned()
        self = try reader.checked(CardNumber(digits: digits, count: count), "a card number")
    }
}

extension IDNumber: Journaled {
    /// Appends the 17 leading digits' value.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(digits)
    }

    /// Reads the 17 leading digits' value.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self = try reader.checked(IDNumber(digits: try reader.unsigned()), "an ID number")
    }
}

extension Ratio: Journaled {
    /// Appends ten-thousandths.
    public func write(to writer: inout ByteWriter) {
        writer.signed(tenThousandths)
    }

    /// Reads ten-thousandths.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let value = try reader.signed()
        self = try reader.checked(Ratio(tenThousandths: value), "a ratio of at most 10000")
    }
}

extension Quantity: Journaled {
    /// Appends thousandths.
    public func write(to writer: inout ByteWriter) {
        writer.signed(thousandths)
    }

    /// Reads thousandths.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(thousandths: try reader.signed())
    }
}

extension UnitPrice: Journaled {
    /// Appends ten-thousandths of a yuan.
    public func write(to writer: inout ByteWriter) {
        writer.signed(tenThousandths)
    }

    /// Reads ten-thousandths of a yuan.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(tenThousandths: try reader.signed())
    }
}

extension CatalogVersion: Journaled {
    /// Appends the number.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(rawValue))
    }

    /// Reads the number.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(rawValue: try reader.integer())
    }
}

extension PolicyVersion: Journaled {
    /// Appends the number.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(rawValue))
    }

    /// Reads the number.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(rawValue: try reader.integer())
    }
}
