import SettlementDomain

extension ClaimID: Journaled {
    /// Appends the key that it is made of.
    public func write(to writer: inout ByteWriter) {
        key.write(to: &writer)
    }

    /// Reads the key that it is made of.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(try RequestKey(from: &reader))
    }
}

extension ClaimRow: Journaled {
    /// Appends the claim with bills, events and awards.
    public func write(to writer: inout ByteWriter) {
        id.write(to: &writer)
        person.write(to: &writer)
        writer.choice(state)
        agency.write(to: &writer)
        writer.values(bills)
        writer.values(documents)
        payee.write(to: &writer)
        writer.values(events)
        writer.values(awards)
        writer.optionalValue(due)
    }

    /// Reads a claim.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            id: try ClaimID(from: &reader), person: try PersonID(from: &reader),
            state: try reader.choice(), agency: try InstitutionID(from: &reader),
            bills: try reader.values(), documents: try reader.values(),
            payee: try Payee(from: &reader), events: try reader.values(),
            awards: try reader.values(), due: try reader.optionalValue())
    }
}

extension ClaimPlace: Journaled {
    /// Appends the place.
    public func write(to writer: inout ByteWriter) {
        writer.optionalValue(institution)
        writer.string(code)
        writer.string(name)
        writer.choice(kind)
        writer.choice(level)
    }

    /// Reads a place.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            institution: try reader.optionalValue(), code: try reader.string(),
            name: try reader.string(), kind: try reader.choice(), level: try reader.choice())
    }
}

extension ClaimBill: Journaled {
    /// Appends the bill with its lines.
    public func write(to writer: inout ByteWriter) {
        place.write(to: &writer)
        writer.string(number)
        serviceDate.write(to: &writer)
        writer.choice(visitType)
        writer.optionalValue(diagnosis)
        writer.values(lines)
        total.write(to: &writer)
        writer.values(distinctFrom)
    }

    /// Reads a bill.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            place: try ClaimPlace(from: &reader), number: try reader.string(),
            serviceDate: try CivilDate(from: &reader), visitType: try reader.choice(),
            diagnosis: try reader.optionalValue(), lines: try reader.values(),
            total: try Money(from: &reader), distinctFrom: try reader.values())
    }
}

extension ClaimDocument: Journaled {
    /// Appends kind and sheets.
    public func write(to writer: inout ByteWriter) {
        writer.choice(kind)
        writer.unsigned(UInt64(sheets))
    }

    /// Reads kind and sheets.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(kind: try reader.choice(), sheets: try reader.integer())
    }
}

extension Payee: Journaled {
    /// Appends a tag, 1 or 2, and the account or card.
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .bankAccount(let holder, let bank, let number):
            writer.byte(1)
            writer.string(holder)
            writer.string(bank)
            writer.string(number)
        case .card(let number): writer.tagged(2, number)
        }
    }

    /// Reads a tag and the account or card.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let offset = reader.offset
        switch try reader.byte() {
        case 1:
            self = .bankAccount(
                holder: try reader.string(), bank: try reader.string(),
                number: try reader.string())
        case 2: self = .card(try CardNumber(from: &reader))
        default: throw CodingFault(offset: offset, expected: "a payee's tag, 1 or 2")
        }
    }
}

extension ClaimEvent: Journaled {
    /// Appends the step.
    public func write(to writer: inout ByteWriter) {
        writer.choice(step)
        date.write(to: &writer)
        writer.signed(time)
        writer.string(clerk)
        writer.string(text)
        writer.values(documents)
    }

    /// Reads a step.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            step: try reader.choice(), date: try CivilDate(from: &reader),
            time: try reader.signed(), clerk: try reader.string(), text: try reader.string(),
            documents: try reader.values())
    }
}

extension Disallowance: Journaled {
    /// Appends place, amount and reason.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(bill))
        writer.unsigned(UInt64(line))
        writer.optionalValue(amount)
        writer.string(text)
    }

    /// Reads place, amount and reason.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            bill: Int(try reader.integer(UInt8.self)), line: Int(try reader.integer(UInt16.self)),
            amount: try reader.optionalValue(), text: try reader.string())
    }
}

extension ClaimAward: Journaled {
    /// Appends versions, split and what was disallowed.
    public func write(to writer: inout ByteWriter) {
        catalogVersion.write(to: &writer)
        policyRegion.write(to: &writer)
        policyVersion.write(to: &writer)
        writer.choice(insuranceType)
        writer.optional(benefitCategory) { $0.choice($1) }
        share.write(to: &writer)
        split.write(to: &writer)
        writer.values(disallowed)
    }

    /// Reads an award.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            catalogVersion: try CatalogVersion(from: &reader),
            policyRegion: try RegionCode(from: &reader),
            policyVersion: try PolicyVersion(from: &reader),
            insuranceType: try reader.choice(), benefitCategory: try reader.optionalChoice(),
            share: try Ratio(from: &reader), split: try Split(from: &reader),
            disallowed: try reader.values())
    }
}

extension BillRow: Journaled {
    /// Appends the bill and who holds it.
    public func write(to writer: inout ByteWriter) {
        writer.string(key.code)
        writer.string(key.number)
        switch holder {
        case nil: writer.byte(0)
        case .claim(let id): writer.tagged(1, id)
        case .settlement(let id): writer.tagged(2, id)
        }
    }

    /// Reads a bill and who holds it.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let start = reader.offset
        let (code, number) = (try reader.string(), try reader.string())
        let key = BillKey(code: code, number: number)
        guard key.code.utf8.elementsEqual(code.utf8), key.number.utf8.elementsEqual(number.utf8)
        else { throw CodingFault(offset: start, expected: "a bill in the spelling of keys") }
        let offset = reader.offset
        switch try reader.byte() {
        case 0: self.init(key: key, holder: nil)
        case 1: self.init(key: key, holder: .claim(try ClaimID(from: &reader)))
        case 2: self.init(key: key, holder: .settlement(try SettlementID(from: &reader)))
        default: throw CodingFault(offset: offset, expected: "a bill's holder, 0 to 2")
        }
    }
}
