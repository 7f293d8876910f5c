import SettlementDomain

/// What an operator's run does to one person; the same run twice does it once.
public struct PeriodicRow: Sendable, Hashable {
    /// To whom.
    public var person: PersonID
    /// What.
    public var run: PeriodicRun

    /// Creates a row of its parts.
    public init(person: PersonID, run: PeriodicRun) {
        self.person = person
        self.run = run
    }

    /// Under what the credit is kept, so that it is made once; nil for a run that credits nothing.
    public var creditKey: CreditKey? {
        run.reference.map { CreditKey(person: person, reference: $0) }
    }
}

/// A run over all persons.
public enum PeriodicRun: Sendable, Hashable {
    /// Credits a month to a retired person's account, from the pooled fund.
    case retireeCredit(ContributionPeriod)
    /// Credits the interest of a year that has ended, from the pooled fund.
    case interest(year: UInt16)
    /// Suspends coverage where contributions are in arrears on the business date.
    case arrears

    /// What begins the references of credits that only runs make.
    static let prefixes = ["retiree:", "interest:"]

    /// The reference of its credit: `retiree:2026-11`, `interest:2025`.
    public var reference: String? {
        switch self {
        case .retireeCredit(let month): "retiree:\(month)"
        case .interest(let year): "interest:\(year)"
        case .arrears: nil
        }
    }
}

extension PeriodicRow: Journaled {
    /// Appends the person, a tag, 1 to 3 in the order of the cases, and what the case carries.
    public func write(to writer: inout ByteWriter) {
        person.write(to: &writer)
        switch run {
        case .retireeCredit(let month):
            writer.byte(1)
            month.write(to: &writer)
        case .interest(let year):
            writer.byte(2)
            writer.unsigned(UInt64(year))
        case .arrears: writer.byte(3)
        }
    }

    /// Reads a person, a tag and what its case carries.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let person = try PersonID(from: &reader)
        let offset = reader.offset
        switch try reader.byte() {
        case 1:
            self.init(
                person: person, run: .retireeCredit(try ContributionPeriod(from: &reader)))
        case 2: self.init(person: person, run: .interest(year: try reader.integer()))
        case 3: self.init(person: person, run: .arrears)
        default: throw CodingFault(offset: offset, expected: "a run's tag, 1 to 3")
        }
    }
}
