import SettlementDomain

/// Single rows by key, as of the last commit: all that is needed to follow `LoadKeys`.
public protocol RowSource {
    /// The recorded answer of a request.
    func answer(_ key: RequestKey) throws(StoreFault) -> AnswerRow?
    /// The reversal that named a request before it arrived; asked where there is no answer.
    func tombstone(_ key: RequestKey) throws(StoreFault) -> TombstoneRow?
    /// A card.
    func card(_ number: CardNumber) throws(StoreFault) -> CardRow?
    /// A person.
    func person(_ id: PersonID) throws(StoreFault) -> PersonRow?
    /// The persons registered with an ID number, in the order of their ids.
    func persons(with number: IDNumber) throws(StoreFault) -> [PersonRow]
    /// Every card of a person, in the order of their numbers.
    func cards(of person: PersonID) throws(StoreFault) -> [CardRow]
    /// A person's individual account.
    func account(_ id: PersonID) throws(StoreFault) -> AccountRow?
    /// A person's use of a year's limits in one benefit category.
    func accumulator(_ key: AccumulatorKey) throws(StoreFault) -> AccumulatorRow?
    /// A trace code that was ever taken.
    func traceCode(_ code: TraceCode) throws(StoreFault) -> TraceCodeRow?
    /// A person's past uses of an item.
    func usage(_ key: UsageKey) throws(StoreFault) -> UsageRow?
    /// A member's family links.
    func family(_ member: PersonID) throws(StoreFault) -> FamilyRow?
    /// The relatives of an owner.
    func owner(_ id: PersonID) throws(StoreFault) -> OwnerRow?
    /// A credit that was made.
    func credit(_ key: CreditKey) throws(StoreFault) -> CreditRow?
    /// A payment of clearing that was made.
    func clearing(_ key: ClearingKey) throws(StoreFault) -> ClearingRow?
    /// A contribution that was paid.
    func contribution(_ key: ContributionKey) throws(StoreFault) -> ContributionRow?
    /// What a line of a declaration was answered.
    func declarationLine(
        _ key: DeclarationLineKey
    ) throws(StoreFault) -> DeclarationLineRow?
    /// The balances of an individual account over a year, up to the last commit.
    func balances(of person: PersonID, in year: Int) throws(StoreFault) -> DailyBalances
    /// What an institution's books of a date say is owed.
    func owed(_ key: ClearingKey) throws(StoreFault) -> Money
    /// A stay in hospital.
    func admission(_ id: AdmissionID) throws(StoreFault) -> AdmissionRow?
    /// Fees that were uploaded.
    func feeUpload(_ key: FeeUploadKey) throws(StoreFault) -> FeeUploadRow?
    /// A person's stays that are not settled.
    func openStays(_ person: PersonID) throws(StoreFault) -> OpenStaysRow?
    /// A claim.
    func claim(_ id: ClaimID) throws(StoreFault) -> ClaimRow?
    /// Who holds a bill.
    func bill(_ key: BillKey) throws(StoreFault) -> BillRow?
    /// A person's settlements at an institution for a service date with this total.
    func settlements(
        of person: PersonID, at institution: InstitutionID, on serviceDate: CivilDate,
        total: Money
    ) throws(StoreFault) -> [SettlementRow]
    /// A settlement.
    func settlement(_ id: SettlementID) throws(StoreFault) -> SettlementRow?
}

extension RowSource {
    /// The rows that the keys name, and those that they lead to: a card's person, the person's
    /// account, the family's owners and their accounts.
    public func workingSet(
        _ keys: LoadKeys, reference: Reference
    ) throws(StoreFault) -> WorkingSet {
        var rows = WorkingSet(reference: reference)
        rows.reserve(for: keys)
        for key in keys.answers { try takeAnswer(key, into: &rows) }
        for key in keys.cards {
            try follow(key, into: &rows, anyCategory: keys.changesPolicies)
        }
        for holder in keys.subjects { try follow(holder, into: &rows) }
        for key in keys.declarationLines {
            rows.declarationLines[key] = try declarationLine(key)
        }
        for row in keys.yearBalances {
            // Of a year that goes on there may be more before the batch ends it.
            guard case .interest(let year) = row.run, Int(year) < reference.businessDate.year
            else { continue }
            rows.yearBalances[row] = try balances(of: row.person, in: Int(year))
        }
        for wanted in keys.contributions {
            for person in rows.holders[wanted.idNumber] ?? [] {
                let key = ContributionKey(person: person, period: wanted.period)
                rows.contributions[key] = try contribution(key)
            }
        }
        for id in keys.persons {
            try take(id, into: &rows)
            try takeFamily(of: id, into: &rows)
        }
        for code in keys.traceCodes { rows.traceCodes[code] = try traceCode(code) }
        for key in keys.usages {
            guard let card = try card(key.card, in: rows) else { continue }
            let usageKey = UsageKey(person: card.person, code: key.code)
            rows.usages[usageKey] = try usage(usageKey)
        }
        // Those that are to be undone come first: what is here is followed already.
        for id in keys.undone { try followUndone(id, into: &rows) }
        for key in keys.originals { try followOriginal(key, into: &rows) }
        for key in keys.stays { try follow(key, into: &rows, keys) }
        for key in keys.claims { try follow(key, into: &rows) }
        for key in keys.bills { rows.bills[key] = try bill(key) }
        for id in keys.settlements where rows.settlements[id] == nil {
            rows.settlements[id] = try settlement(id)
        }
        for key in keys.credits { rows.credits[key] = try credit(key) }
        for key in keys.clearings {
            rows.clearings[key] = try clearing(key)
            // Of a date that goes on there may be more before the batch ends it.
            if rows.clearings[key] == nil, key.date < reference.businessDate {
                rows.owed[key] = try owed(key)
            }
        }
        return rows
    }

