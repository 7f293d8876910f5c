import SettlementDomain

/// A value with one canonical form in bytes, as journal, hash chain and operator's socket carry it.
public protocol Journaled: Sendable {
    /// Appends the value's canonical bytes.
    func write(to writer: inout ByteWriter)

    /// Reads a value; faults name the first byte that does not fit.
    init(from reader: inout ByteReader) throws(CodingFault)
}

/// The canonical bytes of journal entries and of everything in them.
///
/// An entry is one format byte, the chained part (time, booked date, kind, answer, postings), the
/// voucher and the changes. Enumerations are their raw values, unions a tag and the value, dates
/// `yyyymmdd`, money fen.
/// - Source: ARCHITECTURE.md, "The journal".
public enum JournalCoding {
    /// The first byte of every entry.
    public static let format: UInt8 = 4

    /// The entry's bytes, without its sequence number.
    public static func encode(_ entry: JournalEntry) -> [UInt8] {
        var writer = ByteWriter(capacity: 768)
        write(entry, to: &writer)
        return writer.bytes
    }

    /// Appends the entry's bytes, without its sequence number.
    public static func write(_ entry: JournalEntry, to writer: inout ByteWriter) {
        writer.byte(format)
        writeChainBytes(of: entry, to: &writer)
        writer.run(entry.voucher)
        writer.values(entry.changes)
    }

    /// The entry of these bytes; trailing bytes are a fault.
    public static func decode(
        _ bytes: [UInt8], sequence: UInt64
    ) throws(CodingFault) -> JournalEntry {
        var reader = ByteReader(bytes)
        guard try reader.byte() == format else {
            throw CodingFault(offset: 0, expected: "journal format \(format)")
        }
        let time = try reader.signed()
        let bookedDate = try CivilDate(from: &reader)
        let kind: RequestKind = try reader.choice()
        let answer: AnswerRow? = try reader.optionalValue()
        let postings: [Posting] = try reader.values()
        let voucher = try reader.run()
        let changes: [RowChange] = try reader.values()
        try reader.expectEnd()
        return JournalEntry(
            sequence: sequence, time: time, bookedDate: bookedDate, kind: kind, voucher: voucher,
            answer: answer, postings: postings, changes: changes)
    }

    /// What an account's hash chain covers: time, booked date, kind, answer and postings.
    ///
    /// The next head of each account that the entry posts to is SHA-256 of the head before, 32
    /// bytes, followed by these.
    public static func chainBytes(_ entry: JournalEntry) -> [UInt8] {
        var writer = ByteWriter(capacity: 384)
        writeChainBytes(of: entry, to: &writer)
        return writer.bytes
    }

    /// The head of an account's hash chain after an entry with these chained bytes.
    public static func head(
        after head: Digest, chainBytes: [UInt8], sha256: SHA256Function
    ) -> Digest {
        var writer = ByteWriter(capacity: 32 + chainBytes.count)
        writer.digest(head)
        for byte in chainBytes { writer.byte(byte) }
        return writer.withUnsafeBytes(sha256)
    }

    /// The canonical bytes of one value.
    public static func encode(_ value: some Journaled) -> [UInt8] {
        var writer = ByteWriter()
        value.write(to: &writer)
        return writer.bytes
    }

    /// The value of these bytes; trailing bytes are a fault.
    public static func decode<Value: Journaled>(
        _ type: Value.Type = Value.self, _ bytes: [UInt8]
    ) throws(CodingFault) -> Value {
        var reader = ByteReader(bytes)
        let value = try Value(from: &reader)
        try reader.expectEnd()
        return value
    }

    /// Appends the canonical bytes of one value.
    public static func write(_ value: some Journaled, to writer: inout ByteWriter) {
        value.write(to: &writer)
    }

    /// Appends what an account's hash chain covers.
    public static func writeChainBytes(of entry: JournalEntry, to writer: inout ByteWriter) {
        writer.signed(entry.time)
        entry.bookedDate.write(to: &writer)
        writer.choice(entry.kind)
        writer.optionalValue(entry.answer)
        writer.values(entry.postings)
    }
}

extension ByteWriter {
    /// Appends a count, then each value.
    public mutating func values(_ values: [some Journaled]) {
        unsigned(UInt64(values.count))
        for value in values { value.write(to: &self) }
    }

