import Ledger
import SettlementDomain

/// An invented region with institutions, terminals, persons, cards and balances.
///
/// Everything follows from seed, sizes and day: the n-th person is the same whether asked for alone
/// or with a million others. ID numbers begin with 9901, which is no region's code, and card
/// numbers with 999901, which is no issuer's: nobody real can be met. Persons come in households
/// of ten, whose first member is always an active employee.
public struct DemoSite: Sendable, Hashable {
    /// A card with what a terminal needs to use it.
    public struct Card: Sendable, Hashable {
        /// The number on the card, 19 digits.
        public var number: CardNumber
        /// Whose.
        public var person: PersonID
        /// Active; of persons beyond the first hundred, one in 500 is lost.
        public var state: CardRow.State
        /// The last day on which it is good.
        public var expires: CivilDate
        /// Six ASCII digits.
        public var pin: [UInt8]
    }

    /// The most persons.
    public static let personsMax = 10_000_000
    /// The most terminals.
    public static let terminalsMax = 99_999

    /// The region of all of it, whose policy is `Config/policies/demo-region.yaml`.
    public static let region = invented(RegionCode("990100"))
    /// Supplementary plans of that policy in which persons are enrolled.
    public static let plans = ["CORP-A", "CITY-PLUS"].compactMap(PlanID.init)
    /// Who pays in the opening balances.
    public static let collector = "demo-tax-window"

    /// What everything follows from.
    public let seed: UInt64
    /// How many insured persons, 1...`personsMax`.
    public let persons: Int
    /// How many terminals, 1...`terminalsMax`.
    public let terminals: Int
    /// The day from which ages and cards' last days are counted.
    public let today: CivilDate

    /// Creates a site; sizes outside their ranges are brought to the nearest bound.
    public init(seed: UInt64 = 1, persons: Int, terminals: Int, today: CivilDate) {
        self.seed = seed
        self.persons = min(max(persons, 1), Self.personsMax)
        self.terminals = min(max(terminals, 1), Self.terminalsMax)
        self.today = today
    }

    /// The n-th person, 0..<`persons`, counted round beyond.
    public func person(at index: Int) -> PersonRow {
        let index = wrapped(index)
        var draw = DemoDraw(seed: seed, stream: .person, index: index)
        let kind = DemoPersonKind(index: index, &draw)
        let number = idNumber(index, kind, &draw)
        var name = draw.one(of: DemoNames.surnames) + draw.one(of: DemoNames.given)
        if !draw.isOne(in: 4) { name += draw.one(of: DemoNames.given) }
        var plans: [PlanID] = []
        if kind.insuranceType == .employee, draw.isOne(in: 3) { plans += Self.plans.prefix(1) }
        if draw.isOne(in: 5) { plans += Self.plans.suffix(1) }
        let isSuspended = index >= Self.faultless && index % 10 == 7 && draw.isOne(in: 20)
        let isFrozen = index >= Self.faultless && draw.isOne(in: 2000)
        return PersonRow(
            person: Person(
                id: personID(index), sex: number.sex, birthDate: number.birthDate,
                insuranceType: kind.insuranceType, category: kind.category,
                region: Self.region, coverage: isSuspended ? .suspended : .active,
                plans: plans, hasAccount: kind.insuranceType == .employee),
            name: name, idNumber: number, frozen: isFrozen)
    }

    /// The n-th person's card.
    public func card(at index: Int) -> Card {
        let index = wrapped(index)
        var draw = DemoDraw(seed: seed, stream: .card, index: index)
        let isLost = index >= Self.faultless && draw.isOne(in: 500)
        let isExpired = index >= Self.faultless && draw.isOne(in: 500)
        let days = isExpired ? -1 - draw.next(700) : 400 + draw.next(3000)
        return Card(
            number: cardNumber(index, generation: 2), person: personID(index),
            state: isLost ? .lost : .active, expires: today.adding(days: days),
            pin: pin(index))
    }

    /// The n-th person's earlier card, cancelled; one person in a hundred has one.
    public func cancelledCard(at index: Int) -> Card? {
        let index = wrapped(index)
        var draw = DemoDraw(seed: seed, stream: .oldCard, index: index)
        guard draw.isOne(in: 100) else { return nil }
        return Card(
            number: cardNumber(index, generation: 1), person: personID(index), state: .cancelled,
            expires: today.adding(days: draw.next(700) - 350), pin: pin(index))
    }

