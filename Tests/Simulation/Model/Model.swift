/// A plain and slow second opinion of what the ledger does, written from Protocol/ alone.
///
/// It is told each request that was decided, in the order of the journal, and says what the answer
/// must be. It keeps what happened, and adds up anew whatever it is asked.
struct Model {
    let items: [ModelItem]
    /// In the order of their versions.
    let policies: [ModelPolicy]
    /// The first day of each year but the first.
    let newYears: [Int]
    /// The institution of each terminal.
    let terminals: [Int]
    let roles: [ModelRole]
    var persons: [ModelPerson]
    /// By number.
    var cards: [Int: ModelCard]
    var institutions: [ModelInstitution]
    var blocked: Set<Int> = []
    var today: Int
    /// What was paid into accounts.
    private(set) var credits: [ModelShare] = []
    /// Everything that was ever recorded.
    private(set) var records: [ModelKey: ModelRecord] = [:]
    /// Reversals of keys that had not been seen.
    private(set) var tombstones: Set<ModelKey> = []
    var sales: [ModelKey: ModelSale] = [:]
    var stays: [ModelKey: ModelStay] = [:]
    var claims: [ModelKey: ModelClaim] = [:]
    var contributions: [ModelContribution] = []
    var declared: [ModelDeclaredLine] = []
    /// What happened to accounts and settlements, in its order.
    var events: [ModelEvent] = []
    var accesses: [ModelAccess] = []
    private(set) var draws: [ModelDraw] = []
    /// The kind of the request that is being decided, and the settlement that it changed.
    private(set) var kind = 0
    var touched: ModelKey?
    /// What the agency has paid institutions for business dates.
    var cleared: [ModelClearing] = []

    init(
        items: [ModelItem], policies: [ModelPolicy], newYears: [Int], terminals: [Int],
        roles: [ModelRole], persons: [ModelPerson], cards: [Int: ModelCard],
        institutions: [ModelInstitution], today: Int
    ) {
        self.items = items
        self.policies = policies
        self.newYears = newYears
        self.terminals = terminals
        self.roles = roles
        self.persons = persons
        self.cards = cards
        self.institutions = institutions
        self.today = today
    }

    /// What a recorded answer of this request must be; nil: no answer to it is recorded.
    mutating func decide(_ request: ModelRequest, under key: ModelKey) -> ModelAnswer? {
        guard records[key] == nil else { return nil }
        let before = persons.indices.map(balance)
        (kind, touched) = (request.kind, nil)
        guard let answer = answer(to: request, under: key) else { return nil }
        if let touched, let sale = sales[touched] { note(sale, before: before) }
        records[key] = ModelRecord(request: request, answer: answer, booked: today)
        return answer
    }

    mutating func credit(_ person: Int, _ amount: Int) {
        credits.append(ModelShare(person: person, amount: amount))
        // The operator's registrations.
        note(amount, to: person, kind: 0x60)
    }

    /// Takes down what was credited to an account.
    mutating func note(_ amount: Int, to person: Int, kind: Int) {
        guard amount != 0 else { return }
        events.append(
            ModelEvent(
                person: person, kind: kind, booked: today, amount: amount,
                balance: balance(person)))
    }

    /// Takes down what a settlement, or its undoing, did to everyone whom it concerns.
    private mutating func note(_ sale: ModelSale, before: [Int]) {
        for person in persons.indices {
            let amount = balance(person) - before[person]
            guard amount != 0 || sale.person == person else { continue }
            events.append(
                ModelEvent(
                    person: person, kind: kind, booked: today, amount: amount == 0 ? nil : amount,
                    balance: balance(person), settlement: sale.key, standing: sale.now.split,
                    patient: sale.person))
        }
    }

    /// Takes down what a settlement, or its undoing, took from relatives' accounts.
    mutating func noteDraws(of sale: ModelSale, from before: ModelSplit, to after: ModelSplit) {
        for owner in persons.indices {
            func share(_ split: ModelSplit) -> Int {
                split.owners.filter { $0.person == owner }.reduce(0) { $0 + $1.amount }
            }
            let amount = share(after) - share(before)
            guard amount != 0 else { continue }
            draws.append(
                ModelDraw(
                    order: order, member: sale.person, owner: owner, booked: sale.booked,
                    amount: amount))
        }
    }

