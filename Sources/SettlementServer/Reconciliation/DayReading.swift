import Ledger
import SettlementDomain

/// Rows of a business date's books that the committer's thread reads between two batches.
public struct DayReading: Sendable {
    /// What one reading gives of one span.
    public struct Page: Sendable {
        /// Rows in the order of keys.
        public var rows: [DayRow]
        /// Whether the span has no others.
        public var isWhole: Bool

        /// Creates a page of its parts.
        public init(rows: [DayRow], isWhole: Bool) {
            self.rows = rows
            self.isWhole = isWhole
        }
    }

    /// The booked date.
    public var date: CivilDate
    /// The institution.
    public var institution: InstitutionID
    /// One of its terminals; nil: all.
    public var terminal: TerminalID?
    /// What is to be read, in this order, for as long as there is room.
    public var spans: [DayReconciliation.Span]
    /// How many rows are read in all, at least 1.
    public var rowsMax: Int
    /// Takes a page for each span that was read, in their order; called on the committer's thread,
    /// must not block.
    public var deliver: @Sendable (Result<[Page], StoreFault>) -> Void

    /// Creates a reading of its parts.
    public init(
        date: CivilDate, institution: InstitutionID, terminal: TerminalID?,
        spans: [DayReconciliation.Span], rowsMax: Int,
        deliver: @escaping @Sendable (Result<[Page], StoreFault>) -> Void
    ) {
        self.date = date
        self.institution = institution
        self.terminal = terminal
        self.spans = spans
        self.rowsMax = rowsMax
        self.deliver = deliver
    }

    /// Reads from a store, on its thread.
    func pages(from store: any LedgerStore) throws(StoreFault) -> [Page] {
        var pages: [Page] = []
        var room = max(1, rowsMax)
        for span in spans where room > 0 {
            let question = StoreQuestion.day(
                date, institution, terminal, after: span.after, through: span.through, limit: room)
            guard case .day(let rows) = try store.read(question) else {
                throw .corrupt("a day was asked for and something else answered")
            }
            pages.append(Page(rows: rows, isWhole: rows.count < room))
            room -= rows.count
        }
        return pages
    }
}