    /// The n-th person's opening balance: 100.00 to 22,100.00; nil for those without an account.
    public func credit(at index: Int) -> CreditRow? {
        let index = wrapped(index)
        var draw = DemoDraw(seed: seed, stream: .person, index: index)
        guard DemoPersonKind(index: index, &draw).insuranceType == .employee else { return nil }
        draw = DemoDraw(seed: seed, stream: .balance, index: index)
        let saved = draw.isOne(in: 5) ? draw.next(2_000_000) : 0
        let amount = Money(fen: Int64(10_000 + draw.next(200_000) + saved))
        return CreditRow(
            key: CreditKey(person: personID(index), reference: "opening-\(index + 1)"),
            amount: amount, collector: Self.collector)
    }

    /// On whose accounts the n-th person may draw: the last two of each household of ten on the
    /// first's, the tenth on the second's as well; nil for all others.
    ///
    /// The tenth is a child or a parent where the birth dates allow that.
    public func family(at index: Int) -> FamilyRow? {
        let index = wrapped(index)
        let first = index - index % 10
        func link(_ owner: Int, _ wanted: [Relationship], _ limit: Money?) -> FamilyLink {
            let (elder, relative) = (person(at: owner).person, person(at: index).person)
            let relationship = wanted.first { $0.fits(owner: elder, relative: relative) }
            return FamilyLink(
                owner: personID(owner), relationship: relationship ?? .spouse, yearlyLimit: limit,
                usedYear: 0, used: .zero)
        }
        switch index % 10 {
        case 8:
            return FamilyRow(
                member: personID(index),
                links: [link(first, [.spouse], Money(fen: 200_000))])
        case 9:
            return FamilyRow(
                member: personID(index),
                links: [
                    link(first, [.child, .parent], nil),
                    link(first + 1, [.child, .parent], Money(fen: 100_000)),
                ])
        default: return nil
        }
    }

    /// For which chronic disease the n-th person is registered: the fifth of each ten for diabetes;
    /// nil for all others.
    public func chronic(at index: Int) -> ChronicRegistration? {
        let index = wrapped(index)
        guard index % 10 == 4, let code = DiseaseCode("E11.9"),
            let from = CivilDate(year: 2025, month: 1, day: 1)
        else { return nil }
        return ChronicRegistration(
            person: personID(index), disease: ChronicDisease(code: code, from: from))
    }

    /// Of the first hundred persons nobody is frozen or suspended, and all cards are good.
    private static let faultless = 100

    private func wrapped(_ index: Int) -> Int {
        let rest = index % persons
        return rest < 0 ? rest + persons : rest
    }

    private func personID(_ index: Int) -> PersonID {
        invented(PersonID(rawValue: 10_000_001 + UInt64(index)))
    }

    /// Unique for each index: region and sequence number tell 49,500 persons of one birth date
    /// apart, and the birth date's day number, modulo 256, tells their groups.
    private func idNumber(
        _ index: Int, _ kind: DemoPersonKind, _ draw: inout DemoDraw
    ) -> IDNumber {
        let oldest = today.daysSinceEpoch - kind.ages.upperBound * 365
        let youngest = today.daysSinceEpoch - kind.ages.lowerBound * 365 - 256
        let someDay = oldest + draw.next(youngest - oldest)
        let group = index / 49_500
        // The next day number that leaves the group's remainder.
        let day = someDay + ((group - someDay) % 256 + 256) % 256
        let birthDate = invented(CivilDate(daysSinceEpoch: day))
        let region = UInt64(990_101 + index % 99)
        let sequence = UInt64(index / 99 % 500 * 2 + draw.next(2))
        let digits = (region * 100_000_000 + UInt64(birthDate.yyyymmdd)) * 1000 + sequence
        return invented(IDNumber(digits: digits))
    }

    private func cardNumber(_ index: Int, generation: UInt64) -> CardNumber {
        let digits = (999_901 * 100 + generation) * 10_000_000_000 + UInt64(index + 1)
        let number = (0...9).lazy.compactMap { CardNumber(digits: digits * 10 + $0, count: 19) }
        return invented(number.first)
    }

    private func pin(_ index: Int) -> [UInt8] {
        var draw = DemoDraw(seed: seed, stream: .pin, index: index)
        return (0..<6).map { _ in UInt8(ascii: "0") + UInt8(draw.next(10)) }
    }
}

/// The value of a text or number that this module made itself, and so is well formed.
func invented<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("an invented value is malformed") }
    return value
}
