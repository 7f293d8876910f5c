import SettlementDomain

extension Ledger {
    /// Applies an operator's registrations in order, all or none; each sees those before it.
    func register(
        _ registrations: [Registration], of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet, dryRun: Bool
    ) -> Decision {
        var trial = rows
        let results = registrations.map { apply($0, at: millis, on: &trial) }
        let isRefused = results.contains { if case .refused = $0 { true } else { false } }
        if !isRefused && !dryRun { rows = trial }
        let verdict = Verdict(
            code: isRefused ? .invalidTransaction : .approved,
            reason: isRefused ? .fieldOutOfRange : .none, payload: .registered(results))
        return respond(verdict, to: request, at: millis, on: rows)
    }

    private func apply(
        _ registration: Registration, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        switch registration {
        case .institution(let row):
            return put(
                .institution(row), over: rows.reference.institutions[row.institution.id], new: row,
                at: millis, on: &rows)
        case .terminal(let row): return apply(row, at: millis, on: &rows)
        case .person(let row): return apply(row, at: millis, on: &rows)
        case .card(let row): return apply(row, at: millis, on: &rows)
        case .credit(let row): return apply(row, at: millis, on: &rows)
        case .family(let row): return apply(row, at: millis, on: &rows)
        case .catalog(let row): return apply(row, at: millis, on: &rows)
        case .policy(let row): return apply(row, at: millis, on: &rows)
        case .clearing(let row): return apply(row, at: millis, on: &rows)
        case .periodic(let row): return apply(row, at: millis, on: &rows)
        case .chronic(let row): return apply(row, at: millis, on: &rows)
        case .lapse(let id): return applyLapse(of: id, at: millis, on: &rows)
        case .partial(let row, let unwritten):
            return apply(row.filled(unwritten, from: rows), at: millis, on: &rows)
        }
    }

    /// Writes a row where it differs from the one that stands.
    private func put<Row: Equatable>(
        _ change: RowChange, over old: Row?, new: Row, at millis: Int64, on rows: inout WorkingSet,
        and more: [RowChange] = []
    ) -> RegistrationResult {
        guard old != new || !more.isEmpty else { return .unchanged }
        rows.append(entry(at: millis, on: rows, changes: [change] + more))
        return old == nil ? .added : .changed
    }

    func entry(
        at millis: Int64, on rows: WorkingSet, postings: [Posting] = [], changes: [RowChange]
    ) -> JournalEntry {
        JournalEntry(
            sequence: 0, time: millis, bookedDate: rows.reference.businessDate,
            kind: .operatorApply, voucher: [], answer: nil, postings: postings, changes: changes)
    }

    private func apply(
        _ row: TerminalRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        guard let institution = rows.reference.institutions[row.institution]?.institution else {
            return .refused("institution \(row.institution) is not registered")
        }
        guard institution.mayHaveTerminal(of: row.role) else {
            return .refused(
                "a terminal of role \(row.role.name) cannot stand at a \(institution.kind.name)")
        }
        return put(
            .terminal(row), over: rows.reference.terminals[row.id], new: row, at: millis, on: &rows)
    }

    /// Since when somebody is suspended who is registered so: today where it is new.
    private func suspendedFrom(
        _ person: Person, before old: PersonRow, on rows: WorkingSet
    ) -> CivilDate? {
        guard person.coverage == .suspended else { return nil }
        return old.person.coverage == .suspended
            ? old.standing.suspendedFrom : rows.reference.businessDate
    }

