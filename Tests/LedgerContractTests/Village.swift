import Ledger
import SettlementDomain
import TestSupport

/// A small site and the requests of its terminals, for the real rules on a real store.
enum Village {
    static let date = SyntheticLedger.firstDate
    static let persons = (1...4).map(SyntheticLedger.person)
    static let hospital: InstitutionID = SyntheticLedger.checked(InstitutionID("H99010000001"))
    static let terminals = [1, 2].map(SyntheticLedger.terminal)
    static let codes: [ItemCode] = ["PLAIN-1", "LIMITED-1", "COURSE-1"].map { text in
        SyntheticLedger.checked(ItemCode(text))
    }
    static let traceCodes: [TraceCode] = (1...6).map { number in
        SyntheticLedger.checked(TraceCode("900\(number)"))
    }

    /// An outcome as bytes that tell all of it.
    static let ledger = Ledger(
        sha256: SyntheticLedger.digest,
        encodeResponse: { outcome, kind in Array("\(kind) \(outcome)".utf8) })

    static func card(_ person: Int) -> CardNumber { SyntheticLedger.card(person + 1) }

    static var site: [Registration] {
        var all: [Registration] = [
            .institution(
                InstitutionRow(
                    institution: Institution(
                        id: hospital, name: "North Hospital", kind: .hospital, level: .level3,
                        region: SyntheticLedger.region))),
            .policy(PolicyRow(policy: policy())),
            .catalog(CatalogRow(effectiveFrom: date.adding(days: -30), catalog: catalog)),
        ]
        for terminal in terminals {
            all.append(
                .terminal(
                    TerminalRow(
                        id: terminal, institution: hospital, role: .hospital, blocked: false)))
        }
        for (number, id) in persons.enumerated() {
            let idNumber = SyntheticLedger.checked(
                "0123456789X".lazy.compactMap { IDNumber("1101011980010100\(number)" + String($0)) }
                    .first)
            all.append(
                .person(
                    PersonRow(
                        person: Person(
                            id: id, sex: idNumber.sex, birthDate: idNumber.birthDate,
                            insuranceType: .employee, category: .active,
                            region: SyntheticLedger.region,
                            plans: number == 2 ? [SyntheticLedger.plan] : []),
                        name: "Person \(number)", idNumber: idNumber, frozen: false)))
            all.append(
                .card(
                    CardRow(
                        number: card(number), person: id, state: .active,
                        expires: date.adding(days: 999), verification: pin, triesFailed: 0)))
            all.append(credit(number, fen: 40_000, reference: "opening"))
        }
        return all
    }

    static let pin = PINVerification(keyID: 1, high: 7, low: 9)

    static func credit(_ person: Int, fen: Int64, reference: String) -> Registration {
        .credit(
            CreditRow(
                key: CreditKey(person: persons[person], reference: reference),
                amount: Money(fen: fen), collector: "opening"))
    }

    /// The member's owners; none ends every link.
    static func family(of member: Int, owners: [Int]) -> Registration {
        .family(
            FamilyRow(
                member: persons[member],
                links: owners.map { owner in
                    FamilyLink(
                        owner: persons[owner], relationship: .spouse,
                        yearlyLimit: owner == 0 ? nil : Money(fen: 30_000), usedYear: 0,
                        used: .zero)
                }))
    }

    /// The site's has version 1 and demands no trace codes yet.
    static func policy(version: UInt32 = 1, codesFrom: CivilDate? = nil) -> Policy {
        Policy(
            region: SyntheticLedger.region, version: PolicyVersion(rawValue: version),
            effectiveFrom: date.adding(days: -30),
            visitBenefits: [.outpatient: .outpatient, .inpatient: .inpatient],
            benefits: [
                BenefitRule(
                    deductible: Money(fen: 3_000),
                    ratio: SyntheticLedger.checked(Ratio(tenThousandths: 7000)))
            ],
            caps: [
                CapRule(
                    pooledCap: Money(fen: 60_000),
                    largeRatio: SyntheticLedger.checked(Ratio(tenThousandths: 5000)),
                    largeCap: Money(fen: 200_000))
            ],
            plans: [
                SupplementaryPlan(
                    id: SyntheticLedger.plan,
                    ratio: SyntheticLedger.checked(Ratio(tenThousandths: 5000)),
                    annualCap: Money(fen: 10_000))
            ],
            traceCodesRequiredFrom: codesFrom ?? date.adding(days: 400))
    }

    private static let catalog = Catalog(
        version: CatalogVersion(rawValue: 1),
        entries: [
            CatalogEntry(
                code: codes[0], name: "plain", kind: .westernMedicine, level: .a,
                effectiveFrom: date.adding(days: -30)),
            CatalogEntry(
                code: codes[1], name: "limited", kind: .westernMedicine, level: .a,
                restrictions: [.maxQuantity(Quantity(thousandths: 3000), perDays: 7)],
                effectiveFrom: date.adding(days: -30)),
            CatalogEntry(
                code: codes[2], name: "course", kind: .westernMedicine, level: .a,
                restrictions: [.maxDays(9)], effectiveFrom: date.adding(days: -30)),
        ])
}

/// Makes one request after the other, of every kind, about what was there before.
struct VillageLife {
    /// What was to be settled.
    private struct Bill {
        var id: SettlementID
        var person: Int
        var total: Money
        var lines: Int
    }

