import SettlementDomain

/// Which institution's books of which business date.
public struct ClearingKey: Sendable, Hashable {
    /// The institution.
    public var institution: InstitutionID
    /// The business date, which has ended.
    public var date: CivilDate

    /// Creates a key of its parts.
    public init(institution: InstitutionID, date: CivilDate) {
        self.institution = institution
        self.date = date
    }
}

/// What the agency has paid an institution for a business date; paid once.
public struct ClearingRow: Sendable, Hashable {
    /// Whom, for which date.
    public var key: ClearingKey
    /// How much; below zero where more was given back than settled.
    public var amount: Money

    /// Creates a payment of its parts.
    public init(key: ClearingKey, amount: Money) {
        self.key = key
        self.amount = amount
    }
}

/// Count and sums of a date's transactions of one kind, column by column.
///
/// Nothing bounds what terminals together say that they took in cash: sums are held to 64 bits, and what the
/// agency owes does not depend on the columns with cash.
public struct ClearingSums: Sendable, Hashable {
    /// How many transactions.
    public var count: UInt64 = 0
    /// The sum of all payers.
    public var total = Money.zero
    /// Of the pooled fund.
    public var pooled = Money.zero
    /// Of large-amount assistance.
    public var large = Money.zero
    /// Of supplementary plans.
    public var supplement = Money.zero
    /// Of individual accounts.
    public var account = Money.zero
    /// Of relatives' accounts.
    public var family = Money.zero
    /// Of patients' cash, which is no business of the agency.
    public var cash = Money.zero

    /// Nothing summed yet.
    public init() {}

    /// What was not cash.
    public var insured: Money {
        Self.insuredColumns.reduce(.zero) { $0.addingHeld(self[keyPath: $1]) }
    }

    private static let insuredColumns: [WritableKeyPath<ClearingSums, Money> & Sendable] = [
        \.pooled, \.large, \.supplement, \.account, \.family,
    ]
    private static let columns = insuredColumns + [\.total, \.cash]

    /// The sums of both, column by column.
    public static func + (left: ClearingSums, right: ClearingSums) -> ClearingSums {
        var result = left
        result.count += right.count
        for column in columns {
            result[keyPath: column] = left[keyPath: column].addingHeld(right[keyPath: column])
        }
        return result
    }

    /// Adds a transaction.
    mutating func add(_ row: DayRow) {
        count += 1
        total = total.addingHeld(row.total)
        pooled = pooled.addingHeld(row.pooled)
        large = large.addingHeld(row.large)
        supplement = supplement.addingHeld(row.supplement)
        account = account.addingHeld(row.account)
        family = family.addingHeld(row.family)
        cash = cash.addingHeld(row.cash)
    }

    /// These sums less others, column by column; the counts are added.
    func less(_ other: ClearingSums) -> ClearingSums {
        var result = self
        result.count += other.count
        for column in Self.columns {
            result[keyPath: column] =
                result[keyPath: column].subtractingHeld(other[keyPath: column])
        }
        return result
    }
}

/// An institution's books of a date, summed: made row by row.
public struct ClearingBooks: Sendable, Hashable {
    /// Each kind, in the order of numbers: settle, void, refund, reversal.
    public private(set) var kinds = DayTotals.kinds.map { (kind: $0, sums: ClearingSums()) }

    /// Empty books.
    public init() {}

    /// Adds a transaction; one of another kind is passed over.
    public mutating func take(_ row: DayRow) {
        guard let index = kinds.firstIndex(where: { $0.kind == row.kind }) else { return }
        kinds[index].sums.add(row)
    }

    /// What was settled less what was given back.
    public var net: ClearingSums {
        kinds.dropFirst().reduce(kinds[0].sums) { $0.less($1.sums) }
    }

    /// What the agency owes the institution for the date.
    public var owed: Money { net.insured }

    /// Whether all sums are equal.
    public static func == (left: ClearingBooks, right: ClearingBooks) -> Bool {
        left.kinds.map(\.sums) == right.kinds.map(\.sums)
    }

    /// Feeds all sums to a hasher.
    public func hash(into hasher: inout Hasher) {
        for kind in kinds { hasher.combine(kind.sums) }
    }
}

extension ClearingRow: Journaled {
    /// Appends institution, date and amount.
    public func write(to writer: inout ByteWriter) {
        key.institution.write(to: &writer)
        key.date.write(to: &writer)
        amount.write(to: &writer)
    }

    /// Reads institution, date and amount.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let key = ClearingKey(
            institution: try InstitutionID(from: &reader), date: try CivilDate(from: &reader))
        self.init(key: key, amount: try Money(from: &reader))
    }
}
