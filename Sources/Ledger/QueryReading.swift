import SettlementDomain

extension StoreReader {
    /// Reads what a permitted query asks for, as of the last commit; to an employer only what it paid.
    public func answer(
        _ question: PersonQuery.Question, of person: PersonID, employer: InstitutionID? = nil
    ) throws(StoreFault) -> QueryAnswer {
        switch question {
        case .transactions(let question):
            return .transactions(try transactions(question, of: person))
        case .months(let question):
            return .months(try months(question, of: person))
        case .annual(let year): return .annual(try annualStatement(of: person, year: year))
        case .contributions(let before, let limit):
            // A person has some hundred months in a life.
            guard
                case .contributions(let all) = try read(
                    .contributionsOf(person, before: before, limit: 1_200))
            else { return .contributions([], next: nil) }
            let found = all.filter { employer == nil || $0.employer == employer }
            let page = Array(found.prefix(limit))
            return .contributions(
                page, next: found.count > limit ? page.last?.key.period : nil)
        case .claims(let before, let limit):
            guard case .claims(let all) = try read(.claimsOf(person)) else {
                return .claims([], next: nil)
            }
            // A cursor counts from the oldest: later claims do not move it.
            let end = min(before.map { Int(clamping: $0) } ?? .max, all.count)
            let start = max(0, end - limit)
            return .claims(
                all[start..<end].reversed(), next: start > 0 ? UInt64(start) : nil)
        case .claim(let id, let from):
            guard case .claims(let found) = try read(.claim(id)), let claim = found.first else {
                throw .corrupt("the claim \(id), which was permitted, is not stored")
            }
            return .claim(claim, from: from)
        case .family(let before, let limit):
            return .family(try family(of: person, before: before, limit: limit))
        case .accesses(let before, let limit):
            guard
                case .accesses(let found) = try read(
                    .accesses(person, before: before, limit: limit + 1))
            else { return .accesses([], next: nil) }
            let page = Array(found.prefix(limit))
            return .accesses(page, next: found.count > limit ? page.last?.sequence : nil)
        }
    }

    /// The months of a person's account.
    func months(
        _ question: MonthQuestion, of person: PersonID
    ) throws(StoreFault) -> [MonthlyEntry] {
        let end = (0..<question.count).reduce(question.from) { day, _ in day.startOfNextMonth }
        var moves: [AccountMove] = []
        let through = end.adding(days: -1)
        var before: UInt64?
        while true {
            let page = try self.moves(
                of: person, from: question.from, through: through, before: before,
                limit: Self.movesAtOnce)
            moves += page
            guard page.count == Self.movesAtOnce, let last = page.last else { break }
            before = last.sequence
        }
        let opening = try balance(of: person, before: question.from)
        return MonthlyEntry.months(of: question, opening: opening, moves: moves.reversed())
    }

    private static var movesAtOnce: Int { 10_000 }

    private func transactions(
        _ question: TransactionQuestion, of person: PersonID
    ) throws(StoreFault) -> TransactionPage {
        let from = question.from ?? .first
        let through = question.through ?? .last
        let asOf: UInt64
        if let told = question.asOf { asOf = told } else { asOf = try newestSequence(of: person) }
        let newest = try moves(
            of: person, from: .first, through: through, before: asOf + 1, limit: 1)
        var page = TransactionPage(
            person: person, opening: try balance(of: person, before: from),
            closing: newest.first?.balance ?? .zero, asOf: asOf, next: nil, rows: [])
        var before = min(question.before ?? .max, asOf + 1)
        // Where a filter lets little through, a page may end before it is full.
        var looked = 0
        while looked < Self.entriesLookedAtMax {
            let limit = question.limit + 1
            let found = try history(
                of: person, from: from, through: through, before: before, limit: limit)
            looked += found.count
            for entry in found {
                if page.rows.count == question.limit {
                    page.next = before
                    return page
                }
                before = entry.sequence
                guard question.admits(entry) else { continue }
                page.rows.append((entry, try relative(in: entry, of: person)))
            }
            if found.count < limit { return page }
        }
        page.next = before
        return page
    }

