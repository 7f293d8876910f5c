/// A claim for bills that a person has paid in cash.
struct ModelClaim {
    enum State: Int {
        case submitted = 1, inReview, documentsWanted, approved, refused, paid, withdrawn

        /// Whether its bills are its own.
        var holdsBills: Bool { self != .refused && self != .withdrawn }
        var isOpen: Bool { self == .submitted || self == .inReview || self == .documentsWanted }
    }

    var person: Int
    var agency: Int
    var clerk: Int
    var bills: [ModelClaimBill]
    var state = State.submitted
    /// What was decided about each bill, in their order.
    var awards: [Int: ModelAward] = [:]

    var total: Int { bills.reduce(0) { $0 + $1.total } }
    var approved: Int { awards.values.reduce(0) { $0 + $1.insured } }
}

struct ModelClaimBill {
    enum Place: Equatable {
        case registered(Int)
        /// A hospital that nobody knows here.
        case elsewhere(Int)
    }

    var place: Place
    var number: Int
    var day: Int
    var lines: [ModelLine]
    var total: Int
    /// Settlements that look like it and are others.
    var distinct: [ModelKey]
}

/// What the funds pay of a bill, and what it uses of limits.
struct ModelAward {
    var visit: ModelBill.Visit
    var day: Int
    var isEmployee: Bool
    var split: ModelSplit
    var packages: Set<String>
    var given: [Int: [Int: Int]]

    var insured: Int { split.pooled + split.large + split.supplement }
}

/// What a counter does about claims.
enum ModelClaimStep {
    enum Review { case takeUp, wantDocuments, supplement, withdraw }

    struct Line: Hashable {
        var bill: Int
        var line: Int
    }

    case submit(ModelSubject, ModelRight, clerk: Int, [ModelClaimBill])
    case review(ModelKey, clerk: Int, Review)
    /// Ten-thousandths of the ratios, and lines that are not accepted; nil: it is refused.
    case decide(ModelKey, clerk: Int, (share: Int, disallowed: [Line])?)
    case pay(ModelKey, clerk: Int)
}

/// Protocol/Claims.md.
extension Model {
    mutating func decide(_ step: ModelClaimStep, _ key: ModelKey) -> ModelAnswer? {
        switch step {
        case .submit(let subject, let right, let clerk, let bills):
            return submit(bills, subject, right, clerk, key)
        case .review(let named, _, let review):
            guard var claim = claims[named] else { return ModelAnswer(code: 25, reason: 770) }
            noteAccess(to: claim.person, by: key)
            switch (review, claim.state) {
            case (.takeUp, .submitted), (.supplement, .documentsWanted): claim.state = .inReview
            case (.wantDocuments, .inReview): claim.state = .documentsWanted
            case (.supplement, .submitted), (.supplement, .inReview): break
            case (.withdraw, _) where claim.state.isOpen: claim.state = .withdrawn
            default: return ModelAnswer(code: 12, reason: 774)
            }
            return keep(claim, named)
        case .decide(let named, let clerk, let decision):
            return decide(named, clerk, decision, key)
        case .pay(let named, _):
            guard var claim = claims[named] else { return ModelAnswer(code: 25, reason: 770) }
            noteAccess(to: claim.person, by: key)
            guard claim.state == .approved else { return ModelAnswer(code: 12, reason: 774) }
            guard claim.approved > 0 else { return ModelAnswer(code: 12, reason: 777) }
            claim.state = .paid
            return keep(claim, named)
        }
    }

    private mutating func submit(
        _ bills: [ModelClaimBill], _ subject: ModelSubject, _ right: ModelRight, _ clerk: Int,
        _ key: ModelKey
    ) -> ModelAnswer? {
        let person: Int
        switch admit(subject, right, key) {
        case .refused(let refusal): return refusal.recorded
        case .passed(let found): person = found
        }
        if bills.contains(where: \.lines.isEmpty) { return ModelAnswer(code: 13, reason: 104) }
        for bill in bills {
            if bill.day > today || bill.day < today - 365 {
                return ModelAnswer(code: 12, reason: 110)
            }
            if let refusal = refusal(of: bill.lines, bill.total) { return refusal }
            let isHeld = claims.values.contains { claim in
                claim.state.holdsBills
                    && claim.bills.contains { $0.place == bill.place && $0.number == bill.number }
            }
            if isHeld { return ModelAnswer(code: 12, reason: 771) }
            if isSettled(bill, of: person) { return ModelAnswer(code: 12, reason: 772) }
        }
        return keep(
            ModelClaim(
                person: person, agency: terminals[key.terminal], clerk: clerk, bills: bills), key)
    }

