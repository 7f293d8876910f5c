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
    var persons: [ModelPerson]
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

    init(
        items: [ModelItem], policies: [ModelPolicy], newYears: [Int], terminals: [Int],
        persons: [ModelPerson], institutions: [ModelInstitution], today: Int
    ) {
        self.items = items
        self.policies = policies
        self.newYears = newYears
        self.terminals = terminals
        self.persons = persons
        self.institutions = institutions
        self.today = today
    }

    /// What a recorded answer of this request must be; nil: no answer to it is recorded.
    mutating func decide(_ request: ModelRequest, under key: ModelKey) -> ModelAnswer? {
        guard records[key] == nil else { return nil }
        guard let answer = answer(to: request, under: key) else { return nil }
        records[key] = ModelRecord(request: request, answer: answer)
        return answer
    }

    mutating func credit(_ person: Int, _ amount: Int) {
        credits.append(ModelShare(person: person, amount: amount))
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
        case .inquiry(let person, let pin):
            if let refusal = refusal(person, pin) { return refusal.recorded }
            return ModelAnswer(code: 0, reason: 0, balance: person.map(balance) ?? 0)
        case .void(let sale, let person, let total):
            return void(sale, person, total, key)
        case .refund(let sale, let person, let lines, let total):
            return refund(sale, person, lines, total, key)
        case .reversal(let original, let person, let total):
            return reverse(original, person, total, key)
        }
    }

    mutating func remember(reversalOf key: ModelKey) { tombstones.insert(key) }

    /// A refusal, and whether it is recorded.
    private enum Refusal {
        case kept(ModelAnswer)
        case notKept

        var recorded: ModelAnswer? {
            if case .kept(let answer) = self { return answer }
            return nil
        }
    }

    /// Steps 19 to 23 of Protocol/ResponseCodes.md, "Precedence": PIN block, card, PIN, person.
    private mutating func refusal(_ person: Int?, _ pin: Int?) -> Refusal? {
        guard let pin else { return .notKept }
        guard let person else { return .kept(ModelAnswer(code: 14, reason: 200)) }
        if persons[person].wrongPINs >= 3 { return .kept(ModelAnswer(code: 75, reason: 205)) }
        if persons[person].pin != pin {
            persons[person].wrongPINs += 1
            let left = 3 - persons[person].wrongPINs
            return .kept(
                left == 0
                    ? ModelAnswer(code: 75, reason: 205)
                    : ModelAnswer(code: 55, reason: 204, triesLeft: left))
        }
        persons[person].wrongPINs = 0
        return persons[person].isFrozen ? .kept(ModelAnswer(code: 57, reason: 208)) : nil
    }

    private mutating func decide(
        _ bill: ModelBill, _ settles: Bool, _ key: ModelKey
    ) -> ModelAnswer? {
        let place = terminals[key.terminal]
        let kind = institutions[place].kind
        switch (kind, bill.visit) {
        case (.pharmacy, .purchase), (.hospital, .outpatient), (.vaccination, .vaccination): break
        default: return ModelAnswer(code: 12, reason: 111)
        }
        guard (1...200).contains(bill.lines.count) else {
            return ModelAnswer(code: 13, reason: 104)
        }
        for line in bill.lines {
            let expected = rounded(line.thousandths * line.price, by: 100_000)
            guard line.thousandths > 0, line.amount > 0, abs(line.amount - expected) <= 1 else {
                return ModelAnswer(code: 13, reason: 105)
            }
        }
        guard bill.total == bill.lines.reduce(0, { $0 + $1.amount }) else {
            return ModelAnswer(code: 13, reason: 106)
        }
        if let refusal = refusal(bill.person, bill.pin) { return refusal.recorded }
        guard let person = bill.person else { return nil }
        let policy = self.policy(on: key.day)
        let basis = ModelSale.Basis(
            person: persons[person], kind: kind, visit: bill.visit, day: key.day, policy: policy,
            used: used(by: person, inYearOf: key.day), sold: packagesTaken,
            given: given(to: person))
        let parts = basis.sorting(items).parts(of: bill.lines)
        let own = min(balance(person), bill.accountLimit ?? .max)
        let split = basis.splitting(own: own, owners: relatives(of: person)).split(parts)
        if let quote = bill.quote,
            records[quote]?.answer.split != split
                || self.policy(on: quote.day).version != policy.version
        {
            return ModelAnswer(code: 19, reason: 402, split: split, balance: balance(person))
        }
        let isShort = split.payable > split.account + split.family
        if isShort, !bill.partial {
            return ModelAnswer(code: 51, reason: 400, split: split, balance: balance(person))
        }
        if settles {
            sales[key] = ModelSale(
                key: key, person: person, institution: place, lines: bill.lines, total: bill.total,
                booked: today, basis: basis, parts: parts, split: split, items: items)
        }
        return ModelAnswer(
            code: isShort ? 10 : 0, reason: isShort ? 401 : 0, split: split,
            balance: balance(person))
    }
}

/// What was recorded under a key.
struct ModelRecord {
    var request: ModelRequest
    var answer: ModelAnswer

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
        for sale in sales.values {
            if sale.person == person { sum -= sale.now.split.account }
            for share in sale.now.split.owners where share.person == person { sum -= share.amount }
        }
        return sum
    }

    func used(by person: Int, inYearOf day: Int) -> ModelUse {
        var use = ModelUse()
        for sale in sales.values
        where sale.person == person && sale.basis.visit == .outpatient
            && year(of: sale.basis.day) == year(of: day)
        {
            use.deductible += sale.now.split.deductible
            use.pooled += sale.now.split.pooled
            use.large += sale.now.split.large
            use.plan += sale.now.split.supplement
        }
        return use
    }

    var packagesTaken: Set<String> {
        sales.values.reduce(into: []) { $0.formUnion($1.now.packages) }
    }

    /// Thousandths of items that have a limit, by item and day.
    func given(to person: Int) -> [Int: [Int: Int]] {
        var given: [Int: [Int: Int]] = [:]
        for sale in sales.values where sale.person == person {
            for (item, thousandths) in sale.now.given {
                given[item, default: [:]][sale.basis.day, default: 0] += thousandths
            }
        }
        return given
    }

    /// What an owner paid for a relative's bills that were booked on some days.
    func drawn(by member: Int, from owner: Int, _ isCounted: (Int) -> Bool) -> Int {
        sales.values.filter { $0.person == member && isCounted($0.booked) }
            .flatMap(\.now.split.owners).filter { $0.person == owner }
            .reduce(0) { $0 + $1.amount }
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
                    most,
                    yearly - drawn(by: member, from: link.person) { self.year(of: $0) == year })
            }
            if let daily = link.daily {
                most = min(most, daily - drawn(by: member, from: link.person) { $0 == today })
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
            post(-credit.amount, .collector)
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

/// The accounts that the model sums.
enum ModelAccount {
    case individual, collector, plan
    case pool(isEmployee: Bool)
    case large(isEmployee: Bool)
    case institution(Int)
}
