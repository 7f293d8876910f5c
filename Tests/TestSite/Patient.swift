import CardSecurity
import Ledger
import SettlementClient
import SettlementDomain
import Synchronization

/// An invented insured person with a card, a PIN and a first balance.
public struct Patient: Sendable {
    /// What the agency knows of the person.
    public var row: PersonRow
    /// The card's number, 16 digits.
    public var card: CardNumber
    /// The card's PIN, 6 digits unless told otherwise.
    public var pin: String
    /// What is credited when the person is registered; zero: nothing.
    public var balance: Money

    /// Creates the person of that number; the same number gives the same id, card and PIN.
    ///
    /// - Parameters:
    ///   - number: 1...9999999.
    ///   - balance: in fen.
    ///   - sex: decides the ID number's sequence.
    ///   - born: the birth date.
    ///   - insurance: employee or resident; a resident is an adult one.
    ///   - coverage: whether the pooled fund pays.
    ///   - plans: supplementary plans.
    public init(
        _ number: Int, balance: Int64 = 0, sex: Sex = .male, born: Int32 = 1980_05_12,
        insurance: InsuranceType = .employee, coverage: CoverageStatus = .active,
        plans: [PlanID] = []
    ) {
        self.init(
            Person(
                id: Town.made(PersonID(rawValue: 110_000_000 + UInt64(number))), sex: sex,
                birthDate: Town.made(CivilDate(yyyymmdd: born)), insuranceType: insurance,
                category: insurance == .employee ? .active : .adultResident,
                region: Town.region, coverage: coverage, plans: plans), balance: balance)
    }

    /// Gives a person a name, an ID number, a card and a PIN, all by the last digits of the id.
    public init(_ person: Person, balance: Int64) {
        let number = Int(person.id.rawValue % 10_000_000)
        // Seventeen digits: region, birth date, sequence; an odd sequence is a man's.
        let sequence = UInt64(number % 400 * 2 + (person.sex == .male ? 101 : 100))
        let born = UInt64(person.birthDate.yyyymmdd)
        let idNumber = Town.made(
            IDNumber(digits: 999_001 * 100_000_000_000 + born * 1_000 + sequence))
        row = PersonRow(
            person: person, name: "虚构甲\(number)", idNumber: idNumber, frozen: false)
        card = Town.made(CardNumber.completing("99900" + padded(number * 7 + 3, to: 10)))
        pin = padded(number &* 7_919 % 1_000_000, to: 6)
        self.balance = Money(fen: balance)
    }

    /// A person whom no other test has, for a daemon that several tests share.
    public static func new(
        balance: Int64 = 0, sex: Sex = .male, born: Int32 = 1980_05_12,
        insurance: InsuranceType = .employee, coverage: CoverageStatus = .active,
        plans: [PlanID] = []
    ) -> Patient {
        Patient(
            fresh.wrappingAdd(1, ordering: .relaxed).newValue, balance: balance, sex: sex,
            born: born, insurance: insurance, coverage: coverage, plans: plans)
    }

    private static let fresh = Atomic(1_000)

    /// Who it is.
    public var id: PersonID { row.person.id }

    /// A PIN that is not the card's.
    public var wrongPIN: String { String(pin.reversed()) == pin ? "1" + pin : pin + "1" }

    /// Person, card and first balance, as an operator registers them.
    ///
    /// - Parameter vault: makes the PIN's verification value.
    /// - Returns: in the order in which they can be registered.
    /// - Throws: what the vault throws.
    public func registrations(_ vault: SealedKeyStore) throws -> [Registration] {
        let digits = Town.made(CardDigits(value: card.digits, count: card.count))
        let value = try vault.verificationValue(pin: pin, card: digits)
        return [
            .person(row),
            .card(
                CardRow(
                    number: card, person: id, state: .active,
                    expires: Town.today.adding(days: 1_500),
                    verification: PINVerification(
                        keyID: value.keyID, high: value.high, low: value.low),
                    triesFailed: 0)),
        ] + (balance > .zero ? [credit(balance.fen, "opening")] : [])
    }

    /// A credit to the person's account; the same reference is credited once.
    public func credit(_ fen: Int64, _ reference: String) -> Registration {
        .credit(
            CreditRow(
                key: CreditKey(person: id, reference: reference), amount: Money(fen: fen),
                collector: "opening"))
    }

    /// The owners on whose accounts the person may draw, in their order.
    public func linked(to owners: [(Patient, yearlyLimit: Int64?)]) -> Registration {
        .family(
            FamilyRow(
                member: id,
                links: owners.map { owner, limit in
                    FamilyLink(
                        owner: owner.id, relationship: .spouse,
                        yearlyLimit: limit.map(Money.init(fen:)), usedYear: 0, used: .zero)
                }))
    }

    /// One unit of something at a pharmacy, which the account pays; the card's PIN is given.
    public func purchase(
        _ fen: Int64, of code: ItemCode = Town.medicine, partial: Bool = false
    ) -> Sale {
        sale([line(code, fen)], .pharmacyPurchase, partial: partial)
    }

    /// A sale to this person; the card's PIN is given.
    public func sale(
        _ lines: [RequestLine], _ visit: VisitType, partial: Bool = false
    ) -> Sale {
        Sale(card: card, pin: pin, visitType: visit, lines: lines, partialAllowed: partial)
    }
}

/// One unit, or so many thousandths, of an item for that amount.
public func line(
    _ code: ItemCode, _ fen: Int64, thousandths: Int64 = 1_000, courseDays: UInt32? = nil
) -> RequestLine {
    RequestLine(
        item: .code(code), quantity: Quantity(thousandths: thousandths),
        unitPrice: UnitPrice(tenThousandths: fen * 100_000 / thousandths),
        amount: Money(fen: fen), courseDays: courseDays, traceCodes: [])
}

/// The number with zeros before it.
func padded(_ number: Int, to count: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
}
