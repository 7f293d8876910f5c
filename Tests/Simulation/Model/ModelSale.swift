/// A settlement, with all that its refunds need of the time when it was made.
///
/// One object, so that looking through all of them copies nothing.
final class ModelSale {
    enum State: Int { case settled = 3, reversed = 5, voided = 6, refunded = 7, partlyRefunded = 8 }

    /// The world as the sale found it.
    struct Basis {
        var person: ModelPerson
        var kind: ModelInstitution.Kind
        var visit: ModelBill.Visit
        var day: Int
        var policy: ModelPolicy
        var used: ModelUse
        /// Of a stay: how many of the year there were before it.
        var earlierStays: Int
        var sold: Set<String>
        var given: [Int: [Int: Int]]

        func sorting(_ items: [ModelItem]) -> ModelSorting {
            ModelSorting(
                items: items, person: person, kind: kind, visit: visit, day: day, policy: policy,
                sold: sold, given: given)
        }

        func splitting(own: Int, owners: [ModelShare]) -> ModelSplitting {
            ModelSplitting(
                person: person, policy: policy, benefit: visit.benefit ?? .outpatient, used: used,
                earlierStays: earlierStays, own: own, owners: owners)
        }
    }

    /// What it takes at one time of its life.
    struct Standing {
        var state: State
        var remaining: [Remaining]
        var split: ModelSplit
        var packages: Set<String>
        /// Thousandths of items that have a limit, by item and day.
        var given: [Int: [Int: Int]]
    }

    struct Remaining {
        var place: Int
        var line: ModelLine
    }

    /// A void, a refund, or the reversal of one.
    struct Step {
        var key: ModelKey
        var reverses: ModelKey?
        var isRefund: Bool
        /// What came back, as the refund's total.
        var total: Int
        var after: Standing
    }

    let key: ModelKey
    /// How many requests had been decided before it.
    let order: Int
    let card: Int
    let person: Int
    let institution: Int
    let lines: [ModelLine]
    let total: Int
    let booked: Int
    let basis: Basis
    /// Of a discharge: the stay, and how often its fees had been changed.
    var stay: ModelKey?
    var stayChanges = 0
    private let items: [ModelItem]
    private(set) var steps: [Step] = []
    /// What it takes now.
    private(set) var now: Standing
    /// What it took before its last step.
    private(set) var before: Standing

    init(
        key: ModelKey, order: Int, card: Int, person: Int, institution: Int, lines: [ModelLine],
        total: Int, booked: Int, basis: Basis, parts: [ModelPart], split: ModelSplit,
        items: [ModelItem]
    ) {
        self.key = key
        self.order = order
        self.card = card
        self.person = person
        self.institution = institution
        self.lines = lines
        self.total = total
        self.booked = booked
        self.basis = basis
        self.items = items
        let first = Standing(
            state: .settled,
            remaining: lines.enumerated().map { Remaining(place: $0, line: $1) }, split: split,
            packages: Self.packages(lines, parts, basis),
            given: Self.given(lines, parts, basis, items))
        now = first
        before = first
    }

    func take(_ step: Step) {
        steps.append(step)
        before = now
        now = step.after
    }

    /// What it takes when these lines remain, no account paying more than now.
    func standing(_ remaining: [Remaining]) -> Standing {
        guard !remaining.isEmpty else { return nothing(.refunded) }
        let lines = remaining.map(\.line)
        let sorted = basis.sorting(items).parts(of: lines)
        var split = basis.splitting(own: now.split.account, owners: now.split.owners).split(sorted)
        for place in split.parts.indices {
            split.parts[place].line = remaining[split.parts[place].line].place
        }
        return Standing(
            state: .partlyRefunded, remaining: remaining, split: split,
            packages: Self.packages(lines, sorted, basis),
            given: Self.given(lines, sorted, basis, items))
    }

    func nothing(_ state: State) -> Standing {
        Standing(state: state, remaining: [], split: ModelSplit(), packages: [], given: [:])
    }

    /// What a quantity of a line that was sold costs.
    func amount(of thousandths: Int, at place: Int) -> Int {
        let line = lines[place]
        if thousandths == line.thousandths { return line.amount }
        return min(line.amount, rounded(thousandths * line.price, by: 100_000))
    }

    private static func packages(
        _ lines: [ModelLine], _ parts: [ModelPart], _ basis: Basis
    ) -> Set<String> {
        let excluded = Set(parts.filter(\.isExcluded).map(\.line))
        return lines.indices.filter { !excluded.contains($0) }
            .reduce(into: Set<String>()) { $0.formUnion(lines[$1].traces) }
    }

    private static func given(
        _ lines: [ModelLine], _ parts: [ModelPart], _ basis: Basis, _ items: [ModelItem]
    ) -> [Int: [Int: Int]] {
        var given: [Int: [Int: Int]] = [:]
        for part in parts {
            let line = lines[part.line]
            guard part.isCatalog, items[line.item].most != nil else { continue }
            given[line.item, default: [:]][line.day ?? basis.day, default: 0] += part.thousandths
        }
        return given
    }
}
