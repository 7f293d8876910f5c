import Ledger
import SettlementDomain

/// One transaction in a business date's books; its sequence number is the row's `seq`.
struct DayMark: Projected {
    struct Key: Hashable, Sendable {
        var book: DayBook
        var date: CivilDate
        var stan: UInt32
    }

    /// Its sequence is 0 here.
    private(set) var row: DayRow

    static var table: String { "day" }
    static var keyColumns: [String] { ["booked_date", "institution", "terminal", "date", "stan"] }
    static var columns: [String] {
        [
            "kind", "settlement", "time", "home_region", "institution_region", "insurance_type",
            "total", "pooled", "large", "supplement", "account",
            "family", "cash",
        ]
    }

    var key: Key { Key(book: DayBook(row), date: row.key.date, stan: row.key.stan) }

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

    static func bind(_ key: Key, to binder: inout ColumnBinder) {
        binder.date(key.book.date)
        binder.institution(key.book.institution)
        binder.terminal(key.book.terminal)
        binder.date(key.date)
        binder.integer(key.stan)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.choice(row.kind)
        // Null: the request's own key names the settlement that it made.
        binder.optionalText(row.settlement.key == row.key ? nil : row.settlement.description)
        binder.integer(row.time)
        binder.integer(row.homeRegion.rawValue)
        binder.integer(row.institutionRegion.rawValue)
        binder.choice(row.insuranceType)
        binder.money(row.total)
        binder.money(row.pooled)
        binder.money(row.large)
        binder.money(row.supplement)
        binder.money(row.account)
        binder.money(row.family)
        binder.money(row.cash)
    }

    init(from reader: inout ColumnReader) throws {
        let bookedDate = try reader.date("booked_date")
        let institution = try reader.checked(InstitutionID(reader.text()), "institution")
        let key = try reader.key()
        let kind: RequestKind = try reader.choice("kind")
        let settlement =
            reader.isNull()
            ? SettlementID(key) : try reader.checked(SettlementID(reader.text()), "settlement")
        row = DayRow(
            key: key, kind: kind, institution: institution, bookedDate: bookedDate,
            settlement: settlement, sequence: 0, time: reader.integer(),
            homeRegion: try Self.region("home_region", &reader),
            institutionRegion: try Self.region("institution_region", &reader),
            insuranceType: try reader.choice("insurance_type"), amounts: Split())
        row.total = try reader.money("total")
        row.pooled = try reader.money("pooled")
        row.large = try reader.money("large")
        row.supplement = try reader.money("supplement")
        row.account = try reader.money("account")
        row.family = try reader.money("family")
        row.cash = try reader.money("cash")
    }

    private static func region(
        _ column: String, _ reader: inout ColumnReader
    ) throws -> RegionCode {
        try reader.checked(RegionCode(rawValue: try reader.number(column)), column)
    }

    /// Of the book only: `DayTable` sorts within it.
    static func position(of key: Key) -> TreePosition {
        TreePosition(key.book.institution.text)
    }
}

/// A terminal's transactions of one business date at one institution.
struct DayBook: Hashable, Sendable, Comparable {
    var date: CivilDate
    var institution: InstitutionID
    var terminal: TerminalID

    init(date: CivilDate, institution: InstitutionID, terminal: TerminalID) {
        self.date = date
        self.institution = institution
        self.terminal = terminal
    }

    init(_ row: DayRow) {
        self.init(
            date: row.bookedDate, institution: row.institution, terminal: row.key.terminal)
    }

    static func < (left: DayBook, right: DayBook) -> Bool {
        if left.date != right.date { return left.date < right.date }
        if left.institution != right.institution { return left.institution < right.institution }
        return left.terminal < right.terminal
    }
}

/// Which rows of a date's books are asked for, in the order of their keys.
struct DayRange {
    /// A key, or what lies before or after all keys of a terminal or of all.
    struct Bound: Comparable {
        var terminal: String
        var date: Int32
        var stan: UInt32

        init(_ key: RequestKey) {
            self.init(
                terminal: key.terminal.text, date: key.date.yyyymmdd, stan: key.stan)
        }

        init(terminal: String, date: Int32, stan: UInt32) {
            self.terminal = terminal
            self.date = date
            self.stan = stan
        }

        /// Before every key of the terminal; nil: of all.
        static func before(_ terminal: TerminalID?) -> Bound {
            Bound(terminal: terminal?.text ?? "", date: 0, stan: 0)
        }

        /// After every key of the terminal; nil: of all, since names are of capitals and digits.
        static func after(_ terminal: TerminalID?) -> Bound {
            Bound(terminal: terminal?.text ?? "~", date: .max, stan: .max)
        }

        static func < (left: Bound, right: Bound) -> Bool {
            if left.terminal != right.terminal { return left.terminal < right.terminal }
            if left.date != right.date { return left.date < right.date }
            return left.stan < right.stan
        }
    }

    var date: CivilDate
    var institution: InstitutionID
    /// Rows lie after it.
    var lower: Bound
    /// The last row lies before it or is it.
    var upper: Bound

    init(
        date: CivilDate, institution: InstitutionID, terminal: TerminalID?, after: RequestKey?,
        through: RequestKey?
    ) {
        self.date = date
        self.institution = institution
        lower = max(.before(terminal), after.map { Bound($0) } ?? .before(nil))
        upper = min(.after(terminal), through.map { Bound($0) } ?? .after(nil))
    }
}
