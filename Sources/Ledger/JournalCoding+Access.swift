import SettlementDomain

extension AccessRow: Journaled {
    /// Appends person, place and right.
    public func write(to writer: inout ByteWriter) {
        person.write(to: &writer)
        institution.write(to: &writer)
        terminal.write(to: &writer)
        right.write(to: &writer)
    }

    /// Reads person, place and right.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            person: try PersonID(from: &reader), institution: try InstitutionID(from: &reader),
            terminal: try TerminalID(from: &reader), right: try AccessRight(from: &reader))
    }
}

extension AccessRight: Journaled {
    /// Appends a tag, 1 to 5 in the order of the cases, and what the case carries.
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .pin: writer.byte(1)
        case .documents(let check): writer.tagged(2, check)
        case .gatewaySession(let reference):
            writer.byte(3)
            writer.string(reference)
        case .role(let role):
            writer.byte(4)
            writer.choice(role)
        case .clerk(let name):
            writer.byte(5)
            writer.string(name)
        }
    }

    /// Reads a tag and what its case carries.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let offset = reader.offset
        switch try reader.byte() {
        case 1: self = .pin
        case 2: self = .documents(try IdentityCheck(from: &reader))
        case 3: self = .gatewaySession(try reader.string())
        case 4: self = .role(try reader.choice())
        case 5: self = .clerk(try reader.string())
        default: throw CodingFault(offset: offset, expected: "a right's tag, 1 to 5")
        }
    }
}

extension IdentityCheck: Journaled {
    /// Appends document, clerk and power of attorney.
    public func write(to writer: inout ByteWriter) {
        writer.choice(document)
        writer.string(number)
        writer.string(clerk)
        writer.optionalValue(proxy)
    }

    /// Reads document, clerk and power of attorney.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            document: try reader.choice(), number: try reader.string(),
            clerk: try reader.string(), proxy: try reader.optionalValue())
    }
}

extension PowerOfAttorney: Journaled {
    /// Appends the power.
    public func write(to writer: inout ByteWriter) {
        writer.string(agentName)
        agentIDNumber.write(to: &writer)
        writer.string(reference)
        validUntil.write(to: &writer)
    }

    /// Reads the power.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            agentName: try reader.string(), agentIDNumber: try IDNumber(from: &reader),
            reference: try reader.string(), validUntil: try CivilDate(from: &reader))
    }
}
