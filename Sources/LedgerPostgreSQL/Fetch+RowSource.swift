import Ledger
import SettlementDomain

extension Fetch: RowSource {
    func answer(_ key: RequestKey) throws(StoreFault) -> AnswerRow? {
        guard let entry = try entryNaming(key) else { return nil }
        return entry.answer?.key == key ? entry.answer : nil
    }

    func tombstone(_ key: RequestKey) throws(StoreFault) -> TombstoneRow? {
        try entryNaming(key)?.tombstone(of: key)
    }

    /// The entry that answers a request, or remembers that it shall not be executed.
    private func entryNaming(_ key: RequestKey) throws(StoreFault) -> JournalEntry? {
        guard let mark = answers.get(key), let version = answers.version(key),
            let entry = entries.get(EntryPlace(account: mark.account, sequence: version))
        else { return nil }
        guard entry.answer?.key == key || entry.tombstone(of: key) != nil else {
            throw .corrupt("journal entry \(version) does not answer \(SettlementID(key))")
        }
        return entry
    }

    func card(_ number: CardNumber) throws(StoreFault) -> CardRow? {
        let card = cards.get(number)
        if let card { guardPerson(card.person) }
        return card
    }

    func person(_ id: PersonID) throws(StoreFault) -> PersonRow? { get(id, from: \.persons) }

    func persons(with number: IDNumber) throws(StoreFault) -> [PersonRow] {
        let rows = holders.get(number) ?? []
        for row in rows { guardPerson(row.person.id) }
        return rows
    }

    func cards(of person: PersonID) throws(StoreFault) -> [CardRow] {
        guardPerson(person)
        let rows = cardsOf.get(person) ?? []
        for row in rows { cards.want(row.number) }
        return rows
    }

    func account(_ id: PersonID) throws(StoreFault) -> AccountRow? { accounts.get(id)?.account }

    func accumulator(_ key: AccumulatorKey) throws(StoreFault) -> AccumulatorRow? {
        get(key, from: \.accumulators)
    }

    func traceCode(_ code: TraceCode) throws(StoreFault) -> TraceCodeRow? { traceCodes.get(code) }

    func usage(_ key: UsageKey) throws(StoreFault) -> UsageRow? { get(key, from: \.usages) }

    func family(_ member: PersonID) throws(StoreFault) -> FamilyRow? {
        get(member, from: \.families)
    }

    func owner(_ id: PersonID) throws(StoreFault) -> OwnerRow? { get(id, from: \.owners) }

    func credit(_ key: CreditKey) throws(StoreFault) -> CreditRow? { get(key, from: \.credits) }

    func clearing(_ key: ClearingKey) throws(StoreFault) -> ClearingRow? { clearings.get(key) }

    func contribution(_ key: ContributionKey) throws(StoreFault) -> ContributionRow? {
        get(key, from: \.contributions)
    }

    func declarationLine(
        _ key: DeclarationLineKey
    ) throws(StoreFault) -> DeclarationLineRow? {
        declarationLines.get(key)
    }

    func balances(of person: PersonID, in year: Int) throws(StoreFault) -> DailyBalances {
        guardPerson(person)
        return years.get(YearOfPerson(person: person, year: year))
            ?? DailyBalances(year: year, opening: .zero)
    }

    func owed(_ key: ClearingKey) throws(StoreFault) -> Money { owed.get(key) ?? .zero }

    func admission(_ id: AdmissionID) throws(StoreFault) -> AdmissionRow? {
        let row = admissions.get(id)
        if let row { guardPerson(row.person) }
        return row
    }

    func feeUpload(_ key: FeeUploadKey) throws(StoreFault) -> FeeUploadRow? {
        guard let mark = feeUploads.get(key), let version = feeUploads.version(key),
            let entry = entries.get(EntryPlace(account: mark.account, sequence: version))
        else { return nil }
        for case .feeUpload(let row) in entry.changes where row.key == key { return row }
        throw .corrupt("journal entry \(version) does not change an upload of \(key.admission)")
    }

    func openStays(_ person: PersonID) throws(StoreFault) -> OpenStaysRow? {
        get(person, from: \.openStays)
    }

    func claim(_ id: ClaimID) throws(StoreFault) -> ClaimRow? {
        guard let mark = claims.get(id), let version = claims.version(id) else { return nil }
        guardPerson(mark.person)
        guard let entry = entries.get(EntryPlace(account: mark.account, sequence: version))
        else { return nil }
        for case .claim(let row) in entry.changes where row.id == id { return row }
        throw .corrupt("journal entry \(version) does not change claim \(id)")
    }

    func bill(_ key: BillKey) throws(StoreFault) -> BillRow? { bills.get(key) }

    func settlements(
        of person: PersonID, at institution: InstitutionID, on serviceDate: CivilDate,
        total: Money
    ) throws(StoreFault) -> [SettlementRow] {
        guardPerson(person)
        let likeness = Likeness(
            person: person, institution: institution, serviceDate: serviceDate, total: total)
        var rows: [SettlementRow] = []
        for mark in likenesses.get(likeness) ?? [] {
            if let row = try settlement(mark.key) { rows.append(row) }
        }
        return rows.sorted { $0.id.key < $1.id.key }
    }

    func settlement(_ id: SettlementID) throws(StoreFault) -> SettlementRow? {
        // The request's answer says whose it is.
        guard let answer = answers.get(id.key), let person = answer.person else { return nil }
        return try settlement(SettlementMark.Key(person: person, id: id))
    }

    /// A settlement of a person as the entry that last changed it left it.
    private func settlement(_ key: SettlementMark.Key) throws(StoreFault) -> SettlementRow? {
        guard get(key, from: \.settlements) != nil,
            let version = settlements.version(key),
            let entry = entries.get(
                EntryPlace(account: Int64(key.person.rawValue), sequence: version))
        else { return nil }
        for case .settlement(let row) in entry.changes where row.id == key.id { return row }
        throw .corrupt("journal entry \(version) does not change settlement \(key.id)")
    }
}

extension AnswerMark {
    /// Whom the request was about, where that is known.
    var person: PersonID? { account > 0 ? PersonID(rawValue: UInt64(account)) : nil }
}

extension JournalEntry {
    /// What the entry remembers of a request that was reversed before it arrived.
    fileprivate func tombstone(of key: RequestKey) -> TombstoneRow? {
        for case .tombstone(let row) in changes where row.original == key { return row }
        return nil
    }
}