    private func family(
        of person: PersonID, before: UInt64?, limit: Int
    ) throws(StoreFault) -> FamilyPage {
        var page = FamilyPage(person: person, members: [], owners: [], draws: [], next: nil)
        for member in try owner(of: person)?.members ?? [] {
            guard let row = try family(of: member),
                let index = row.links.firstIndex(where: { $0.owner == person })
            else { continue }
            try page.members.append(named(member, index + 1, row.links[index]))
        }
        for (index, link) in (try family(of: person)?.links ?? []).enumerated() {
            try page.owners.append(named(link.owner, index + 1, link))
        }
        var cursor = before
        var looked = 0
        while looked < Self.entriesLookedAtMax {
            let found = try history(
                of: person, from: .first, through: .last, before: cursor, limit: limit + 1)
            looked += found.count
            for entry in found {
                if entry.move(of: person) != nil,
                    let relative = try relative(in: entry, of: person)
                {
                    // Only where there is another line, there is another page.
                    if page.draws.count == limit {
                        page.next = page.draws.last?.entry.sequence
                        return page
                    }
                    page.draws.append((entry, relative))
                }
                cursor = entry.sequence
            }
            if found.count <= limit { return page }
        }
        page.next = cursor
        return page
    }

    private func named(
        _ id: PersonID, _ position: Int, _ link: FamilyLink
    ) throws(StoreFault) -> NamedLink {
        guard case .persons(let found) = try read(.person(id)), let person = found.first else {
            throw .corrupt("person \(id) of a family link is not registered")
        }
        return NamedLink(
            nameMasked: MaskedName.of(person.name), idNumberMasked: person.idNumber.description,
            position: position, link: link)
    }

    private func family(of member: PersonID) throws(StoreFault) -> FamilyRow? {
        guard case .families(let rows) = try read(.family(member)) else { return nil }
        return rows.first
    }

    private func owner(of id: PersonID) throws(StoreFault) -> OwnerRow? {
        guard case .owners(let rows) = try read(.owner(id)) else { return nil }
        return rows.first
    }

    private func newestSequence(of person: PersonID) throws(StoreFault) -> UInt64 {
        try history(of: person, from: .first, through: .last, before: nil, limit: 1).first?
            .sequence ?? 0
    }

    private func history(
        of person: PersonID, from: CivilDate, through: CivilDate, before: UInt64?, limit: Int
    ) throws(StoreFault) -> [JournalEntry] {
        guard
            case .entries(let found) = try read(
                .historyOf(person, from: from, through: through, before: before, limit: limit))
        else { return [] }
        return found
    }

    /// So many entries are looked at for one page.
    private static var entriesLookedAtMax: Int { 2_000 }

    /// The masked name of whose bill it is, where it is not the account owner's.
    private func relative(
        in entry: JournalEntry, of person: PersonID
    ) throws(StoreFault) -> String? {
        guard let member = entry.settlementRow?.person, member != person,
            case .persons(let found) = try read(.person(member))
        else { return nil }
        return found.first.map { MaskedName.of($0.name) }
    }

    /// The balance at the end of the day before.
    private func balance(of person: PersonID, before day: CivilDate) throws(StoreFault) -> Money {
        guard day > .first else { return .zero }
        let last = try moves(
            of: person, from: .first, through: day.adding(days: -1), before: nil, limit: 1)
        return last.first?.balance ?? .zero
    }

    private func moves(
        of person: PersonID, from: CivilDate, through: CivilDate, before: UInt64?, limit: Int
    ) throws(StoreFault) -> [AccountMove] {
        guard
            case .moves(let found) = try read(
                .movesOf(person, from: from, through: through, before: before, limit: limit))
        else { return [] }
        return found
    }
}
