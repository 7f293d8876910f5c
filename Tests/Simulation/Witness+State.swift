import Ledger
import SettlementDomain

// What is stored, against the model.
extension Witness {
    /// Balances, cards, the year's use and all sums, as stored; of one person in turn, or at the
    /// end of everyone, family and contributions too.
    func checkState(ofAll: Bool = false) throws {
        for number in model.persons.indices {
            guard try checkAccount(of: number), try checkCards(of: number),
                try checkUse(of: number)
            else { return }
            if ofAll || number == checks % model.persons.count {
                guard try checkFamily(of: number), try checkStanding(of: number) else { return }
            }
        }
        checks += 1
        guard case .balances(let sums)? = disk.read(.balances) else { return }
        let stored = Dictionary(
            uniqueKeysWithValues: sums.map { ($0.account, Int($0.balance.fen)) }
        )
        .filter { $0.value != 0 }
        let expected = model.sums(Town.account)
        guard stored == expected else {
            throw Violation(
                "sums \(stored.sorted { $0.key < $1.key }), "
                    + "the model's \(expected.sorted { $0.key < $1.key })")
        }
    }

    private func checkAccount(of number: Int) throws -> Bool {
        guard case .accounts(let accounts)? = disk.read(.account(Town.person(number))) else {
            return false
        }
        let balance = model.balance(number)
        guard balance >= 0, (accounts.first?.balance.fen ?? 0) == Int64(balance) else {
            throw Violation(
                "person \(number): \(accounts.first?.balance.fen ?? 0) fen stored, "
                    + "the model has \(balance)")
        }
        return true
    }

    private func checkCards(of number: Int) throws -> Bool {
        guard case .cards(let rows)? = disk.read(.cardsOf(Town.person(number))) else {
            return false
        }
        var stored: [Int: ModelCard] = [:]
        for row in rows {
            stored[Town.number(of: row.number)] = ModelCard(
                person: number,
                state: Town.checked(ModelCard.State(rawValue: Int(row.state.rawValue))),
                expires: Town.day(row.expires), pin: row.verification.map { Int($0.high) },
                wrongPINs: Int(row.triesFailed))
        }
        var expected = model.cards.filter { $0.value.person == number }
        // What became of the PIN of a card that is cancelled for good is nobody's business.
        for card in expected.keys where expected[card]?.state == .cancelled {
            expected[card]?.wrongPINs = stored[card]?.wrongPINs ?? 0
        }
        guard stored == expected else {
            // In the order of numbers: the same run says the same.
            let (ours, theirs) = (
                expected.sorted { $0.key < $1.key }, stored.sorted { $0.key < $1.key }
            )
            throw Violation("person \(number): cards \(theirs), the model has \(ours)")
        }
        return true
    }

    private func checkUse(of number: Int) throws -> Bool {
        guard
            case .accumulators(let rows)? = disk.read(
                .accumulators(
                    Town.person(number), year: UInt16(Town.date(model.today).year)))
        else { return false }
        for benefit in ModelBenefit.allCases {
            let category: BenefitCategory = benefit == .outpatient ? .outpatient : .inpatient
            let used = rows.first { $0.key.category == category }?.used ?? Accumulators()
            let expected = model.used(by: number, of: benefit, inYearOf: model.today)
            guard used.deductibleUsed.fen == expected.deductible,
                used.pooledUsed.fen == expected.pooled, used.largeUsed.fen == expected.large,
                used.used(by: Town.plan).fen == expected.plan
            else {
                throw Violation(
                    "person \(number), \(benefit): \(used) stored, the model has \(expected)")
            }
        }
        return true
    }

    private func checkFamily(of number: Int) throws -> Bool {
        guard case .families(let families)? = disk.read(.family(Town.person(number))) else {
            return false
        }
        let today = Town.date(model.today)
        let stored = (families.first?.links ?? []).map { link in
            "\(link.owner) \(link.yearlyLimit?.fen ?? -1) \(link.dailyLimit?.fen ?? -1) "
                + "\(link.used(inYearOf: today).fen) \(link.used(on: today).fen)"
        }
        let expected = model.persons[number].owners.map { link in
            let inYear = model.drawn(by: number, by: link) {
                model.year(of: $0) == model.year(of: model.today)
            }
            let onDay = model.drawn(by: number, by: link) { $0 == model.today }
            return "\(Town.person(link.person)) \(link.yearly ?? -1) \(link.daily ?? -1) "
                + "\(inYear) \(onDay)"
        }
        guard stored == expected else {
            throw Violation("person \(number): links \(stored), the model has \(expected)")
        }
        return true
    }

    private func checkStanding(of number: Int) throws -> Bool {
        guard case .persons(let persons)? = disk.read(.person(Town.person(number))),
            case .contributions(let rows)? = disk.read(
                .contributionsOf(Town.person(number), before: nil, limit: 1_000))
        else { return false }
        let expected = model.persons[number]
        guard let row = persons.first, row.frozen == expected.isFrozen,
            row.standing.employer == expected.employer.map(Town.institution),
            row.standing.paidThrough.map({ $0.year * 12 + $0.month - 1 }) == expected.paidThrough
        else { throw Violation("person \(number): \(persons) stored, the model has \(expected)") }
        let paid = rows.map { "\($0.key.period.yyyymm) \($0.credited.fen) \($0.paid.fen)" }
        let due = model.contributions.filter { $0.person == number }
            .sorted { $0.period > $1.period }
            .map { "\($0.period) \($0.credited) \($0.employerPart + $0.individualPart)" }
        guard paid == due else {
            throw Violation("person \(number): paid \(paid), the model has \(due)")
        }
        return true
    }

    /// Every transaction is in the books of exactly one date, and what the books say that
    /// institutions are owed, and were paid, is what was posted to them.
    func checkBooks() throws {
        guard case .balances(let sums)? = disk.read(.balances) else {
            throw Violation("the books cannot be read")
        }
        for number in model.institutions.indices {
            guard let terminal = model.terminals.firstIndex(of: number) else { continue }
            var owed: Int64 = 0
            for day in Town.firstDay...model.today {
                guard
                    case .day(let rows)? = disk.read(
                        .day(
                            Town.date(day), Town.institution(number), nil, after: nil,
                            through: nil, limit: 100_000)),
                    case .clearings(let paid)? = disk.read(.clearings(Town.date(day)))
                else { throw Violation("the books of day \(day) cannot be read") }
                let expected = model.transactions(
                    of: ModelBooks(terminal: terminal, isOfInstitution: true, day: day))
                let stored = rows.map { row in
                    ModelTransaction(
                        key: Town.modelKey(row.key), kind: Int(row.kind.rawValue),
                        total: Int(row.total.fen), insured: Int(row.insured.fen))
                }
                guard stored == expected else {
                    throw Violation(
                        "institution \(number), day \(day): \(stored), the model has \(expected)")
                }
                for row in rows { owed += row.kind == .settle ? row.insured.fen : -row.insured.fen }
                for row in paid where row.key.institution == Town.institution(number) {
                    owed -= row.amount.fen
                }
            }
            let name = Town.account(.institution(number))
            let posted = sums.first { $0.account == name }?.balance.fen ?? 0
            guard posted == owed else {
                throw Violation(
                    "institution \(number): its books say \(owed), \(posted) were posted")
            }
        }
    }
}