    private func takeAnswer(
        _ key: RequestKey, into rows: inout WorkingSet
    ) throws(StoreFault) {
        if let answer = try answer(key) {
            rows.answers[key] = answer
        } else if let tombstone = try tombstone(key) {
            rows.tombstones[key] = tombstone
        }
    }

    /// A request of before, and the settlement that it made or undid.
    private func followOriginal(
        _ key: RequestKey, into rows: inout WorkingSet
    ) throws(StoreFault) {
        try takeAnswer(key, into: &rows)
        guard let answer = rows.answers[key] else { return }
        try followUndone(answer.settlement ?? SettlementID(key), into: &rows)
    }

    /// A settlement, and every row that undoing it or letting it stand again may change.
    private func followUndone(
        _ id: SettlementID, into rows: inout WorkingSet
    ) throws(StoreFault) {
        guard rows.settlements[id] == nil, let row = try settlement(id) else { return }
        rows.settlements[id] = row
        try take(row.person, into: &rows)
        if rows.families[row.person] == nil { rows.families[row.person] = try family(row.person) }
        for share in row.split.owners { try take(share.owner, into: &rows) }
        if let key = row.accumulatorKey, rows.accumulators[key] == nil {
            rows.accumulators[key] = try accumulator(key)
        }
        for code in row.lines.lazy.flatMap(\.traceCodes) where rows.traceCodes[code] == nil {
            rows.traceCodes[code] = try traceCode(code)
        }
        if let key = row.billKey { rows.bills[key] = try bill(key) }
        if let stay = row.stay, rows.admissions[stay.admission] == nil {
            rows.admissions[stay.admission] = try admission(stay.admission)
            rows.openStays[row.person] = try openStays(row.person)
        }
        // What the rules saw then, and what a line that sorts otherwise once less of it is left gives.
        let reference = rows.reference
        let limited = row.lines.lazy.filter {
            reference.needsHistory($0.code, on: $0.day ?? row.serviceDate)
        }
        try takeUsages(
            of: row.person, row.basis.usages.map(\.key.code) + limited.map(\.code), into: &rows)
    }

    private func follow(
        _ key: LoadKeys.Card, into rows: inout WorkingSet, anyCategory: Bool
    ) throws(StoreFault) {
        guard let card = try card(key.number, in: rows) else { return }
        rows.cards[key.number] = card
        try take(card.person, into: &rows)
        if let year = key.year {
            if !anyCategory, let visit = key.visit, let person = rows.persons[card.person]?.person {
                let policy = rows.reference.policy(of: person.region, on: visit.day)
                if let category = policy?.benefit(of: visit.type) {
                    let key = AccumulatorKey(person: card.person, year: year, category: category)
                    rows.accumulators[key] = try accumulator(key)
                }
            } else {
                for category in BenefitCategory.allCases {
                    let key = AccumulatorKey(person: card.person, year: year, category: category)
                    rows.accumulators[key] = try accumulator(key)
                }
            }
        }
        if key.stays, let stays = try openStays(card.person) {
            rows.openStays[card.person] = stays
            for id in stays.open { rows.admissions[id] = try admission(id) }
        }
        guard key.family, let family = try family(card.person) else { return }
        rows.families[card.person] = family
        for link in family.links { try take(link.owner, into: &rows) }
    }

    /// Whom a request is about.
    private func follow(
        _ holder: LoadKeys.Holder, into rows: inout WorkingSet
    ) throws(StoreFault) {
        var found: [PersonID] = []
        switch holder.subject {
        case .card(let number):
            guard let number, let card = try card(number, in: rows) else { return }
            rows.cards[number] = card
            found = [card.person]
        case .idNumber(let number):
            found = try persons(with: number).map(\.person.id)
            rows.holders[number] = found
        case .claim(let id):
            guard let claim = try claim(id) else { return }
            rows.claims[id] = claim
            found = [claim.person]
        }
        for person in found {
            try take(person, into: &rows)
            if holder.family { try takeFamily(of: person, into: &rows) }
            guard holder.cards, rows.cardsOf[person] == nil else { continue }
            let cards = try cards(of: person)
            rows.cardsOf[person] = cards.map(\.number)
            for card in cards { rows.cards[card.number] = card }
        }
    }