    /// Takes down that somebody was let in.
    mutating func noteAccess(to person: Int, by key: ModelKey) {
        accesses.append(ModelAccess(person: person, kind: kind, terminal: key.terminal))
    }

    private mutating func answer(to request: ModelRequest, under key: ModelKey) -> ModelAnswer? {
        if tombstones.contains(key) { return ModelAnswer(code: 21, reason: 501) }
        guard (0...31).contains(today - key.day) else { return nil }
        if blocked.contains(key.terminal) { return ModelAnswer(code: 58, reason: 303) }
        if institutions[terminals[key.terminal]].isSuspended {
            return ModelAnswer(code: 3, reason: 300)
        }
        switch request {
        case .bill(let bill, let settles): return decide(bill, settles, key)
        case .inquiry(let card, let pin):
            if let refusal = refusal(card, pin) { return refusal.recorded }
            guard let person = card.flatMap({ cards[$0]?.person }) else { return nil }
            noteAccess(to: person, by: key)
            return ModelAnswer(
                code: 0, reason: 0, balance: balance(person),
                told: .inquiry(isSuspended: persons[person].isSuspended(on: today)))
        case .void(let sale, let card, let total):
            return void(sale, card, total, key)
        case .refund(let sale, let card, let lines, let total):
            return refund(sale, card, lines, total, key)
        case .reversal(let original, let card, let total):
            return reverse(original, card, total, key)
        case .card(let service): return decide(service, key)
        case .family(let step): return decide(step, key)
        case .payment(let payment): return decide(payment, key)
        case .declaration(let page): return decide(page, key)
        case .stay(let step): return decide(step, key)
        case .query(let query): return decide(query, key)
        case .claim(let step): return decide(step, key)
        }
    }

    mutating func remember(reversalOf key: ModelKey) { tombstones.insert(key) }

    /// Requests that were decided.
    var order: Int { records.count }

    private mutating func decide(
        _ bill: ModelBill, _ settles: Bool, _ key: ModelKey
    ) -> ModelAnswer? {
        switch (institutions[terminals[key.terminal]].kind, bill.visit) {
        case (.pharmacy, .purchase), (.hospital, .outpatient), (.hospital, .inpatient),
            (.vaccination, .vaccination):
            break
        default: return ModelAnswer(code: 12, reason: 111)
        }
        let day = bill.on ?? key.day
        guard day <= today, day >= today - 366 else { return ModelAnswer(code: 12, reason: 110) }
        if let refusal = refusal(of: bill.lines, bill.total) { return refusal }
        if let refusal = refusal(bill.card, bill.pin) { return refusal.recorded }
        guard let card = bill.card, let person = cards[card]?.person else { return nil }
        return split(bill, of: person, on: day, stay: nil, settles: settles, key)
    }

    /// What is wrong with lines and their total.
    func refusal(of lines: [ModelLine], _ total: Int) -> ModelAnswer? {
        guard (1...200).contains(lines.count) else { return ModelAnswer(code: 13, reason: 104) }
        for line in lines {
            let expected = rounded(line.thousandths * line.price, by: 100_000)
            guard line.thousandths > 0, line.amount > 0, abs(line.amount - expected) <= 1 else {
                return ModelAnswer(code: 13, reason: 105)
            }
        }
        return total == lines.reduce(0) { $0 + $1.amount }
            ? nil : ModelAnswer(code: 13, reason: 106)
    }

