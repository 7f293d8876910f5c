import Ledger
import SettlementDomain

/// What a finance office is given of an institution's books of an ended business date.
///
/// Made of the books alone, so that it can be made again at any time, byte for byte.
public struct ClearingStatement: Sendable {
    /// The institution; its name may change and is not part of the statement.
    public var institution: InstitutionID
    /// The business date of booking.
    public var date: CivilDate
    /// Each transaction, in the order of terminal, key date, STAN.
    public var rows: [DayRow]
    /// Counts and sums.
    public var books: ClearingBooks

    /// Creates the statement of a date's rows, in any order.
    public init(institution: InstitutionID, date: CivilDate, rows: [DayRow]) {
        self.institution = institution
        self.date = date
        self.rows = rows.sorted { $0.key < $1.key }
        var books = ClearingBooks()
        for row in self.rows { books.take(row) }
        self.books = books
    }

    /// The name of its file, without the extension: date and institution.
    public var fileName: String { "clearing-\(date)-\(institution)" }
}

extension ClearingStatement {
    /// The columns of money, with what they are called.
    static let columns: [(name: String, title: String)] = [
        ("total", "Total"), ("pooled", "Pooled fund"), ("large", "Large-amount"),
        ("supplement", "Supplementary"), ("account", "Individual acct."), ("family", "Family"),
        ("cash", "Cash"), ("owed", "Owed"),
    ]

    static func amounts(_ sums: ClearingSums) -> [Money] {
        [
            sums.total, sums.pooled, sums.large, sums.supplement, sums.account, sums.family,
            sums.cash, sums.insured,
        ]
    }

    static func amounts(_ row: DayRow) -> [Money] {
        [
            row.total, row.pooled, row.large, row.supplement, row.account, row.family, row.cash,
            row.insured,
        ]
    }

    /// What a kind is called.
    static func name(of kind: RequestKind) -> String {
        switch kind {
        case .settle: "settle"
        case .void: "void"
        case .refund: "refund"
        default: "reversal"
        }
    }
}
