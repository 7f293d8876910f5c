import Ledger
import SettlementDomain

/// chronic.csv: one registration for a chronic disease a line.
struct ChronicForm: SiteForm {
    static let columns = [person, disease, from, until]
    private static let person = Column(0, "person", required: .always)
    private static let disease = Column(1, "disease", required: .always)
    private static let from = Column(2, "from", required: .always)
    private static let until = Column(3, "until", required: .whereKnown)

    private struct Pair: Hashable {
        var person: PersonID
        var disease: DiseaseCode
    }

    private var seen: [Pair: Int] = [:]

    mutating func row(of line: inout FormLine) -> Registration? {
        let person = line.value(Self.person, "a whole number of 1...10^18", PersonID.init(_:))
        let disease = line.value(
            Self.disease, "a code of 1 to 20 letters, digits, - or .", DiseaseCode.init(_:))
        let from = line.day(Self.from)
        let until = line.valueIfWritten(Self.until, "a day as 2026-11-23", FormLine.day)
        guard let person, let disease, let from else { return nil }
        if let until, until < from { line.refuse(Self.until, "is before the first day") }
        line.unique(Pair(person: person, disease: disease), Self.disease, in: &seen)
        return .chronic(
            ChronicRegistration(
                person: person, disease: ChronicDisease(code: disease, from: from, until: until)))
    }
}
