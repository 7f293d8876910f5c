import Ledger
import SettlementDomain

/// Makes journal entries that hang together as a real ledger's do, without deciding anything: for
/// tests of stores.
///
/// Persons have ids from 1 on, a card and an account each. The hash chains use `digest`, which is
/// no cryptography.
public struct SyntheticLedger: Sendable {
    /// A stand-in for SHA-256: four lanes of FNV-1a, for tests only.
    public static let digest: SHA256Function = { bytes in
        var lanes: (UInt64, UInt64, UInt64, UInt64) = (
            0xcbf2_9ce4_8422_2325, 0x8422_2325_cbf2_9ce4, 0x1234_5678_9abc_def1,
            0xfedc_ba98_7654_3211
        )
        for byte in bytes {
            lanes.0 = (lanes.0 ^ UInt64(byte)) &* 0x100_0000_01b3
            lanes.1 = (lanes.1 &+ UInt64(byte)) &* 0x100_0000_01b3
            lanes.2 = (lanes.2 ^ UInt64(byte) &+ lanes.0 >> 7) &* 0x100_0000_01b3
            lanes.3 = (lanes.3 &+ lanes.1 >> 9 ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Digest(words: lanes)
    }

    /// The region of every person and institution.
    public static let region: RegionCode = checked(RegionCode(rawValue: 110_000))
    /// The supplementary plan that some persons are in.
    public static let plan: PlanID = checked(PlanID("PLAN-A"))
    /// The first business date.
    public static let firstDate: CivilDate = checked(CivilDate(yyyymmdd: 2026_11_23))

    /// What the ledger knows, as a store must give it back.
    public private(set) var rows: WorkingSet
    /// How many persons there are.
    public private(set) var personCount = 0
    /// The settlements made, oldest first.
    public private(set) var settlements: [SettlementID] = []
    private var stans: [Int: UInt32] = [:]
    private var time: Int64 = 1_795_392_000_000
    private var random: SplitMix
    /// Whether rows are kept that only checks need: switched off by benchmarks.
    public var keepsHistory = true

    /// Creates a ledger that makes the same entries whenever it has the same seed.
    public init(seed: UInt64) {
        random = SplitMix(seed: seed)
        rows = WorkingSet(reference: Reference(businessDate: Self.firstDate))
    }

    /// The value, which is there: for constants of tests.
    public static func checked<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a test's constant is no \(Value.self)") }
        return value
    }

    /// The id of the person of that number, from 1.
    public static func person(_ number: Int) -> PersonID {
        checked(PersonID(rawValue: UInt64(number)))
    }

    /// The card of the person of that number.
    public static func card(_ number: Int) -> CardNumber {
        let digits = String(number)
        let zeros = String(repeating: "0", count: 12 - digits.utf8.count)
        return checked(CardNumber.completing("621700" + zeros + digits))
    }

    /// One of eight institutions, which has ten terminals.
    public static func institution(_ number: Int) -> InstitutionID {
        checked(InstitutionID("H1100000000\(number)"))
    }

    /// One of eighty terminals.
    public static func terminal(_ number: Int) -> TerminalID {
        checked(TerminalID("T00000" + (number < 10 ? "0" : "") + String(number)))
    }

    // MARK: - Entries

    /// The entries of a new site: institutions, terminals, a catalog and a policy.
    public mutating func site() -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for number in 0..<8 {
            let row = InstitutionRow(
                institution: Institution(
                    id: Self.institution(number), name: "Clinic \(number)", kind: .clinic,
                    level: .level1, region: Self.region))
            entries.append(registration([.institution(row)]))
        }
        for number in 0..<80 {
            let row = TerminalRow(
                id: Self.terminal(number), institution: Self.institution(number / 10),
                role: .hospital, blocked: false)
            entries.append(registration([.terminal(row)]))
        }
        entries.append(registration([.catalog(Self.catalog(version: 1))]))
        entries.append(registration([.policy(Self.policy(version: 1))]))
        return entries
    }

    private static func insured(_ id: PersonID, plans: [PlanID]) -> Person {
        Person(
            id: id, sex: .female, birthDate: checked(CivilDate(yyyymmdd: 1980_01_01)),
            insuranceType: .employee, category: .active, region: region, plans: plans)
    }

    /// The entry that registers the next person, with account and card.
    public mutating func newPerson() -> JournalEntry {
        personCount += 1
        let id = Self.person(personCount)
        let person = PersonRow(
            person: Self.insured(id, plans: personCount % 3 == 0 ? [Self.plan] : []),
            name: "Person \(personCount)",
            idNumber: Self.checked(
                IDNumber(
                    digits: 110_101_198_001_01_000 + UInt64(personCount % 500) * 2)),
            frozen: false)
        let account = AccountRow(person: id, balance: .zero, entries: 0, head: .zero)
        let card = CardRow(
            number: Self.card(personCount), person: id, state: .active,
            expires: Self.checked(CivilDate(yyyymmdd: 2036_12_31)),
            verification: personCount % 5 == 0
                ? nil : PINVerification(keyID: 7, high: random.next(), low: random.next()),
            triesFailed: 0)
        return registration([.person(person), .account(account), .card(card)])
    }