    private var random: SplitMix
    /// The date part of the keys to come.
    var date = Village.date
    private(set) var stan: UInt32 = 0
    private var bills: [Bill] = []
    /// The terminal of a STAN to come that was reversed already.
    private var awaited: [UInt32: TerminalID] = [:]
    /// Requests that undo.
    private var undoings: [(key: RequestKey, person: Int, total: Money)] = []

    init(seed: UInt64, firstSTAN: UInt32 = 0) {
        random = SplitMix(seed: seed)
        stan = firstSTAN
    }

    private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    mutating func next() -> LedgerRequest {
        stan += 1
        let terminal = awaited[stan] ?? Village.terminals[below(2)]
        let key = RequestKey(terminal: terminal, date: date, stan: stan)
        if awaited[stan] != nil { return request(settle(key), key) }
        let command: Command
        switch below(21) {
        case 0: command = .register([registration()], dryRun: false)
        case 1: command = .status(anyBill()?.id.key ?? key)
        case 2, 3: command = anyBill().map { .copyReceipt($0.id) } ?? settle(key)
        case 4...6: command = void(key) ?? settle(key)
        case 7...9: command = refund(key) ?? settle(key)
        case 10...13: command = reversal(key) ?? settle(key)
        case 14: command = reversalBefore(terminal)
        default: command = settle(key)
        }
        return request(command, key)
    }

    /// A bill, a late one more often than not: so requests about one settlement share batches.
    private mutating func anyBill() -> Bill? {
        let count = below(4) == 0 ? bills.count : min(5, bills.count)
        return bills.suffix(count).randomElement(using: &random)
    }

    private func request(_ command: Command, _ key: RequestKey) -> LedgerRequest {
        LedgerRequest(
            key: key, terminalTime: 0, content: Digest(words: (UInt64(key.stan), 0, 0, 0)),
            voucher: [], command: command)
    }

    private mutating func registration() -> Registration {
        let person = below(4)
        switch below(4) {
        case 0: return Village.family(of: person, owners: [])
        case 1: return Village.credit(person, fen: Int64(below(9_000)) + 1, reference: "\(stan)")
        default:
            let owners = [0, 1, 2, 3].filter { $0 != person }.shuffled(using: &random)
            return Village.family(of: person, owners: Array(owners.prefix(1 + below(2))))
        }
    }

    private mutating func settle(_ key: RequestKey) -> Command {
        let person = below(4)
        var lines: [RequestLine] = []
        for _ in 0...below(3) {
            let units = Int64(below(3) + 1)
            let fen = Int64(below(6_000) + 1)
            var trace: [TraceCode] = []
            if below(3) == 0 {
                trace = Array(Village.traceCodes.shuffled(using: &random).prefix(Int(units)))
            }
            let item = Village.codes[below(3)]
            lines.append(
                RequestLine(
                    item: .code(item), quantity: Quantity(thousandths: units * 1000),
                    unitPrice: UnitPrice(tenThousandths: fen * 100),
                    amount: Money(fen: fen * units),
                    courseDays: item == Village.codes[2] ? UInt32(below(12) + 1) : nil,
                    traceCodes: trace))
        }
        let total = lines.reduce(Money.zero) { $0 + $1.amount }
        bills.append(
            Bill(id: SettlementID(key), person: person, total: total, lines: lines.count))
        return .settle(
            SettleCommand(
                card: Village.card(person), proof: .value(Village.pin),
                visitType: below(2) == 0 ? .outpatient : .inpatient, total: total,
                catalogVersion: nil, lines: lines, serviceDate: nil,
                partialAllowed: below(5) > 0, accountLimit: nil, quoteDigest: 0))
    }

    private mutating func void(_ key: RequestKey) -> Command? {
        guard let bill = anyBill() else { return nil }
        undoings.append((key, bill.person, bill.total))
        return .void(
            VoidCommand(
                settlement: bill.id, card: Village.card(bill.person), total: bill.total))
    }

    private mutating func refund(_ key: RequestKey) -> Command? {
        guard let bill = anyBill() else { return nil }
        // A reversal of a refund may leave out the total.
        undoings.append((key, bill.person, .zero))
        let line = below(bill.lines)
        let quantity = below(3) > 0 ? nil : Quantity(thousandths: 1000)
        return .refund(
            RefundCommand(
                settlement: bill.id, card: Village.card(bill.person),
                lines: [RefundLine(line: line, quantity: quantity, traceCodes: [])], total: nil))
    }

    private mutating func reversalBefore(_ terminal: TerminalID) -> Command {
        let later = RequestKey(
            terminal: terminal, date: date, stan: stan + UInt32(1 + below(30)))
        awaited[later.stan] = awaited[later.stan] ?? terminal
        return .reverse(
            ReversalCommand(original: later, card: Village.card(0), total: Money(fen: 1)))
    }

    private mutating func reversal(_ key: RequestKey) -> Command? {
        if below(2) == 0, let undoing = undoings.randomElement(using: &random) {
            return .reverse(
                ReversalCommand(
                    original: undoing.key, card: Village.card(undoing.person),
                    total: undoing.total))
        }
        guard let bill = anyBill() else { return nil }
        return .reverse(
            ReversalCommand(
                original: bill.id.key, card: Village.card(bill.person), total: bill.total))
    }
}