    /// A person's links as a relative and as an owner, and the owners' rows of the former.
    private func takeFamily(
        of id: PersonID, into rows: inout WorkingSet
    ) throws(StoreFault) {
        rows.families[id] = try family(id)
        for owner in [id] + (rows.families[id]?.links.map(\.owner) ?? [])
        where rows.owners[owner] == nil {
            rows.owners[owner] = try self.owner(owner)
        }
    }

    /// A stay, its person, and what was uploaded for it.
    private func follow(
        _ key: LoadKeys.Stay, into rows: inout WorkingSet, _ keys: LoadKeys
    ) throws(StoreFault) {
        guard let row = try admission(key.admission) else {
            // Begun in this batch, perhaps: by one of those whose card it names.
            for card in keys.cards where card.stays {
                guard let person = rows.cards[card.number]?.person else { continue }
                try takeUsages(of: person, key.codes, into: &rows)
            }
            return
        }
        rows.admissions[row.id] = row
        try take(row.person, into: &rows)
        rows.openStays[row.person] = try openStays(row.person)
        try takeUsages(of: row.person, key.codes, into: &rows)
        switch key.depth {
        case .row: break
        case .upload(let number):
            let key = FeeUploadKey(admission: row.id, number: number)
            rows.feeUploads[key] = try feeUpload(key)
        case .fees: try takeFees(of: row, into: &rows)
        case .details:
            try takeFees(of: row, into: &rows)
            if let id = row.settlement, rows.settlements[id] == nil {
                rows.settlements[id] = try settlement(id)
            }
        }
    }

    private func takeFees(
        of row: AdmissionRow, into rows: inout WorkingSet
    ) throws(StoreFault) {
        guard row.uploads > 0 else { return }
        for number in 1...row.uploads {
            let key = FeeUploadKey(admission: row.id, number: number)
            guard let fees = try feeUpload(key) else { continue }
            rows.feeUploads[key] = fees
            for code in fees.lines.lazy.flatMap(\.traceCodes) where rows.traceCodes[code] == nil {
                rows.traceCodes[code] = try traceCode(code)
            }
            let reference = rows.reference
            try takeUsages(
                of: row.person,
                fees.lines.map(\.code).filter { reference.needsHistory($0, on: fees.day) },
                into: &rows)
        }
    }

    /// The bills of a claim, with what could have settled them, and what deciding about them reads.
    private func follow(
        _ key: LoadKeys.Claim, into rows: inout WorkingSet
    ) throws(StoreFault) {
        var persons: [PersonID] = []
        var bills = key.bills
        switch key.subject {
        case .card(let number):
            if let person = number.flatMap({ rows.cards[$0]?.person }) { persons = [person] }
        case .idNumber(let number): persons = rows.holders[number] ?? []
        case .claim(let id):
            // One that this batch submits has brought its bills with it.
            guard let claim = rows.claims[id] else { return }
            persons = [claim.person]
            let reference = rows.reference
            bills = claim.bills.map { LoadKeys.Claim.Bill($0, reference) }
        }
        for bill in bills {
            rows.bills[bill.key] = try self.bill(bill.key)
            guard key.decides else { continue }
            for code in bill.traceCodes where rows.traceCodes[code] == nil {
                rows.traceCodes[code] = try traceCode(code)
            }
            for person in persons {
                try takeLikenesses(of: bill, of: person, into: &rows)
                try takeUsages(of: person, bill.codes, into: &rows)
                for category in BenefitCategory.allCases {
                    let key = AccumulatorKey(
                        person: person, year: UInt16(clamping: bill.serviceDate.year),
                        category: category)
                    rows.accumulators[key] = try accumulator(key)
                }
            }
        }
    }

    /// Settlements that may be of this very bill.
    private func takeLikenesses(
        of bill: LoadKeys.Claim.Bill, of person: PersonID, into rows: inout WorkingSet
    ) throws(StoreFault) {
        guard let institution = bill.institution else { return }
        let found = try settlements(
            of: person, at: institution, on: bill.serviceDate, total: bill.total)
        for row in found where rows.settlements[row.id] == nil { rows.settlements[row.id] = row }
    }

    private func takeUsages(
        of person: PersonID, _ codes: [ItemCode], into rows: inout WorkingSet
    ) throws(StoreFault) {
        for code in codes {
            let key = UsageKey(person: person, code: code)
            if rows.usages[key] == nil { rows.usages[key] = try usage(key) }
        }
    }

    private func card(
        _ number: CardNumber, in rows: WorkingSet
    ) throws(StoreFault) -> CardRow? {
        if let known = rows.cards[number] { return known }
        return try card(number)
    }

    private func take(_ id: PersonID, into rows: inout WorkingSet) throws(StoreFault) {
        guard rows.persons[id] == nil else { return }
        rows.persons[id] = try person(id)
        rows.accounts[id] = try account(id)
    }
}

extension LoadKeys.Claim.Bill {
    /// A stored claim's bill.
    init(_ bill: ClaimBill, _ reference: Reference) {
        self.init(
            key: bill.key, institution: bill.place.institution, serviceDate: bill.serviceDate,
            total: bill.total,
            codes: bill.lines.map(\.code)
                .filter { reference.needsHistory($0, on: bill.serviceDate) },
            traceCodes: bill.lines.flatMap(\.traceCodes))
    }
}