    /// The entry that credits a person's account.
    public mutating func credit(_ number: Int, fen: Int64) -> JournalEntry {
        let key = CreditKey(person: Self.person(number), reference: "C\(random.next())")
        let credit = CreditRow(key: key, amount: Money(fen: fen), collector: "bank-1")
        return moving(
            kind: .operatorApply, answer: nil, changes: [.credit(credit)],
            postings: [
                Posting(account: .contributions("bank-1"), amount: Money(fen: -fen)),
                Posting(account: .individual(Self.person(number)), amount: Money(fen: fen)),
            ])
    }

    /// The entry of a settlement: one line, paid by fund, plan, own account, an owner and cash.
    public mutating func settle(_ number: Int) -> JournalEntry {
        let person = Self.person(number)
        let answer = newAnswer(kind: .settle, code: .approved)
        let split = newSplit(for: person)
        let key = AccumulatorKey(person: person, year: 2026, category: .outpatient)
        var used = rows.accumulators[key] ?? AccumulatorRow(key: key, used: Accumulators())
        let bill = BillLine(
            code: Self.checked(ItemCode("XA01ABD075A002010100483")), quantity: .one,
            unitPrice: UnitPrice(tenThousandths: split.total.fen * 100), amount: split.total,
            courseDays: 7, traceCodes: [])
        let settlement = SettlementRow(
            id: SettlementID(answer.key), state: .settled, card: Self.card(number),
            institution: Self.institution(Self.place(of: answer.key.terminal)),
            bookedDate: rows.reference.businessDate, time: time,
            serviceDate: rows.reference.businessDate, visitType: .outpatient,
            benefitCategory: .outpatient, catalogVersion: CatalogVersion(rawValue: 1),
            policyVersion: PolicyVersion(rawValue: 1), lines: [bill], split: split,
            basis: SettlementBasis(
                person: Self.insured(person, plans: []), institutionKind: .clinic,
                institutionLevel: .level1, vaccinates: false, institutionRegion: Self.region,
                used: used.used, usages: [],
                soldCodes: []))
        var changes: [RowChange] = [.settlement(settlement)]
        used.used.add(split)
        changes.append(.accumulator(used))
        if keepsHistory {
            changes.append(contentsOf: sideEffects(of: settlement))
            settlements.append(settlement.id)
        }
        return moving(
            kind: .settle, answer: answer, changes: changes, postings: Self.postings(settlement))
    }

    /// The entry of a request that moves nothing: refused, or an inquiry.
    public mutating func refusal() -> JournalEntry {
        let code: ResponseCode = random.next() % 2 == 0 ? .insufficientFunds : .wrongPIN
        return moving(
            kind: random.next() % 2 == 0 ? .settle : .cardInquiry,
            answer: newAnswer(kind: .settle, code: code), changes: [], postings: [])
    }

    /// The entry that voids a settlement.
    public mutating func void(_ id: SettlementID) -> JournalEntry? {
        guard var row = rows.settlements[id], row.state == .settled else { return nil }
        var answer = newAnswer(kind: .void, code: .approved)
        answer.settlement = id
        row.state = .voided
        row.undone.append(
            Undoing(
                key: answer.key, kind: .void, reversed: nil,
                bookedDate: rows.reference.businessDate, time: time, lines: [], state: .voided,
                standing: Split()))
        let key = AccumulatorKey(person: row.person, year: 2026, category: .outpatient)
        var changes: [RowChange] = [.settlement(row)]
        if var used = rows.accumulators[key] {
            used.used.remove(row.split)
            changes.append(.accumulator(used))
        }
        let postings = Self.postings(row).map {
            Posting(account: $0.account, amount: -$0.amount)
        }
        return moving(
            kind: .void, answer: answer, changes: changes, postings: postings)
    }

    /// The entry of an operator's change of something that stands.
    public mutating func change() -> JournalEntry {
        let number = Int(random.next() % UInt64(max(1, personCount))) + 1
        switch random.next() % 5 {
        case 0:
            guard var card = rows.cards[Self.card(number)] else { return refusal() }
            card.triesFailed = (card.triesFailed + 1) % 4
            return registration([.card(card)])
        case 1:
            guard var person = rows.persons[Self.person(number)] else { return refusal() }
            person.frozen.toggle()
            return registration([.person(person)])
        case 2:
            let next = rows.reference.businessDate.adding(days: 1)
            return registration([.businessDate(next)])
        case 3:
            let version = UInt32(rows.reference.catalogs.count) + 1
            return registration([.catalog(Self.catalog(version: version))])
        default:
            let owner = number % personCount + 1
            let links =
                owner == number
                ? []
                : [
                    FamilyLink(
                        owner: Self.person(owner), relationship: .spouse,
                        yearlyLimit: number % 2 == 0 ? nil : Money(fen: 100_000), usedYear: 0,
                        used: .zero)
                ]
            return registration([.family(FamilyRow(member: Self.person(number), links: links))])
        }
    }

