/// Columns that were not given, so that what stands is kept; each is of one kind of row.
public struct Unwritten: OptionSet, Sendable, Hashable {
    /// A bit a column.
    public var rawValue: UInt16

    /// Creates a set of its bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// An institution's contract.
    public static let contract = Unwritten(rawValue: 1)
    /// The visits that an institution may give.
    public static let visitTypes = Unwritten(rawValue: 1 << 1)
    /// Whether an institution vaccinates.
    public static let vaccinates = Unwritten(rawValue: 1 << 2)
    /// Whether a terminal is blocked.
    public static let blocked = Unwritten(rawValue: 1 << 3)
    /// Whether a person's contributions are paid.
    public static let coverage = Unwritten(rawValue: 1 << 4)
    /// A person's supplementary plans.
    public static let plans = Unwritten(rawValue: 1 << 5)
    /// Whether a person has an individual account.
    public static let hasAccount = Unwritten(rawValue: 1 << 6)
    /// Whether a person's payments are refused.
    public static let frozen = Unwritten(rawValue: 1 << 7)
    /// Whether a card is active, lost or cancelled.
    public static let cardState = Unwritten(rawValue: 1 << 8)
}

/// A row whose unwritten columns have defaults: they count where the row is new.
public enum PartialRow: Sendable, Hashable {
    case institution(InstitutionRow)
    case terminal(TerminalRow)
    case person(PersonRow)
    case card(CardRow)

    /// The registration of the row as it is.
    var whole: Registration {
        switch self {
        case .institution(let row): .institution(row)
        case .terminal(let row): .terminal(row)
        case .person(let row): .person(row)
        case .card(let row): .card(row)
        }
    }

    /// The registration of the row with what stands in its unwritten columns.
    func filled(_ unwritten: Unwritten, from rows: WorkingSet) -> Registration {
        switch self {
        case .institution(var row):
            guard let old = rows.reference.institutions[row.institution.id]?.institution else {
                return whole
            }
            if unwritten.contains(.contract) { row.institution.contract = old.contract }
            if unwritten.contains(.visitTypes) {
                row.institution.permittedVisitTypes = old.permittedVisitTypes
            }
            if unwritten.contains(.vaccinates) { row.institution.vaccinates = old.vaccinates }
            return .institution(row)
        case .terminal(var row):
            guard let old = rows.reference.terminals[row.id] else { return whole }
            if unwritten.contains(.blocked) { row.blocked = old.blocked }
            return .terminal(row)
        case .person(var row):
            guard let old = rows.persons[row.person.id] else { return whole }
            if unwritten.contains(.coverage) { row.person.coverage = old.person.coverage }
            if unwritten.contains(.plans) { row.person.plans = old.person.plans }
            if unwritten.contains(.hasAccount) { row.person.hasAccount = old.person.hasAccount }
            if unwritten.contains(.frozen) { row.frozen = old.frozen }
            return .person(row)
        case .card(var row):
            guard let old = rows.cards[row.number] else { return whole }
            if unwritten.contains(.cardState) { row.state = old.state }
            return .card(row)
        }
    }
}

extension PartialRow: Journaled {
    /// Appends a tag, 1 to 4 in the order of the cases, and the row.
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .institution(let row): writer.tagged(1, row)
        case .terminal(let row): writer.tagged(2, row)
        case .person(let row): writer.tagged(3, row)
        case .card(let row): writer.tagged(4, row)
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
        default: throw CodingFault(offset: offset, expected: "a partial row's tag, 1 to 4")
        }
    }
}