    /// Sorts and splits a bill whose form is right, and settles it where it is to be.
    mutating func split(
        _ bill: ModelBill, of person: Int, on day: Int, stay: ModelStay?, settles: Bool,
        _ key: ModelKey
    ) -> ModelAnswer? {
        guard let card = bill.card else { return nil }
        let place = terminals[key.terminal]
        let basis = basis(of: person, institutions[place].kind, bill.visit, on: day)
        let parts = basis.sorting(items).parts(of: bill.lines)
        let own = min(balance(person), bill.accountLimit ?? .max)
        let split = basis.splitting(own: own, owners: relatives(of: person)).split(parts)
        if let quote = bill.quote,
            records[quote]?.answer.split != split
                || policy(on: serviceDay(of: quote)).version != basis.policy.version
        {
            return ModelAnswer(code: 19, reason: 402, split: split, balance: balance(person))
        }
        let isShort = split.payable > split.account + split.family
        if isShort, !bill.partial {
            return ModelAnswer(code: 51, reason: 400, split: split, balance: balance(person))
        }
        if settles {
            let sale = ModelSale(
                key: key, order: order, card: card, person: person, institution: place,
                lines: bill.lines, total: bill.total, booked: today, basis: basis, parts: parts,
                split: split, items: items)
            sale.stay = stay?.key
            sale.stayChanges = stay?.changes ?? 0
            sales[key] = sale
            noteDraws(of: sale, from: ModelSplit(), to: split)
            touched = key
            follow(sale)
        }
        return ModelAnswer(
            code: isShort ? 10 : 0, reason: isShort ? 401 : 0, split: split,
            balance: balance(person))
    }

    private func serviceDay(of quote: ModelKey) -> Int {
        guard case .bill(let bill, _)? = records[quote]?.request else { return quote.day }
        return bill.on ?? quote.day
    }

    /// The world as a bill of a person finds it.
    func basis(
        of person: Int, _ kind: ModelInstitution.Kind, _ visit: ModelBill.Visit, on day: Int
    ) -> ModelSale.Basis {
        ModelSale.Basis(
            person: persons[person], kind: kind, visit: visit, day: day, policy: policy(on: day),
            used: visit.benefit.map { used(by: person, of: $0, inYearOf: day) } ?? ModelUse(),
            earlierStays: stays(of: person, inYearOf: day), sold: packagesTaken,
            given: given(to: person))
    }
}

/// What was recorded under a key.
struct ModelRecord {
    var request: ModelRequest
    var answer: ModelAnswer
    /// The business date under which it was booked.
    var booked: Int

    var isApproved: Bool { answer.code == 0 || answer.code == 10 }
}

// What is added up.
extension Model {
    func year(of day: Int) -> Int { newYears.count { $0 <= day } }

    func policy(on day: Int) -> ModelPolicy {
        policies.last { $0.from <= day } ?? policies[0]
    }

    func balance(_ person: Int) -> Int {
        var sum = 0
        for credit in credits where credit.person == person { sum += credit.amount }
        for paid in contributions where paid.person == person { sum += paid.credited }
        for sale in sales.values {
            if sale.person == person { sum -= sale.now.split.account }
            for share in sale.now.split.owners where share.person == person { sum -= share.amount }
        }
        return sum
    }

    func used(by person: Int, of benefit: ModelBenefit, inYearOf day: Int) -> ModelUse {
        var use = ModelUse()
        for sale in sales.values
        where sale.person == person && sale.basis.visit.benefit == benefit
            && year(of: sale.basis.day) == year(of: day)
        {
            use.deductible += sale.now.split.deductible
            use.pooled += sale.now.split.pooled
            use.large += sale.now.split.large
            use.plan += sale.now.split.supplement
        }
        for award in awards(to: person)
        where award.visit.benefit == benefit && year(of: award.day) == year(of: day) {
            use.deductible += award.split.deductible
            use.pooled += award.split.pooled
            use.large += award.split.large
            use.plan += award.split.supplement
        }
        return use
    }

    /// Settled stays of a year of which something stands.
    func stays(of person: Int, inYearOf day: Int) -> Int {
        sales.values.count { sale in
            sale.person == person && sale.basis.visit == .inpatient
                && year(of: sale.basis.day) == year(of: day)
                && (sale.now.state == .settled || sale.now.state == .partlyRefunded)
        }
    }

