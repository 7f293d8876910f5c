import Ledger
import SettlementDomain

extension ContributionRow: Projected {
    static var table: String { "contribution" }
    static var keyColumns: [String] { ["person", "period"] }
    static var columns: [String] {
        [
            "base", "employer_part", "individual_part", "credited", "paid_date", "collector",
            "employer",
        ]
    }

    static func bind(_ key: ContributionKey, to binder: inout ColumnBinder) {
        binder.person(key.person)
        binder.integer(key.period.yyyymm)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.money(base)
        binder.money(employerPart)
        binder.money(individualPart)
        binder.money(credited)
        binder.date(paidDate)
        binder.text(collector.text)
        binder.optionalText(employer?.text)
    }

    init(from reader: inout ColumnReader) throws {
        let key = ContributionKey(
            person: try reader.person("person"),
            period: try reader.checked(
                ContributionPeriod(yyyymm: try reader.number("period")), "period"))
        self.init(
            key: key, base: try reader.money("base"),
            employerPart: try reader.money("employer_part"),
            individualPart: try reader.money("individual_part"),
            credited: try reader.money("credited"), paidDate: try reader.date("paid_date"),
            collector: try reader.checked(InstitutionID(reader.text()), "collector"),
            employer: try reader.institutionIfKnown("employer"))
    }

    static func position(of key: ContributionKey) -> TreePosition {
        TreePosition(key.person.rawValue, UInt64(key.period.yyyymm))
    }
}

extension ColumnReader {
    /// An institution's code, or NULL.
    mutating func institutionIfKnown(_ column: String) throws -> InstitutionID? {
        guard !isNull() else { return nil }
        return try checked(InstitutionID(text()), column)
    }
}
