import SettlementDomain

/// A question about a person's records: decided like any request, then read from the store.
///
/// The decision is recorded: whether the PIN or the papers were good, and the line of the access
/// log. What is answered is not: a retry under the same key is let in again and reads anew.
public struct PersonQuery: Sendable {
    /// What is asked.
    public enum Question: Sendable, Hashable {
        /// A page of what happened to the account and to the person's own settlements.
        case transactions(TransactionQuestion)
        /// Sums of calendar months.
        case months(MonthQuestion)
        /// A calendar year.
        case annual(year: Int)
        /// A page of contributions: before this period, at most so many.
        case contributions(before: ContributionPeriod?, limit: Int)
        /// Who may draw on whose account, and a page of what relatives drew.
        case family(before: UInt64?, limit: Int)
        /// A page of the access log: before this cursor, at most so many.
        case accesses(before: UInt64?, limit: Int)
        /// A page of the claims, without their lines: before this cursor, at most so many.
        case claims(before: UInt64?, limit: Int)
        /// One claim with all that belongs to it, the bills from this one on; nil: the first page.
        case claim(ClaimID, from: Int?)
    }

    /// Of whom, and by what right.
    public var asking: Asking
    /// What is asked.
    public var question: Question

    /// Creates a query of its parts.
    public init(asking: Asking, question: Question) {
        self.asking = asking
        self.question = question
    }

    /// The frame kind.
    public var kind: RequestKind {
        switch question {
        case .transactions: .transactionList
        case .months: .monthlyEntries
        case .annual: .annualStatement
        case .contributions: .contributionRecords
        case .family: .familyList
        case .accesses: .accessLog
        case .claims, .claim: .claimStatus
        }
    }
}

/// Which page of a person's transactions is asked for.
public struct TransactionQuestion: Sendable, Hashable {
    /// The first booked date; nil: from the beginning.
    public var from: CivilDate?
    /// The last booked date; nil: until now.
    public var through: CivilDate?
    /// The cursor that the page before gave; nil: the newest.
    public var before: UInt64?
    /// What the first page gave: later transactions are not listed; nil on the first page.
    public var asOf: UInt64?
    /// Only these kinds of requests; empty: any.
    public var kinds: Set<RequestKind>
    /// Only at this institution; nil: anywhere.
    public var institution: InstitutionID?
    /// Rows at most, 1...200.
    public var limit: Int

    /// The largest `limit`, and its default.
    public static let limitMax = 200

    /// Creates a question of its parts.
    public init(
        from: CivilDate? = nil, through: CivilDate? = nil, before: UInt64? = nil,
        asOf: UInt64? = nil, kinds: Set<RequestKind> = [], institution: InstitutionID? = nil,
        limit: Int = limitMax
    ) {
        self.from = from
        self.through = through
        self.before = before
        self.asOf = asOf
        self.kinds = kinds
        self.institution = institution
        self.limit = limit
    }

    /// Whether a journal entry is asked for, its dates aside.
    public func admits(_ entry: JournalEntry) -> Bool {
        if !kinds.isEmpty, !kinds.contains(entry.kind) { return false }
        guard let institution else { return true }
        return entry.settlementRow?.institution == institution
    }
}

/// Which months of an account are asked for.
public struct MonthQuestion: Sendable, Hashable {
    /// The first day of the first month.
    public var from: CivilDate
    /// How many months, 1...36.
    public var count: Int

    /// The largest `count`.
    public static let countMax = 36

    /// Creates a question of its parts.
    public init(from: CivilDate, count: Int) {
        self.from = from
        self.count = count
    }
}

/// One change of an individual account, as months and balances need it.
public struct AccountMove: Sendable, Hashable {
    /// The journal entry that made it.
    public var sequence: UInt64
    /// The business date.
    public var bookedDate: CivilDate
    /// What kind of request made it.
    public var kind: RequestKind
    /// Whether it belongs to a settlement of the account's owner.
    public var isOwnSettlement: Bool
    /// What was added.
    public var amount: Money
    /// The balance after it.
    public var balance: Money

    /// Creates a move of its parts.
    public init(
        sequence: UInt64, bookedDate: CivilDate, kind: RequestKind, isOwnSettlement: Bool,
        amount: Money, balance: Money
    ) {
        self.sequence = sequence
        self.bookedDate = bookedDate
        self.kind = kind
        self.isOwnSettlement = isOwnSettlement
        self.amount = amount
        self.balance = balance
    }
}

