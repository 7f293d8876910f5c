import Ledger
import SettlementDomain

extension InstitutionRow: Projected {
    static var table: String { "institution" }
    static var keyColumns: [String] { ["id"] }
    static var columns: [String] {
        ["name", "kind", "level", "contract", "visit_types", "vaccinates", "region"]
    }

    var key: InstitutionID { institution.id }

    static func bind(_ key: InstitutionID, to binder: inout ColumnBinder) {
        binder.text(key.text)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.institution(institution.id)
        binder.text(institution.name)
        binder.choice(institution.kind)
        binder.choice(institution.level)
        binder.choice(institution.contract)
        binder.integer(institution.permittedVisitTypes.rawValue)
        binder.flag(institution.vaccinates)
        binder.integer(institution.region.rawValue)
    }

    init(from reader: inout ColumnReader) throws {
        let id = try reader.checked(InstitutionID(reader.text()), "id")
        self.init(
            institution: Institution(
                id: id, name: reader.text(), kind: try reader.choice("kind"),
                level: try reader.choice("level"), contract: try reader.choice("contract"),
                permittedVisitTypes: VisitTypes(rawValue: try reader.number("visit_types")),
                vaccinates: try reader.flag("vaccinates"),
                region: try reader.checked(
                    RegionCode(rawValue: try reader.number("region")), "region")))
    }

    static func position(of key: InstitutionID) -> TreePosition {
        TreePosition(key.text)
    }
}

extension TerminalRow: Projected {
    static var table: String { "terminal" }
    static var keyColumns: [String] { ["id"] }
    static var columns: [String] { ["institution", "role", "blocked"] }

    var key: TerminalID { id }

    static func bind(_ key: TerminalID, to binder: inout ColumnBinder) {
        binder.text(key.text)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.text(id.text)
        binder.institution(institution)
        binder.choice(role)
        binder.flag(blocked)
    }

    init(from reader: inout ColumnReader) throws {
        self.init(
            id: try reader.checked(TerminalID(reader.text()), "id"),
            institution: try reader.checked(InstitutionID(reader.text()), "institution"),
            role: try reader.choice("role"), blocked: try reader.flag("blocked"))
    }

    static func position(of key: TerminalID) -> TreePosition {
        TreePosition(key.text)
    }
}

/// A catalog version; its entries are in the journal entry that added it.
struct CatalogMark: Projected {
    var version: CatalogVersion
    var effectiveFrom: CivilDate
    var entries: Int64

    static var table: String { "catalog" }
    static var keyColumns: [String] { ["version"] }
    static var columns: [String] { ["effective_from", "entries"] }

    var key: CatalogVersion { version }

    init(_ row: CatalogRow) {
        version = row.catalog.version
        effectiveFrom = row.effectiveFrom
        entries = Int64(row.catalog.entries.count)
    }

    static func bind(_ key: CatalogVersion, to binder: inout ColumnBinder) {
        binder.integer(key.rawValue)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.integer(version.rawValue)
        binder.date(effectiveFrom)
        binder.integer(entries)
    }

    init(from reader: inout ColumnReader) throws {
        version = CatalogVersion(rawValue: try reader.number("version"))
        effectiveFrom = try reader.date("effective_from")
        entries = reader.integer()
    }

    static func position(of key: CatalogVersion) -> TreePosition {
        TreePosition(UInt64(key.rawValue))
    }
}

/// A policy version; its rules are in the journal entry that added it.
struct PolicyMark: Projected {
    struct Key: Hashable, Sendable {
        var region: RegionCode
        var version: PolicyVersion
    }

    var key: Key
    var effectiveFrom: CivilDate

    static var table: String { "policy" }
    static var keyColumns: [String] { ["region", "version"] }
    static var columns: [String] { ["effective_from"] }

    init(_ row: PolicyRow) {
        key = Key(region: row.policy.region, version: row.policy.version)
        effectiveFrom = row.policy.effectiveFrom
    }

    static func bind(_ key: Key, to binder: inout ColumnBinder) {
        binder.integer(key.region.rawValue)
        binder.integer(key.version.rawValue)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.date(effectiveFrom)
    }

    init(from reader: inout ColumnReader) throws {
        let region = try reader.checked(RegionCode(rawValue: try reader.number("region")), "region")
        key = Key(region: region, version: PolicyVersion(rawValue: try reader.number("version")))
        effectiveFrom = try reader.date("effective_from")
    }

    static func position(of key: Key) -> TreePosition {
        TreePosition(UInt64(key.region.rawValue), UInt64(key.version.rawValue))
    }
}

/// The daemon's business date: one row.
struct BusinessDateMark: Projected {
    var date: CivilDate

    static var table: String { "business_date" }
    static var keyColumns: [String] { ["id"] }
    static var columns: [String] { ["date"] }

    var key: UInt8 { 1 }

    init(_ date: CivilDate) {
        self.date = date
    }

    static func bind(_ key: UInt8, to binder: inout ColumnBinder) {
        binder.integer(key)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.integer(key)
        binder.date(date)
    }

    init(from reader: inout ColumnReader) throws {
        _ = reader.integer()
        date = try reader.date("date")
    }

    static func position(of key: UInt8) -> TreePosition {
        TreePosition(UInt64(key))
    }
}