    var packagesTaken: Set<String> {
        let sold = sales.values.reduce(into: Set<String>()) { $0.formUnion($1.now.packages) }
        return claims.values.flatMap(\.awards.values)
            .reduce(into: sold) { $0.formUnion($1.packages) }
    }

    /// Thousandths of items that have a limit, by item and day.
    func given(to person: Int) -> [Int: [Int: Int]] {
        var given: [Int: [Int: Int]] = [:]
        for sale in sales.values where sale.person == person {
            for (item, byDay) in sale.now.given {
                given[item, default: [:]].merge(byDay) { $0 + $1 }
            }
        }
        for award in awards(to: person) {
            for (item, byDay) in award.given {
                given[item, default: [:]].merge(byDay) { $0 + $1 }
            }
        }
        return given
    }

    /// What was drawn since a link was made for bills that were booked on some days: what they took
    /// and gave back, never below zero.
    func drawn(by member: Int, by link: ModelLink, _ isCounted: (Int) -> Bool) -> Int {
        draws.filter {
            $0.member == member && $0.owner == link.person && $0.order >= link.since
                && isCounted($0.booked)
        }
        .reduce(0) { max(0, $0 + $1.amount) }
    }

    /// What relatives' accounts give today.
    func relatives(of member: Int) -> [ModelShare] {
        persons[member].owners.compactMap { link in
            guard persons[link.person].hasAccount, !persons[link.person].isFrozen else {
                return nil
            }
            var most = balance(link.person)
            if let yearly = link.yearly {
                let year = year(of: today)
                most = min(
                    most, yearly - drawn(by: member, by: link) { self.year(of: $0) == year })
            }
            if let daily = link.daily {
                most = min(most, daily - drawn(by: member, by: link) { $0 == today })
            }
            return ModelShare(person: link.person, amount: max(0, most))
        }
    }

    /// Sums by the names that the store gives its accounts.
    func sums(_ name: (ModelAccount) -> String) -> [String: Int] {
        var sums: [String: Int] = [:]
        func post(_ amount: Int, _ account: ModelAccount) {
            sums[name(account), default: 0] += amount
        }
        for credit in credits {
            post(credit.amount, .individual)
            post(-credit.amount, .collector(nil))
        }
        for paid in contributions {
            let all = paid.employerPart + paid.individualPart
            post(-all, .collector(paid.collector))
            post(paid.credited, .individual)
            post(all - paid.credited, .pool(isEmployee: persons[paid.person].isEmployee))
        }
        for claim in claims.values {
            for award in claim.awards.values {
                post(-award.split.pooled, .pool(isEmployee: award.isEmployee))
                post(-award.split.large, .large(isEmployee: award.isEmployee))
                post(-award.split.supplement, .plan)
            }
            post(claim.approved, claim.state == .paid ? .bank : .reimbursement(claim.person))
        }
        for clearing in cleared {
            post(-clearing.amount, .institution(clearing.institution))
            post(clearing.amount, .bank)
        }
        for sale in sales.values {
            let split = sale.now.split
            post(-split.account - split.family, .individual)
            post(-split.pooled, .pool(isEmployee: sale.basis.person.isEmployee))
            post(-split.large, .large(isEmployee: sale.basis.person.isEmployee))
            post(-split.supplement, .plan)
            post(split.total - split.cash, .institution(sale.institution))
        }
        return sums.filter { $0.value != 0 }
    }
}

/// What a relative's account gave for somebody's bill, or got back.
struct ModelDraw {
    /// How many requests had been decided before.
    var order: Int
    var member: Int
    var owner: Int
    /// When the bill was booked.
    var booked: Int
    var amount: Int
}

/// The accounts that the model sums.
enum ModelAccount {
    case individual, plan, bank
    /// Nil: that of the operator's credits.
    case collector(Int?)
    /// What is owed to a person for claims.
    case reimbursement(Int)
    case pool(isEmployee: Bool)
    case large(isEmployee: Bool)
    case institution(Int)
}
