import SettlementDomain

/// One owner's permission for one relative to draw on the owner's individual account.
public struct FamilyLink: Sendable, Hashable {
    /// Whose account is drawn on.
    public var owner: PersonID
    /// What the relative is to the owner.
    public var relationship: Relationship
    /// How much the relative may draw in a calendar year; nil: no limit.
    public var yearlyLimit: Money?
    /// How much the relative may draw on a business date; nil: no limit.
    public var dailyLimit: Money?
    /// The year that `used` speaks of.
    public var usedYear: UInt16
    /// Drawn in that year, what came back taken off.
    public var used: Money
    /// The business date that `usedToday` speaks of; nil: none yet.
    public var usedDay: CivilDate?
    /// Drawn on that date, what came back taken off.
    public var usedToday: Money

    /// Creates a link.
    public init(
        owner: PersonID, relationship: Relationship, yearlyLimit: Money?,
        dailyLimit: Money? = nil, usedYear: UInt16, used: Money, usedDay: CivilDate? = nil,
        usedToday: Money = .zero
    ) {
        self.owner = owner
        self.relationship = relationship
        self.yearlyLimit = yearlyLimit
        self.dailyLimit = dailyLimit
        self.usedYear = usedYear
        self.used = used
        self.usedDay = usedDay
        self.usedToday = usedToday
    }

    /// What was drawn in the year of this business date.
    public func used(inYearOf day: CivilDate) -> Money {
        usedYear == UInt16(clamping: day.year) ? used : .zero
    }

    /// What was drawn on this business date.
    public func used(on day: CivilDate) -> Money {
        usedDay == day ? usedToday : .zero
    }

    /// What the limits leave of a balance on this business date.
    public func available(of balance: Money, on day: CivilDate) -> Money {
        let year = yearlyLimit?.remaining(after: used(inYearOf: day)) ?? balance
        let today = dailyLimit?.remaining(after: used(on: day)) ?? balance
        return min(balance, year, today)
    }

    /// Takes note of what a settlement of this business date drew.
    mutating func draw(_ amount: Money, on day: CivilDate) {
        used = used(inYearOf: day) + amount
        usedYear = UInt16(clamping: day.year)
        usedToday = used(on: day) + amount
        usedDay = day
    }

    /// Takes note of what came back of a settlement that was booked on this date.
    ///
    /// Never below zero: a link that was ended and made anew counts from its new beginning. A year or
    /// day that is over has nothing to take it off from.
    mutating func giveBack(_ amount: Money, bookedOn day: CivilDate) {
        if usedYear == UInt16(clamping: day.year) { used = max(.zero, used - amount) }
        if usedDay == day { usedToday = max(.zero, usedToday - amount) }
    }

    /// Whether more was drawn than may be in the year of this business date, or on it, and more than
    /// before.
    ///
    /// What was drawn in a past year or on a past day has no limit any more. A limit that was made
    /// smaller than what was drawn under it stands in nobody's way who draws nothing more.
    func isOverdrawn(on day: CivilDate, beyond earlier: FamilyLink) -> Bool {
        func passes(_ limit: Money?, _ drawn: Money, _ before: Money) -> Bool {
            limit.map { drawn > $0 && drawn > before } ?? false
        }
        return passes(yearlyLimit, used(inYearOf: day), earlier.used(inYearOf: day))
            || passes(dailyLimit, used(on: day), earlier.used(on: day))
    }

    /// The same permission with what was drawn by an earlier one of the same owner; without one it
    /// counts from this business date on.
    func keepingUse(of before: FamilyLink?, on day: CivilDate) -> FamilyLink {
        var link = self
        link.usedYear = before?.usedYear ?? UInt16(clamping: day.year)
        link.used = before?.used ?? .zero
        link.usedDay = before.map(\.usedDay) ?? day
        link.usedToday = before?.usedToday ?? .zero
        return link
    }
}

/// The relatives who may draw on an owner's account: the other end of `FamilyRow`.
public struct OwnerRow: Sendable, Hashable {
    /// Whose account is drawn on.
    public var owner: PersonID
    /// Who may draw, in the order in which they were linked first.
    public var members: [PersonID]

    /// The most relatives an owner may have.
    public static let membersMax = 32

    /// Creates a row.
    public init(owner: PersonID, members: [PersonID]) {
        self.owner = owner
        self.members = members
    }
}

extension WorkingSet {
    /// The changes of the owners' rows that go with a new value of a member's row.
    func ownerChanges(with new: FamilyRow) -> [RowChange] {
        let before = Set(families[new.member]?.links.map(\.owner) ?? [])
        let after = Set(new.links.map(\.owner))
        return before.symmetricDifference(after).sorted().map { owner in
            var row = owners[owner] ?? OwnerRow(owner: owner, members: [])
            row.members.removeAll { $0 == new.member }
            if after.contains(owner) { row.members.append(new.member) }
            return .owner(row)
        }
    }
}