    private func apply(
        _ row: PersonRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        let person = row.person
        guard row.idNumber.birthDate == person.birthDate, row.idNumber.sex == person.sex else {
            return .refused("sex or birth date differ from the ID number's")
        }
        guard person.insuranceType.admits(person.category) else {
            return .refused(
                "category \(person.category.name) is not of insurance type "
                    + person.insuranceType.name)
        }
        var row = row
        if let employer = row.standing.employer,
            rows.reference.institutions[employer]?.institution.kind != .employer
        {
            return .refused("\(employer) is no registered employer")
        }
        // What was paid stands, whatever is registered anew.
        if let old = rows.persons[person.id] {
            row.standing.employer = row.standing.employer ?? old.standing.employer
            row.standing.paidThrough = old.standing.paidThrough
            row.standing.suspendedFrom = suspendedFrom(person, before: old, on: rows)
            row.standing.coveredFrom =
                person.coverage == .suspended ? old.standing.coveredFrom : nil
        }
        let account = rows.accounts[person.id]
        if !person.hasAccount, let account, account.balance > .zero {
            return .refused("the account still holds \(account.balance)")
        }
        let opens = person.hasAccount && account == nil
        let opening = AccountRow(person: person.id, balance: .zero, entries: 0, head: .zero)
        // Diseases have a registration of their own.
        row.person.chronicDiseases = rows.persons[person.id]?.person.chronicDiseases ?? []
        return put(
            .person(row), over: rows.persons[person.id], new: row, at: millis, on: &rows,
            and: opens ? [.account(opening)] : [])
    }

    private func apply(
        _ registration: ChronicRegistration, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        let disease = registration.disease
        guard let old = rows.persons[registration.person] else {
            return .refused("person \(registration.person) is not registered")
        }
        if let until = disease.until, until < disease.from {
            return .refused("until \(until) is before from \(disease.from)")
        }
        var new = old
        new.person.chronicDiseases.removeAll { $0.code == disease.code }
        guard new.person.chronicDiseases.count < ChronicDisease.countMax else {
            return .refused("the person has \(ChronicDisease.countMax) chronic diseases")
        }
        new.person.chronicDiseases.append(disease)
        new.person.chronicDiseases.sort { $0.code < $1.code }
        return put(.person(new), over: old, new: new, at: millis, on: &rows)
    }

    private func apply(
        _ row: CardRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        guard rows.persons[row.person] != nil else {
            return .refused("person \(row.person) is not registered")
        }
        let old = rows.cards[row.number]
        if let old, old.person != row.person {
            return .refused("the card belongs to another person")
        }
        if let old, old.state == .cancelled, row.state != .cancelled {
            return .refused("the card is cancelled; issue a new one")
        }
        var new = row
        if row.verification == nil, let old {
            new.verification = old.verification
            new.triesFailed = old.triesFailed
        } else {
            new.triesFailed = old?.verification == row.verification ? old?.triesFailed ?? 0 : 0
        }
        return put(.card(new), over: old, new: new, at: millis, on: &rows)
    }

    private func apply(
        _ row: CreditRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        if PeriodicRun.prefixes.contains(where: { row.key.reference.hasPrefix($0) }) {
            return .refused("reference \(row.key.reference) is for runs alone")
        }
        if let made = rows.credits[row.key] {
            return made == row
                ? .unchanged
                : .refused(
                    "reference \(row.key.reference) was credited with \(made.amount) by "
                        + made.collector)
        }
        guard rows.persons[row.key.person] != nil else {
            return .refused("person \(row.key.person) is not registered")
        }
        guard var account = rows.accounts[row.key.person] else {
            return .refused("person \(row.key.person) has no individual account")
        }
        guard row.amount > .zero, row.amount.isInRange else {
            return .refused("amount \(row.amount) is outside 0.01...\(Money.limit)")
        }
        guard let balance = account.balance.checkedAdding(row.amount), balance.isInRange else {
            return .refused(
                "amount \(row.amount) takes the balance of \(account.balance) over \(Money.limit)")
        }
        account.balance = balance
        var entry = entry(
            at: millis, on: rows,
            postings: [
                Posting(account: .contributions(row.collector), amount: -row.amount),
                Posting(account: .individual(row.key.person), amount: row.amount),
            ],
            changes: [.credit(row)])
        chain([account], into: &entry)
        rows.append(entry)
        return .added
    }