    /// Any entry that may come next.
    public mutating func any() -> JournalEntry {
        guard personCount > 0 else { return newPerson() }
        let number = Int(random.next() % UInt64(personCount)) + 1
        switch random.next() % 16 {
        case 0: return newPerson()
        case 1: return credit(number, fen: Int64(random.next() % 50_000) + 1)
        case 2: return change()
        case 3, 4: return refusal()
        case 5:
            guard let id = settlements.randomElement(using: &random), let entry = void(id) else {
                return refusal()
            }
            return entry
        default: return settle(number)
        }
    }

    // MARK: - Parts

    private mutating func registration(_ changes: [RowChange]) -> JournalEntry {
        moving(kind: .operatorApply, answer: nil, changes: changes, postings: [])
    }

    /// An entry with its accounts chained, taken over into `rows`.
    private mutating func moving(
        kind: RequestKind, answer: AnswerRow?, changes: [RowChange], postings: [Posting]
    ) -> JournalEntry {
        time += 7
        var entry = JournalEntry(
            sequence: 0, time: time, bookedDate: rows.reference.businessDate, kind: kind,
            voucher: answer == nil ? [] : [kind.rawValue] + Array("voucher".utf8), answer: answer,
            postings: postings, changes: changes)
        let bytes = JournalCoding.chainBytes(entry)
        for posting in postings {
            guard case .individual(let id) = posting.account, var account = rows.accounts[id] else {
                continue
            }
            account.balance += posting.amount
            account.entries += 1
            account.head = JournalCoding.head(
                after: account.head, chainBytes: bytes, sha256: Self.digest)
            entry.changes.append(.account(account))
        }
        for change in entry.changes {
            if !keepsHistory, case .settlement = change { continue }
            rows.apply(change)
        }
        if keepsHistory, let answer { rows.answers[answer.key] = answer }
        return entry
    }

    private mutating func newAnswer(kind: RequestKind, code: ResponseCode) -> AnswerRow {
        let terminal = Int(random.next() % 80)
        let stan = stans[terminal, default: 0] + 1
        stans[terminal] = stan
        let key = RequestKey(
            terminal: Self.terminal(terminal), date: Self.firstDate, stan: stan)
        let length = 60 + Int(random.next() % 80)
        return AnswerRow(
            key: key, kind: kind,
            content: Digest(words: (random.next(), random.next(), random.next(), random.next())),
            code: code, reason: code == .approved ? .none : .insufficientFunds,
            response: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    }

    /// A split of a random total whose identities hold, within what the accounts have.
    private mutating func newSplit(for person: PersonID) -> Split {
        let total = Int64(random.next() % 20_000) + 2
        let pooled = total * 6 / 10
        var left = total - pooled
        let hasPlan = rows.persons[person]?.person.plans.isEmpty == false
        let supplement = hasPlan ? left / 4 : 0
        left -= supplement
        let own = min(left, max(0, rows.accounts[person]?.balance.fen ?? 0))
        left -= own
        let owner = rows.families[person]?.links.first?.owner
        let family = min(left, owner.flatMap { rows.accounts[$0]?.balance.fen } ?? 0)
        left -= family
        var part = LinePart(
            line: 0, itemClass: .catalog, reason: .levelA, quantity: .one,
            amount: Money(fen: total))
        part.inScope = Money(fen: total)
        part.pooled = Money(fen: pooled)
        part.supplement = Money(fen: supplement)
        part.account = Money(fen: own)
        part.family = Money(fen: family)
        part.cash = Money(fen: left)
        var split = Split()
        split.total = Money(fen: total)
        split.inScope = Money(fen: total)
        split.pooled = Money(fen: pooled)
        split.scopeSelfPay = Money(fen: total - pooled)
        split.supplement = Money(fen: supplement)
        split.personal = Money(fen: total - pooled - supplement)
        split.payable = split.personal
        split.account = Money(fen: own)
        split.family = Money(fen: family)
        split.cash = Money(fen: left)
        split.parts = [part]
        if supplement > 0 {
            split.plans = [PlanShare(plan: Self.plan, amount: Money(fen: supplement))]
        }
        if family > 0, let owner {
            split.owners = [FamilyShare(owner: owner, amount: Money(fen: family))]
        }
        return split
    }

    /// A trace code and a use, of some settlements.
    private mutating func sideEffects(of settlement: SettlementRow) -> [RowChange] {
        guard random.next() % 4 == 0 else { return [] }
        let code = Self.checked(TraceCode("8" + String(random.next())))
        let key = UsageKey(person: settlement.person, code: settlement.lines[0].code)
        var usage = rows.usages[key] ?? UsageRow(key: key, history: UsageHistory())
        usage.history.add(
            UsageRecord(date: settlement.serviceDate, quantity: .one, days: 7))
        return [
            .traceCode(TraceCodeRow(code: code, takings: 1)), .usage(usage),
        ]
    }
}