    /// Appends whether there is a value, then the value.
    public mutating func optionalValue(_ value: (some Journaled)?) {
        flag(value != nil)
        value?.write(to: &self)
    }

    /// Appends the raw value of an enumeration.
    public mutating func choice<Value: RawRepresentable>(_ value: Value)
    where Value.RawValue: FixedWidthInteger & UnsignedInteger {
        unsigned(UInt64(value.rawValue))
    }
}

extension ByteReader {
    /// Reads a count and as many values.
    public mutating func values<Value: Journaled>(
        _ type: Value.Type = Value.self
    ) throws(CodingFault) -> [Value] {
        try list { (reader: inout ByteReader) throws(CodingFault) in try Value(from: &reader) }
    }

    /// Reads a value where there is one.
    public mutating func optionalValue<Value: Journaled>(
        _ type: Value.Type = Value.self
    ) throws(CodingFault) -> Value? {
        try flag() ? try Value(from: &self) : nil
    }

    /// Faults where bytes are left.
    public func expectEnd() throws(CodingFault) {
        guard isAtEnd else { throw CodingFault(offset: offset, expected: "the end") }
    }
}

extension RequestKey: Journaled {
    /// Appends terminal, date and STAN.
    public func write(to writer: inout ByteWriter) {
        terminal.write(to: &writer)
        date.write(to: &writer)
        writer.unsigned(UInt64(stan))
    }

    /// Reads terminal, date and STAN.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            terminal: try TerminalID(from: &reader), date: try CivilDate(from: &reader),
            stan: try reader.integer())
    }
}

extension SettlementID: Journaled {
    /// Appends the key that it is made of.
    public func write(to writer: inout ByteWriter) {
        key.write(to: &writer)
    }

    /// Reads the key that it is made of.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(try RequestKey(from: &reader))
    }
}

extension AnswerRow: Journaled {
    /// Appends the recorded answer, its response included.
    public func write(to writer: inout ByteWriter) {
        key.write(to: &writer)
        writer.choice(kind)
        writer.digest(content)
        writer.choice(code)
        writer.choice(reason)
        writer.run(response)
        writer.optionalValue(settlement)
    }

    /// Reads a recorded answer.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            key: try RequestKey(from: &reader), kind: try reader.choice(),
            content: try reader.digest(), code: try reader.choice(), reason: try reader.choice(),
            response: try reader.run(), settlement: try reader.optionalValue())
    }
}

extension Posting: Journaled {
    /// Appends account and amount.
    public func write(to writer: inout ByteWriter) {
        account.write(to: &writer)
        amount.write(to: &writer)
    }

    /// Reads account and amount.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(account: try LedgerAccount(from: &reader), amount: try Money(from: &reader))
    }
}

extension LedgerAccount: Journaled {
    /// Appends a tag, 1 to 8 in the order of the cases, and what the case carries.
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .individual(let person):
            writer.byte(1)
            person.write(to: &writer)
        case .pool(let region, let type):
            writer.byte(2)
            region.write(to: &writer)
            writer.choice(type)
        case .large(let region, let type):
            writer.byte(3)
            region.write(to: &writer)
            writer.choice(type)
        case .supplement(let plan):
            writer.byte(4)
            plan.write(to: &writer)
        case .institution(let institution):
            writer.byte(5)
            institution.write(to: &writer)
        case .contributions(let collector):
            writer.byte(6)
            writer.string(collector)
        case .bank:
            writer.byte(7)
        case .reimbursement(let person):
            writer.byte(8)
            person.write(to: &writer)
        }
    }

    /// Reads a tag and what its case carries.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let offset = reader.offset
        switch try reader.byte() {
        case 1: self = .individual(try PersonID(from: &reader))
        case 2: self = .pool(try RegionCode(from: &reader), try reader.choice())
        case 3: self = .large(try RegionCode(from: &reader), try reader.choice())
        case 4: self = .supplement(try PlanID(from: &reader))
        case 5: self = .institution(try InstitutionID(from: &reader))
        case 6: self = .contributions(try reader.string())
        case 7: self = .bank
        case 8: self = .reimbursement(try PersonID(from: &reader))
        default: throw CodingFault(offset: offset, expected: "a ledger account's tag, 1 to 8")
        }
    }
}
