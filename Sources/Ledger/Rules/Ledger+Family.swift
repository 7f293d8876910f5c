import SettlementDomain

extension Ledger {
    /// Adds the rows that a family request reads.
    func add(_ command: FamilyCommand, to keys: inout LoadKeys) {
        keys.subjects.append(LoadKeys.Holder(subject: command.asking.subject, family: true))
        keys.subjects.append(LoadKeys.Holder(subject: command.relative, family: true))
    }

    /// Decides an owner's request to link a relative or to end a link.
    func family(
        _ command: FamilyCommand, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        let admitted: Admitted
        switch admit(command.asking, of: request, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return answer(
                verdict, recorded: recorded, card: card, to: request, at: millis, on: &rows)
        case .passed(let passed): admitted = passed
        }
        switch change(command, owner: admitted.person, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows, changes: admitted.changes)
        case .passed(let changed):
            let links = changed.family.links
            let payload: Outcome.Payload =
                links.firstIndex { $0.owner == admitted.person.person.id }.map { index in
                    .family(
                        NamedLink(
                            nameMasked: MaskedName.of(changed.relative.name),
                            idNumberMasked: changed.relative.idNumber.description,
                            position: index + 1, link: links[index]))
                } ?? .none
            let changes: [RowChange] =
                changed.family == rows.families[changed.family.member]
                ? [] : [.family(changed.family)] + rows.ownerChanges(with: changed.family)
            return record(
                Verdict(code: .approved, reason: .none, payload: payload), of: request,
                at: millis, on: &rows, changes: admitted.changes + changes)
        }
    }

    private struct ChangedFamily {
        var relative: PersonRow
        var family: FamilyRow
    }

    private func change(
        _ command: FamilyCommand, owner: PersonRow, on rows: WorkingSet
    ) -> Guarded<ChangedFamily> {
        let relative: PersonRow
        switch find(command.relative, on: rows) {
        case .refused(let verdict, _, _):
            return deny(verdict.code, verdict.reason, "relative: \(verdict.detail)")
        case .passed(let found): relative = found.person
        }
        let (ownerID, member) = (owner.person.id, relative.person.id)
        var family = rows.families[member] ?? FamilyRow(member: member, links: [])
        let index = family.links.firstIndex { $0.owner == ownerID }
        guard case .link(let terms) = command.step else {
            guard let index else { return deny(.invalidTransaction, .relativeNotLinked) }
            family.links.remove(at: index)
            return .passed(ChangedFamily(relative: relative, family: family))
        }
        if let verdict = guardTerms(terms, owner: owner, relative: relative, on: rows) {
            return .refused(verdict, recorded: true, card: nil)
        }
        let before = index.map { family.links.remove(at: $0) }
        guard family.links.count < FamilyRow.linksMax else {
            return deny(
                .frequencyLimit, .tooManyLinks,
                "the relative may draw on \(FamilyRow.linksMax) accounts already")
        }
        let members = rows.owners[ownerID]?.members ?? []
        guard before != nil || members.count < OwnerRow.membersMax else {
            return deny(
                .frequencyLimit, .tooManyLinks,
                "the owner has \(OwnerRow.membersMax) relatives already")
        }
        let link = FamilyLink(
            owner: ownerID, relationship: terms.relationship, yearlyLimit: terms.yearlyLimit,
            dailyLimit: terms.dailyLimit, usedYear: 0, used: .zero
        ).keepingUse(of: before, on: rows.reference.businessDate)
        let place = terms.position.map { $0 - 1 } ?? index ?? family.links.count
        family.links.insert(link, at: min(place, family.links.count))
        return .passed(ChangedFamily(relative: relative, family: family))
    }

    /// Whether these two may be owner and relative on such terms.
    private func guardTerms(
        _ terms: FamilyTerms, owner: PersonRow, relative: PersonRow, on rows: WorkingSet
    ) -> Verdict? {
        guard owner.person.id != relative.person.id else {
            return refusal(.invalidTransaction, .relativeIsOwner)
        }
        guard rows.accounts[owner.person.id] != nil else {
            return refusal(.notPermittedToPerson, .ownerHasNoAccount)
        }
        let policy = rows.reference.policy(
            of: owner.person.region, on: rows.reference.businessDate)
        guard let policy else {
            return refusal(.invalidTransaction, .noPolicyForRegion)
        }
        guard policy.practice.admits(terms.relationship) else {
            return refusal(
                .notPermittedToPerson, .relationshipNotPermitted,
                "relationship: the owner's region does not link a \(terms.relationship.name)")
        }
        guard terms.relationship.fits(owner: owner.person, relative: relative.person) else {
            return refusal(
                .notPermittedToPerson, .relationshipImplausible,
                "relationship: the birth dates do not fit a \(terms.relationship.name)")
        }
        for limit in [terms.yearlyLimit, terms.dailyLimit].compactMap({ $0 })
        where limit < .zero || !limit.isInRange {
            return refusal(.invalidAmount, .fieldOutOfRange, "limit \(limit)")
        }
        return nil
    }

    private func deny(
        _ code: ResponseCode, _ reason: Reason, _ detail: String = ""
    ) -> Guarded<ChangedFamily> {
        .refused(refusal(code, reason, detail), recorded: true, card: nil)
    }
}

extension Relationship {
    /// The least years between a parent and a child.
    private static let generationYears = 14

    /// Whether the birth dates allow it.
    public func fits(owner: Person, relative: Person) -> Bool {
        /// Whether the first is so much older than the second.
        func isOlder(_ elder: Person, _ younger: Person, generations: Int) -> Bool {
            elder.birthDate.years(to: younger.birthDate) >= generations * Self.generationYears
        }
        return switch self {
        case .spouse, .sibling: true
        case .parent: isOlder(relative, owner, generations: 1)
        case .child: isOlder(owner, relative, generations: 1)
        case .grandparent: isOlder(relative, owner, generations: 2)
        case .grandchild: isOlder(owner, relative, generations: 2)
        }
    }
}
