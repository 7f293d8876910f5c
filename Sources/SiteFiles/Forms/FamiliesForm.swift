import Ledger
import SettlementDomain

/// families.csv: one link a line; the order of a member's lines is the order of its links.
struct FamiliesForm: SiteForm {
    static let columns = [member, owner, relationship, yearlyLimit, dailyLimit]
    private static let member = Column(0, "member", required: .always)
    private static let owner = Column(1, "owner", required: .always)
    private static let relationship = Column(2, "relationship", required: .always)
    private static let yearlyLimit = Column(3, "yearly_limit", required: .whereKnown)
    private static let dailyLimit = Column(4, "daily_limit", required: .whereKnown)

    private struct Pair: Hashable {
        var member: PersonID
        var owner: PersonID
    }

    private let relationships = CodeNames<Relationship>()
    private var seen: [Pair: Int] = [:]
    private var links: [PersonID: Int] = [:]

    mutating func row(of line: inout FormLine) -> (member: PersonID, link: FamilyLink)? {
        let member = line.value(Self.member, "a whole number of 1...10^18", PersonID.init(_:))
        let owner = line.value(Self.owner, "a whole number of 1...10^18", PersonID.init(_:))
        let relationship = line.code(Self.relationship, relationships)
        let limit = line.valueIfWritten(Self.yearlyLimit, Self.amount, Self.limit)
        let daily = line.valueIfWritten(Self.dailyLimit, Self.amount, Self.limit)
        guard let member, let owner, let relationship else { return nil }
        if member == owner {
            line.refuse(Self.owner, "a person cannot be their own relative")
        }
        line.unique(Pair(member: member, owner: owner), Self.owner, in: &seen)
        links[member, default: 0] += 1
        if links[member, default: 0] == FamilyRow.linksMax + 1 {
            line.refuse(Self.member, "has more than \(FamilyRow.linksMax) owners")
        }
        return (
            member,
            FamilyLink(
                owner: owner, relationship: relationship, yearlyLimit: limit, dailyLimit: daily,
                usedYear: 0, used: .zero)
        )
    }

    private static let amount = "an amount in yuan, 0.00...\(Money.limit)"

    private static func limit(_ text: String) -> Money? {
        Money(yuan: text).flatMap { $0 >= .zero ? $0 : nil }
    }
}