    private func apply(
        _ row: FamilyRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        guard rows.persons[row.member] != nil else {
            return .refused("person \(row.member) is not registered")
        }
        guard row.links.count <= FamilyRow.linksMax else {
            return .refused("\(row.links.count) owners; at most \(FamilyRow.linksMax)")
        }
        guard Set(row.links.map(\.owner)).count == row.links.count else {
            return .refused("an owner is named twice")
        }
        for link in row.links {
            guard link.owner != row.member else {
                return .refused("a person cannot be their own relative")
            }
            if let why = obstacle(to: link, of: row.member, on: rows) { return .refused(why) }
        }
        let old = rows.families[row.member]
        var new = row
        new.links = new.links.map { link in
            link.keepingUse(
                of: old?.links.first { $0.owner == link.owner },
                on: rows.reference.businessDate)
        }
        guard new != old else { return .unchanged }
        return put(
            .family(new), over: old, new: new, at: millis, on: &rows,
            and: rows.ownerChanges(with: new))
    }

    /// Why a member may not draw on an owner: what the counter's link asks, as far as it is known when a
    /// site is filled.
    private func obstacle(
        to link: FamilyLink, of member: PersonID, on rows: WorkingSet
    ) -> String? {
        guard let owner = rows.persons[link.owner]?.person, let relative = rows.persons[member],
            rows.accounts[link.owner] != nil
        else { return "owner \(link.owner) has no individual account" }
        let relationship = link.relationship
        let policy = rows.reference.policy(of: owner.region, on: rows.reference.businessDate)
        if let policy, !policy.practice.admits(relationship) {
            return "region \(owner.region) of owner \(link.owner) does not link a "
                + relationship.name
        }
        guard relationship.fits(owner: owner, relative: relative.person) else {
            return "the birth dates of \(member) and owner \(link.owner) do not fit a "
                + relationship.name
        }
        return nil
    }

    private func apply(
        _ row: CatalogRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        let version = row.catalog.version
        if let old = rows.reference.catalogs.first(where: { $0.catalog.version == version }) {
            return old == row ? .unchanged : .refused("catalog version \(version) stands already")
        }
        if let newest = rows.reference.catalogs.last,
            newest.catalog.version >= version || newest.effectiveFrom > row.effectiveFrom
        {
            return .refused(
                "catalog version \(version) from \(row.effectiveFrom) must follow version "
                    + "\(newest.catalog.version) from \(newest.effectiveFrom)")
        }
        return put(.catalog(row), over: nil, new: row, at: millis, on: &rows)
    }

    private func apply(
        _ row: PolicyRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        let policy = row.policy
        let versions = rows.reference.policies[policy.region] ?? []
        if let old = versions.first(where: { $0.version == policy.version }) {
            return old == policy
                ? .unchanged
                : .refused("policy version \(policy.version) of \(policy.region) stands already")
        }
        if let newest = versions.last,
            newest.version >= policy.version || newest.effectiveFrom > policy.effectiveFrom
        {
            return .refused(
                "policy version \(policy.version) from \(policy.effectiveFrom) must follow "
                    + "version \(newest.version) from \(newest.effectiveFrom)")
        }
        return put(.policy(row), over: nil, new: row, at: millis, on: &rows)
    }
}

extension Institution {
    /// Whether a terminal of this role may stand here.
    func mayHaveTerminal(of role: Role) -> Bool {
        switch (kind, role) {
        case (.pharmacy, .pharmacy), (.hospital, .hospital), (.clinic, .hospital),
            (.vaccinationClinic, .vaccination), (.agency, .counter), (.agency, .gateway),
            (.agency, .collector), (.bank, .collector), (.employer, .employer):
            true
        case (.hospital, .vaccination), (.clinic, .vaccination): vaccinates
        default: false
        }
    }
}