    /// "No bill twice": a settlement that stands looks like it.
    private func isSettled(_ bill: ModelClaimBill, of person: Int) -> Bool {
        guard case .registered(let institution) = bill.place else { return false }
        return sales.values.contains { sale in
            (sale.now.state == .settled || sale.now.state == .partlyRefunded)
                && sale.person == person && sale.institution == institution
                && sale.basis.day == bill.day && sale.total == bill.total
                && !bill.distinct.contains(sale.key)
        }
    }

    private mutating func decide(
        _ named: ModelKey, _ clerk: Int,
        _ decision: (share: Int, disallowed: [ModelClaimStep.Line])?,
        _ key: ModelKey
    ) -> ModelAnswer {
        guard var claim = claims[named] else { return ModelAnswer(code: 25, reason: 770) }
        noteAccess(to: claim.person, by: key)
        guard claim.state == .inReview else { return ModelAnswer(code: 12, reason: 774) }
        guard clerk != claim.clerk else { return ModelAnswer(code: 58, reason: 776) }
        guard let decision else {
            claim.state = .refused
            return keep(claim, named)
        }
        if persons[claim.person].isFrozen { return ModelAnswer(code: 57, reason: 208) }
        let isKnown = decision.disallowed.allSatisfy { item in
            claim.bills.indices.contains(item.bill)
                && claim.bills[item.bill].lines.indices.contains(item.line)
        }
        guard isKnown, Set(decision.disallowed).count == decision.disallowed.count else {
            return ModelAnswer(code: 13, reason: 101)
        }
        if claim.bills.contains(where: { isSettled($0, of: claim.person) }) {
            return ModelAnswer(code: 12, reason: 772)
        }
        claim.state = .approved
        let order = claim.bills.indices.sorted {
            (claim.bills[$0].day, $0) < (claim.bills[$1].day, $1)
        }
        for number in order {
            let off = decision.disallowed.filter { $0.bill == number }.map(\.line)
            claim.awards[number] = award(
                claim.bills[number], to: claim.person, share: decision.share, without: Set(off))
            // The next bill sees what this one uses.
            claims[named] = claim
        }
        return keep(claim, named)
    }

    private func award(
        _ bill: ModelClaimBill, to person: Int, share: Int, without off: Set<Int>
    ) -> ModelAward {
        var kind = ModelInstitution.Kind.hospital
        if case .registered(let number) = bill.place { kind = institutions[number].kind }
        let visit: ModelBill.Visit = kind == .pharmacy ? .purchase : .outpatient
        let basis = basis(of: person, kind, visit, on: bill.day)
        let seen = bill.lines.indices.filter { !off.contains($0) }
        var parts = basis.sorting(items).parts(of: seen.map { bill.lines[$0] })
        for place in parts.indices { parts[place].line = seen[parts[place].line] }
        let refused = off.sorted().map { line in
            let amount = bill.lines[line].amount
            return ModelPart(
                line: line, reason: 60, thousandths: bill.lines[line].thousandths, amount: amount,
                full: amount)
        }
        // Parts of one line stay in their order.
        let all = (parts + refused).enumerated().sorted {
            ($0.element.line, $0.offset) < ($1.element.line, $1.offset)
        }.map(\.element)
        var splitting = basis.splitting(own: 0, owners: [])
        splitting.share = share
        let excluded = Set(all.filter(\.isExcluded).map(\.line))
        let packages = bill.lines.indices.filter { !excluded.contains($0) }
            .reduce(into: Set<String>()) { $0.formUnion(bill.lines[$1].traces) }
        var given: [Int: [Int: Int]] = [:]
        for part in all where part.isCatalog && items[bill.lines[part.line].item].most != nil {
            given[bill.lines[part.line].item, default: [:]][bill.day, default: 0] +=
                part.thousandths
        }
        return ModelAward(
            visit: visit, day: bill.day, isEmployee: persons[person].isEmployee,
            split: splitting.split(all), packages: packages, given: given)
    }

    private mutating func keep(_ claim: ModelClaim, _ key: ModelKey) -> ModelAnswer {
        claims[key] = claim
        return ModelAnswer(
            code: 0, reason: 0,
            told: .claim(
                claim.state, total: claim.total, approved: claim.approved,
                awards: claim.bills.indices.compactMap { number in
                    claim.awards[number].map { Self.words($0.split) }
                }))
    }

    /// What stands of claims, of a person.
    func awards(to person: Int) -> [ModelAward] {
        claims.values.filter { $0.person == person }.flatMap(\.awards.values)
    }
}
