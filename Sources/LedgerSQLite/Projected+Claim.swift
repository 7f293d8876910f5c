import Ledger
import SettlementDomain

/// A claim as lists need it; the claim itself is in the journal entry `seq`.
struct ClaimMark: Projected {
    var id: ClaimID
    var person: PersonID
    var state: ClaimRow.State
    var agency: InstitutionID
    var submitted: Int64
    var total: Money
    var approved: Money
    var due: CivilDate?

    static var table: String { "claim" }
    static var keyColumns: [String] { ["terminal", "date", "stan"] }
    static var columns: [String] {
        ["person", "state", "agency", "submitted", "total", "approved", "due"]
    }

    var key: ClaimID { id }

    init(_ row: ClaimRow) {
        id = row.id
        person = row.person
        state = row.state
        agency = row.agency
        submitted = row.events.first?.time ?? 0
        total = row.total
        approved = row.approved
        due = row.due
    }

    static func bind(_ key: ClaimID, to binder: inout ColumnBinder) {
        binder.key(key.key)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.key(id.key)
        binder.person(person)
        binder.choice(state)
        binder.text(agency.text)
        binder.integer(submitted)
        binder.money(total)
        binder.money(approved)
        binder.optionalDate(due)
    }

    init(from reader: inout ColumnReader) throws {
        id = ClaimID(try reader.key())
        person = try reader.person("person")
        state = try reader.choice("state")
        agency = try reader.checked(InstitutionID(reader.text()), "agency")
        submitted = reader.integer()
        total = try reader.money("total")
        approved = try reader.money("approved")
        due = reader.isNull() ? nil : try reader.date("due")
    }

    static func position(of key: ClaimID) -> TreePosition {
        key.key.position
    }
}

extension BillRow: Projected {
    static var table: String { "bill" }
    static var keyColumns: [String] { ["code", "number"] }
    static var columns: [String] { ["claim", "settlement"] }

    static func bind(_ key: BillKey, to binder: inout ColumnBinder) {
        binder.text(key.code)
        binder.text(key.number)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        var claim: ClaimID?
        var settlement: SettlementID?
        switch holder {
        case .claim(let id): claim = id
        case .settlement(let id): settlement = id
        case nil: break
        }
        binder.optionalText(claim?.description)
        binder.optionalText(settlement?.description)
    }

    init(from reader: inout ColumnReader) throws {
        let key = BillKey(code: reader.text(), number: reader.text())
        let claim = try reader.words("claim", separator: .space) { ClaimID(String($0)) }.first
        let settlement = try reader.words("settlement", separator: .space) {
            SettlementID(String($0))
        }.first
        self.init(
            key: key,
            holder: claim.map { .claim($0) } ?? settlement.map { .settlement($0) })
    }

    static func position(of key: BillKey) -> TreePosition {
        TreePosition(TreePosition(key.code).high, TreePosition(key.number).high)
    }
}
