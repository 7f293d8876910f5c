import Ledger
import SettlementDomain

extension PersonRow: Projected {
    static var table: String { "person" }
    static var keyColumns: [String] { ["id"] }
    static var columns: [String] {
        [
            "name", "id_number", "sex", "birth_date", "insurance_type", "category", "region",
            "coverage", "plans", "has_account", "frozen", "employer", "paid_through",
            "suspended_from", "covered_from", "chronic",
        ]
    }

    var key: PersonID { person.id }

    static func bind(_ key: PersonID, to binder: inout ColumnBinder) {
        binder.person(key)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.person(person.id)
        binder.text(name)
        binder.integer(idNumber.digits)
        binder.choice(person.sex)
        binder.date(person.birthDate)
        binder.choice(person.insuranceType)
        binder.choice(person.category)
        binder.integer(person.region.rawValue)
        binder.choice(person.coverage)
        binder.optionalText(
            person.plans.isEmpty ? nil : person.plans.map(\.text).joined(separator: ","))
        binder.flag(person.hasAccount)
        binder.flag(frozen)
        binder.optionalText(standing.employer?.text)
        if let month = standing.paidThrough { binder.integer(month.yyyymm) } else { binder.null() }
        binder.optionalDate(standing.suspendedFrom)
        binder.optionalDate(standing.coveredFrom)
        binder.optionalText(
            person.chronicDiseases.isEmpty
                ? nil : person.chronicDiseases.map(\.word).joined(separator: " "))
    }

    init(from reader: inout ColumnReader) throws {
        let id = try reader.person("id")
        let name = reader.text()
        let idNumber = try reader.checked(IDNumber(digits: reader.unsigned()), "id_number")
        var person = Person(
            id: id, sex: try reader.choice("sex"), birthDate: try reader.date("birth_date"),
            insuranceType: try reader.choice("insurance_type"),
            category: try reader.choice("category"),
            region: try reader.checked(
                RegionCode(rawValue: try reader.number("region")), "region"),
            coverage: try reader.choice("coverage"),
            plans: try reader.words("plans", separator: .comma) { PlanID(String($0)) },
            hasAccount: try reader.flag("has_account"))
        let frozen = try reader.flag("frozen")
        var standing = ContributionStanding(employer: try reader.institutionIfKnown("employer"))
        if !reader.isNull() {
            standing.paidThrough = try reader.checked(
                ContributionPeriod(yyyymm: try reader.number("paid_through")), "paid_through")
        }
        if !reader.isNull() { standing.suspendedFrom = try reader.date("suspended_from") }
        if !reader.isNull() { standing.coveredFrom = try reader.date("covered_from") }
        person.chronicDiseases = try reader.words("chronic", separator: .space) {
            ChronicDisease(word: $0)
        }
        self.init(
            person: person, name: name, idNumber: idNumber, frozen: frozen, standing: standing)
    }

    static func position(of key: PersonID) -> TreePosition {
        TreePosition(key.rawValue)
    }
}

extension AccountRow: Projected {
    static var table: String { "account" }
    static var keyColumns: [String] { ["person"] }
    static var columns: [String] { ["balance", "entries", "head"] }

    var key: PersonID { person }

    static func bind(_ key: PersonID, to binder: inout ColumnBinder) {
        binder.person(key)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.person(person)
        binder.money(balance)
        binder.integer(entries)
        binder.digest(head)
    }

    init(from reader: inout ColumnReader) throws {
        self.init(
            person: try reader.person("person"), balance: try reader.money("balance"),
            entries: reader.unsigned(), head: try reader.digest("head"))
    }

    static func position(of key: PersonID) -> TreePosition {
        TreePosition(key.rawValue)
    }
}

extension FamilyRow: Projected {
    static var table: String { "family" }
    static var keyColumns: [String] { ["member"] }
    static var columns: [String] { ["links"] }

    var key: PersonID { member }

    static func bind(_ key: PersonID, to binder: inout ColumnBinder) {
        binder.person(key)
    }

    /// Links as `owner:relationship:limit:year:used:daily:day:usedToday`, a space between; what there
    /// is none of is empty.
    func bind(to binder: inout ColumnBinder) {
        binder.person(member)
        binder.text(
            links.map { link in
                let limit = link.yearlyLimit.map { String($0.fen) } ?? ""
                let daily = link.dailyLimit.map { String($0.fen) } ?? ""
                let day = link.usedDay.map { String($0.yyyymmdd) } ?? ""
                return "\(link.owner):\(link.relationship.rawValue):\(limit):\(link.usedYear):"
                    + "\(link.used.fen):\(daily):\(day):\(link.usedToday.fen)"
            }.joined(separator: " "))
    }

    init(from reader: inout ColumnReader) throws {
        self.init(
            member: try reader.person("member"),
            links: try reader.words("links", separator: .space, FamilyLink.init(word:)))
    }

    static func position(of key: PersonID) -> TreePosition {
        TreePosition(key.rawValue)
    }
}

extension ChronicDisease {
    /// `code:from:until`, days as yyyymmdd; without end, the last is empty.
    fileprivate var word: String {
        "\(code):\(from.yyyymmdd):" + (until.map { String($0.yyyymmdd) } ?? "")
    }

    fileprivate init?(word: Substring) {
        let parts = word.bytewiseSplit(separator: .colon, omittingEmptySubsequences: false)
        guard parts.count == 3, let code = DiseaseCode(String(parts[0])),
            let from = Int32(parts[1]).flatMap(CivilDate.init(yyyymmdd:))
        else { return nil }
        let until = Int32(parts[2]).flatMap(CivilDate.init(yyyymmdd:))
        guard until != nil || parts[2].isEmpty else { return nil }
        self.init(code: code, from: from, until: until)
    }
}

extension FamilyLink {
    fileprivate init?(word: Substring) {
        let parts = word.bytewiseSplit(separator: .colon, omittingEmptySubsequences: false)
        guard parts.count == 8, let owner = PersonID(String(parts[0])),
            let relationship = UInt8(parts[1]).flatMap(Relationship.init(rawValue:)),
            let year = UInt16(parts[3]), let used = Int64(parts[4]), let today = Int64(parts[7])
        else { return nil }
        let limit = Int64(parts[2])
        let daily = Int64(parts[5])
        let day = Int32(parts[6]).flatMap(CivilDate.init(yyyymmdd:))
        guard limit != nil || parts[2].isEmpty, daily != nil || parts[5].isEmpty,
            day != nil || parts[6].isEmpty
        else { return nil }
        self.init(
            owner: owner, relationship: relationship, yearlyLimit: limit.map(Money.init(fen:)),
            dailyLimit: daily.map(Money.init(fen:)), usedYear: year, used: Money(fen: used),
            usedDay: day, usedToday: Money(fen: today))
    }
}

extension OwnerRow: Projected {
    static var table: String { "family_owner" }
    static var keyColumns: [String] { ["owner"] }
    static var columns: [String] { ["members"] }

    var key: PersonID { owner }

    static func bind(_ key: PersonID, to binder: inout ColumnBinder) {
        binder.person(key)
    }

    /// Members with a space between.
    func bind(to binder: inout ColumnBinder) {
        binder.person(owner)
        binder.text(members.map(\.description).joined(separator: " "))
    }

    init(from reader: inout ColumnReader) throws {
        self.init(
            owner: try reader.person("owner"),
            members: try reader.words("members", separator: .space) { PersonID(String($0)) })
    }

    static func position(of key: PersonID) -> TreePosition {
        TreePosition(key.rawValue)
    }
}
