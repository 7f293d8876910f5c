import Ledger
import SettlementDomain

/// One transaction in a business date's books.
struct DayMark: Stored {
    struct Key: Hashable, Sendable {
        var institution: InstitutionID
        var date: CivilDate
        var request: RequestKey
    }

    /// Its sequence is 0 here: the table's `seq` is it.
    private(set) var row: DayRow

    static let table = Table(
        "day",
        keys: [
            Column("institution", .text), Column("booked_date", .int4), Column("terminal", .text),
            Column("date", .int4), Column("stan", .int4),
        ],
        values: [
            Column("kind", .int2), Column("settlement", .text), Column("time", .int8),
            Column("home_region", .int4), Column("institution_region", .int4),
            Column("insurance_type", .int2),
        ] + amounts.map { Column($0, .int8) })

    private static let amounts = [
        "total", "pooled", "large", "supplement", "account", "family", "cash",
    ]

    var key: Key { Key(institution: row.institution, date: row.bookedDate, request: row.key) }

    init(_ row: DayRow) {
        self.row = row
        self.row.sequence = 0
    }

    /// The row with its sequence number.
    func row(sequence: UInt64) -> DayRow {
        var row = row
        row.sequence = sequence
        return row
    }

    static func write(_ key: Key, to writer: inout ColumnWriter) {
        writer.text(key.institution.text)
        writer.date(key.date)
        writer.key(key.request)
    }

    func writeValues(to writer: inout ColumnWriter) {
        writer.choice(row.kind)
        // Null: the request's own key names the settlement that it made.
        writer.optionalText(row.settlement.key == row.key ? nil : row.settlement.description)
        writer.integer(row.time)
        writer.number(row.homeRegion.rawValue)
        writer.number(row.institutionRegion.rawValue)
        writer.choice(row.insuranceType)
        let amounts = [
            row.total, row.pooled, row.large, row.supplement, row.account, row.family, row.cash,
        ]
        for amount in amounts { writer.money(amount) }
    }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        let institution = try reader.institution("institution")
        let bookedDate = try reader.date("booked_date")
        let key = try reader.key()
        let kind: RequestKind = try reader.choice("kind")
        let settlement =
            reader.isNull()
            ? SettlementID(key) : try reader.checked(SettlementID(reader.text()), "settlement")
        row = DayRow(
            key: key, kind: kind, institution: institution, bookedDate: bookedDate,
            settlement: settlement, sequence: 0, time: reader.integer(),
            homeRegion: try reader.region("home_region"),
            institutionRegion: try reader.region("institution_region"),
            insuranceType: try reader.choice("insurance_type"), amounts: Split())
        row.total = try reader.money("total")
        row.pooled = try reader.money("pooled")
        row.large = try reader.money("large")
        row.supplement = try reader.money("supplement")
        row.account = try reader.money("account")
        row.family = try reader.money("family")
        row.cash = try reader.money("cash")
    }

    static func isBefore(_ left: Key, _ right: Key) -> Bool {
        (left.institution, left.date, left.request) < (right.institution, right.date, right.request)
    }
}

extension ColumnReader {
    fileprivate mutating func region(_ column: String) throws(StoreFault) -> RegionCode {
        try checked(RegionCode(rawValue: try number(column)), column)
    }
}
