import SettlementDomain

extension Registration: Journaled {
    /// Appends a tag, 1 to 13 in the order of the cases, and the row.
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .institution(let row): writer.tagged(1, row)
        case .terminal(let row): writer.tagged(2, row)
        case .person(let row): writer.tagged(3, row)
        case .card(let row): writer.tagged(4, row)
        case .credit(let row): writer.tagged(5, row)
        case .family(let row): writer.tagged(6, row)
        case .catalog(let row): writer.tagged(7, row)
        case .policy(let row): writer.tagged(8, row)
        case .clearing(let row): writer.tagged(9, row)
        case .periodic(let row): writer.tagged(10, row)
        case .chronic(let row): writer.tagged(11, row)
        case .lapse(let id): writer.tagged(12, id)
        case .partial(let row, let unwritten):
            writer.tagged(13, row)
            writer.unsigned(UInt64(unwritten.rawValue))
        }
    }

    /// Reads a tag and its row.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let offset = reader.offset
        switch try reader.byte() {
        case 1: self = .institution(try InstitutionRow(from: &reader))
        case 2: self = .terminal(try TerminalRow(from: &reader))
        case 3: self = .person(try PersonRow(from: &reader))
        case 4: self = .card(try CardRow(from: &reader))
        case 5: self = .credit(try CreditRow(from: &reader))
        case 6: self = .family(try FamilyRow(from: &reader))
        case 7: self = .catalog(try CatalogRow(from: &reader))
        case 8: self = .policy(try PolicyRow(from: &reader))
        case 9: self = .clearing(try ClearingRow(from: &reader))
        case 10: self = .periodic(try PeriodicRow(from: &reader))
        case 11: self = .chronic(try ChronicRegistration(from: &reader))
        case 12: self = .lapse(try ClaimID(from: &reader))
        case 13:
            self = .partial(
                try PartialRow(from: &reader), Unwritten(rawValue: try reader.integer()))
        default: throw CodingFault(offset: offset, expected: "a registration's tag, 1 to 13")
        }
    }
}

extension ChronicRegistration: Journaled {
    /// Appends person and disease.
    public func write(to writer: inout ByteWriter) {
        person.write(to: &writer)
        disease.write(to: &writer)
    }

    /// Reads person and disease.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            person: try PersonID(from: &reader), disease: try ChronicDisease(from: &reader))
    }
}

extension RegistrationResult: Journaled {
    /// Appends a tag, 1 to 4 in the order of the cases, and a refusal's text.
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .added: writer.byte(1)
        case .changed: writer.byte(2)
        case .unchanged: writer.byte(3)
        case .refused(let text):
            writer.byte(4)
            writer.string(text)
        }
    }

    /// Reads a tag and a refusal's text.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let offset = reader.offset
        switch try reader.byte() {
        case 1: self = .added
        case 2: self = .changed
        case 3: self = .unchanged
        case 4: self = .refused(try reader.string())
        default: throw CodingFault(offset: offset, expected: "a result's tag, 1 to 4")
        }
    }
}
