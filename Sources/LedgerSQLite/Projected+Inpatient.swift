import Ledger
import SettlementDomain

extension AdmissionRow: Projected {
    static var table: String { "admission" }
    static var keyColumns: [String] { ["terminal", "date", "stan"] }
    static var columns: [String] {
        [
            "state", "person", "institution", "admitted_on", "diagnosis", "uploads", "line_count",
            "total", "revision", "settlement",
        ]
    }

    var key: AdmissionID { id }

    static func bind(_ key: AdmissionID, to binder: inout ColumnBinder) {
        binder.key(key.key)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.key(id.key)
        binder.choice(state)
        binder.person(person)
        binder.institution(institution)
        binder.date(admittedOn)
        binder.optionalText(diagnosis?.text)
        binder.integer(uploads)
        binder.integer(lineCount)
        binder.money(total)
        binder.integer(revision)
        binder.optionalText(settlement?.description)
    }

    init(from reader: inout ColumnReader) throws {
        let id = AdmissionID(try reader.key())
        let state: State = try reader.choice("state")
        let person = try reader.person("person")
        let institution = try reader.checked(InstitutionID(reader.text()), "institution")
        let admittedOn = try reader.date("admitted_on")
        let diagnosis = try reader.words("diagnosis", separator: .space) { DiseaseCode(String($0)) }
        self.init(
            id: id, state: state, person: person, institution: institution,
            admittedOn: admittedOn, diagnosis: diagnosis.first,
            uploads: try reader.number("uploads"), lineCount: try reader.number("line_count"),
            total: try reader.money("total"), revision: try reader.number("revision"),
            settlement: try reader.words("settlement", separator: .space) {
                SettlementID(String($0))
            }.first)
    }

    static func position(of key: AdmissionID) -> TreePosition {
        key.key.position
    }
}

/// An upload as lists need it; its lines are in the journal entry `seq`.
struct FeeUploadMark: Projected {
    var key: FeeUploadKey
    var day: CivilDate
    var lineCount: Int64
    var total: Money
    var isCancelled: Bool

    static var table: String { "fee_upload" }
    static var keyColumns: [String] { ["terminal", "date", "stan", "number"] }
    static var columns: [String] { ["day", "line_count", "total", "cancelled"] }

    init(_ row: FeeUploadRow) {
        key = row.key
        day = row.day
        lineCount = Int64(row.lines.count)
        total = row.total
        isCancelled = row.isCancelled
    }

    static func bind(_ key: FeeUploadKey, to binder: inout ColumnBinder) {
        binder.key(key.admission.key)
        binder.integer(key.number)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.date(day)
        binder.integer(lineCount)
        binder.money(total)
        binder.flag(isCancelled)
    }

    init(from reader: inout ColumnReader) throws {
        let admission = AdmissionID(try reader.key())
        key = FeeUploadKey(admission: admission, number: try reader.number("number"))
        day = try reader.date("day")
        lineCount = reader.integer()
        total = try reader.money("total")
        isCancelled = try reader.flag("cancelled")
    }

    static func position(of key: FeeUploadKey) -> TreePosition {
        var position = key.admission.key.position
        position.low &+= UInt64(key.number)
        return position
    }
}

extension OpenStaysRow: Projected {
    static var table: String { "open_stays" }
    static var keyColumns: [String] { ["person"] }
    static var columns: [String] { ["admissions"] }

    var key: PersonID { person }

    static func bind(_ key: PersonID, to binder: inout ColumnBinder) {
        binder.person(key)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.person(person)
        binder.text(open.map(\.description).joined(separator: " "))
    }

    init(from reader: inout ColumnReader) throws {
        self.init(
            person: try reader.person("person"),
            open: try reader.words("admissions", separator: .space) { AdmissionID(String($0)) })
    }

    static func position(of key: PersonID) -> TreePosition {
        TreePosition(key.rawValue)
    }
}