/// A calendar month of an individual account.
///
/// opening + credited + interest − spent − familyUse = closing, always.
public struct MonthlyEntry: Sendable, Hashable {
    /// The first day of the month.
    public var month: CivilDate
    /// The balance when it began.
    public var opening: Money
    /// Contributions and other credits.
    public var credited = Money.zero
    /// Yearly interest.
    public var interest = Money.zero
    /// Paid for the owner's own bills, what came back taken off.
    public var spent = Money.zero
    /// Paid for relatives' bills, what came back taken off.
    public var familyUse = Money.zero
    /// The balance at its end.
    public var closing: Money
    /// How many changes there were.
    public var moves = 0

    /// Creates a month in which nothing happened.
    public init(month: CivilDate, opening: Money, closing: Money) {
        self.month = month
        self.opening = opening
        self.closing = closing
    }

    /// The months of a question, from the moves of its days, oldest first.
    public static func months(
        of question: MonthQuestion, opening: Money, moves: some Sequence<AccountMove>
    ) -> [MonthlyEntry] {
        var result: [MonthlyEntry] = []
        var month = question.from
        var balance = opening
        var iterator = moves.makeIterator()
        var next = iterator.next()
        for _ in 0..<question.count {
            let end = month.startOfNextMonth
            var entry = MonthlyEntry(month: month, opening: balance, closing: balance)
            while let move = next, move.bookedDate < end {
                entry.take(move)
                next = iterator.next()
            }
            balance = entry.closing
            result.append(entry)
            month = end
        }
        return result
    }

    private mutating func take(_ move: AccountMove) {
        moves += 1
        closing = closing + move.amount
        switch move.kind {
        case .settle, .discharge, .void, .refund, .reversal:
            if move.isOwnSettlement {
                spent = spent - move.amount
            } else {
                familyUse = familyUse - move.amount
            }
        case .annualInterest: interest = interest + move.amount
        default: credited = credited + move.amount
        }
    }
}

/// What a permitted query found.
public enum QueryAnswer: Sendable {
    case transactions(TransactionPage)
    case months([MonthlyEntry])
    case annual(AnnualStatement)
    case contributions([ContributionRow], next: ContributionPeriod?)
    case family(FamilyPage)
    case accesses([Access], next: UInt64?)
    case claims([ClaimRow], next: UInt64?)
    case claim(ClaimRow, from: Int?)
}

/// Who may draw on whose account, and a page of what relatives drew, newest first.
public struct FamilyPage: Sendable {
    /// Whose family.
    public var person: PersonID
    /// Who may draw on the person's account.
    public var members: [NamedLink]
    /// On whose accounts the person may draw, in the order of drawing.
    public var owners: [NamedLink]
    /// Changes of the person's account by relatives' bills, each with the relative's name.
    public var draws: [(entry: JournalEntry, relative: String?)]
    /// The cursor of the next page; nil: there is none.
    public var next: UInt64?
}

/// A page of a person's transactions, newest first.
public struct TransactionPage: Sendable {
    /// Whose transactions.
    public var person: PersonID
    /// The balance before the first day asked for.
    public var opening: Money
    /// The balance at the end of the last day asked for, or now.
    public var closing: Money
    /// Later transactions are not listed.
    public var asOf: UInt64
    /// The cursor of the next page; nil: there is none.
    public var next: UInt64?
    /// The transactions, each with the name of the relative where it is their bill.
    public var rows: [(entry: JournalEntry, relative: String?)]

    /// Creates a page of its parts.
    public init(
        person: PersonID, opening: Money, closing: Money, asOf: UInt64, next: UInt64?,
        rows: [(entry: JournalEntry, relative: String?)]
    ) {
        self.person = person
        self.opening = opening
        self.closing = closing
        self.asOf = asOf
        self.next = next
        self.rows = rows
    }
}

extension JournalEntry {
    /// The settlement that it made or changed; nil for any other entry.
    public var settlementRow: SettlementRow? {
        for case .settlement(let row) in changes { return row }
        return nil
    }

    /// The account change of this person; nil where the entry did not touch their account.
    public func move(of person: PersonID) -> AccountMove? {
        movements.first { $0.person == person }.map { movement in
            AccountMove(
                sequence: sequence, bookedDate: bookedDate, kind: kind,
                isOwnSettlement: settlementRow?.person == person, amount: movement.amount,
                balance: movement.balance)
        }
    }
}
