import SettlementDomain

/// One transaction with an effect, as a business date's books list it.
///
/// Of a settle, what it takes; of a void, refund or reversal, what it gives back.
public struct DayRow: Sendable, Hashable {
    /// The request's key.
    public var key: RequestKey
    /// `settle`, of a discharge too, `void`, `refund` or `reversal`.
    public var kind: RequestKind
    /// At which institution.
    public var institution: InstitutionID
    /// The business date under which it is booked.
    public var bookedDate: CivilDate
    /// The settlement that it made or undid.
    public var settlement: SettlementID
    /// The journal entry that booked it.
    public var sequence: UInt64
    /// When, milliseconds since 1970 UTC.
    public var time: Int64
    /// The patient's home region, whose policy and funds it went by.
    public var homeRegion: RegionCode
    /// The region in which the institution was then.
    public var institutionRegion: RegionCode
    /// Whose pool of the home region paid.
    public var insuranceType: InsuranceType
    /// The sum of all payers.
    public var total: Money
    /// The pooled fund's part.
    public var pooled: Money
    /// Large-amount assistance's part.
    public var large: Money
    /// The supplementary plans' part.
    public var supplement: Money
    /// The own account's part.
    public var account: Money
    /// The relatives' part.
    public var family: Money
    /// The patient's cash.
    public var cash: Money

    /// Creates a row of a transaction and what it took or gave back.
    public init(
        key: RequestKey, kind: RequestKind, institution: InstitutionID, bookedDate: CivilDate,
        settlement: SettlementID, sequence: UInt64, time: Int64, homeRegion: RegionCode,
        institutionRegion: RegionCode, insuranceType: InsuranceType, amounts: Split
    ) {
        self.key = key
        self.kind = kind
        self.institution = institution
        self.bookedDate = bookedDate
        self.settlement = settlement
        self.sequence = sequence
        self.time = time
        self.homeRegion = homeRegion
        self.institutionRegion = institutionRegion
        self.insuranceType = insuranceType
        total = amounts.total
        pooled = amounts.pooled
        large = amounts.large
        supplement = amounts.supplement
        account = amounts.account
        family = amounts.family
        cash = amounts.cash
    }

    /// What was not cash: what the agency owes the institution for it, or gets back.
    public var insured: Money { total - cash }

    /// As reconciliation counts it.
    public var transaction: DayTransaction {
        DayTransaction(
            key: key, kind: kind, total: total, insured: insured, settlement: settlement,
            time: time)
    }
}

extension JournalEntry {
    /// The line of the day's books that this entry is; nil where it settled and undid nothing.
    public var dayRow: DayRow? {
        guard let key = answer?.key else { return nil }
        for case .settlement(let row) in changes {
            let amounts: Split
            if key == row.id.key {
                amounts = row.split
            } else {
                guard let last = row.undone.last else { return nil }
                let before = row.undone.dropLast().last?.standing ?? row.split
                amounts = before.less(last.standing)
            }
            return DayRow(
                key: key, kind: kind == .discharge ? .settle : kind, institution: row.institution,
                bookedDate: bookedDate,
                settlement: row.id, sequence: sequence, time: time, homeRegion: row.policyRegion,
                institutionRegion: row.basis.institutionRegion, insuranceType: row.insuranceType,
                amounts: amounts)
        }
        return nil
    }
}
