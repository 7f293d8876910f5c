import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Every store: the rules find every row that they need")
struct UndoLoadTests {
    /// Decides on one working set that has every row there ever was.
    struct Model {
        var rows = WorkingSet(reference: Reference(businessDate: Village.date))
        var time: Int64 = 1_795_392_000_000

        mutating func decide(_ request: LedgerRequest) -> Decision {
            Village.ledger.decide(request, at: time, on: &rows)
        }
    }

    /// Decides a batch as the committer does: load, decide, commit.
    static func decide(
        _ batch: [LedgerRequest], at time: Int64, on store: any LedgerStore
    ) throws -> [Decision] {
        let reference = try store.loadReference()
        var keys = LoadKeys()
        for request in batch {
            Village.ledger.keys(of: request, reference: reference, into: &keys)
        }
        var rows = try store.load(keys, reference: reference)
        let decisions = batch.map { Village.ledger.decide($0, at: time, on: &rows) }
        try store.commit(rows.entries)
        // Now and then nobody waits.
        if batch.count % 2 == 0 { store.tidy() }
        return decisions
    }

    private static func registering(_ registrations: [Registration]) -> LedgerRequest {
        .byOperator(
            .register(registrations, dryRun: false), on: Village.date, stan: 1, terminalTime: 0)
    }

    @Test(
        "what undoes, and what it undoes, in batches of any size, is decided as with every row",
        arguments: Engine.allCases, [1, 2] as [UInt64])
    func life(_ engine: Engine, seed: UInt64) throws {
        let test = try StoreUnderTest(engine)
        var model = Model()
        var life = VillageLife(seed: seed)
        var random = SplitMix(seed: seed &+ 99)
        let opening = Self.registering(Village.site)
        _ = model.decide(opening)
        _ = try Self.decide([opening], at: model.time, on: test.store)
        var codes: [ResponseCode: Int] = [:]
        for round in 0..<90 {
            model.time += 1000
            let batch = (0..<Int(random.next() % 6 + 1)).map { _ in life.next() }
            let expected = batch.map { model.decide($0) }
            let found = try Self.decide(batch, at: model.time, on: test.store)
            for (request, (left, right)) in zip(batch, zip(expected, found)) {
                let same = left.response == right.response && left.replayed == right.replayed
                #expect(same, "\(seed), \(round): \(request.command.kind) \(request.key)")
                guard same else { return }
                codes[left.code, default: 0] += 1
            }
            if round % 20 == 11 { try test.restart() }
            if round % 20 == 17 { try test.crash() }
        }
        #expect(codes[.approved, default: 0] > 100)
        try compare(model, test.store)
        let report = try test.verify()
        #expect(report.isSound, "\(report.lines)")
    }

    /// When requests share a batch, and what happens between batches.
    enum Pace: CaseIterable {
        case oneBatch, batches, restarts, powerLosses
    }

    @Test(
        "an owner gets the money back though the link has ended, and gives it again",
        arguments: Engine.allCases, Pace.allCases)
    func endedLink(_ engine: Engine, _ pace: Pace) throws {
        let test = try StoreUnderTest(engine)
        let steps = Self.endedLinkSteps
        let opening = Self.registering(
            Village.site + [Village.family(of: 1, owners: [0])])
        _ = try Self.decide([opening], at: 1, on: test.store)
        let batches = pace == .oneBatch ? [steps] : steps.map { [$0] }
        var codes: [ResponseCode] = []
        for batch in batches {
            codes += try Self.decide(batch, at: 2, on: test.store).map(\.code)
            if pace == .restarts { try test.restart() }
            if pace == .powerLosses { try test.crash() }
        }
        #expect(codes == [.partiallyApproved] + Array(repeating: .approved, count: 5))
        guard case .entries(let entries) = try test.store.read(.entries(after: 0, limit: 99)),
            case .settlements(let rows) = try test.store.read(
                .settlement(SettlementID(steps[0].key))),
            let row = rows.first?.row
        else {
            Issue.record("nothing was settled")
            return
        }
        // Settled, unlinked, voided, settled again by the void's reversal, most of it refunded.
        #expect(row.state == .partlyRefunded)
        let owner = Village.persons[0]
        let moved = entries.filter { $0.answer != nil }.flatMap(\.postings)
            .filter { $0.account == .individual(owner) }.map(\.amount.fen)
        #expect(moved == [-40_000, 40_000, -40_000, 40_000])
        guard case .accounts(let accounts) = try test.store.read(.account(owner)) else { return }
        #expect(accounts.first?.balance.fen == 40_000)
        #expect(row.standing.owners.isEmpty && row.split.owners.map(\.amount.fen) == [40_000])
        let report = try test.verify()
        #expect(report.isSound, "\(report.lines)")
    }

    /// A settle that draws on an owner, the link's end, a void, its reversal, and a refund.
    private static var endedLinkSteps: [LedgerRequest] {
        let card = Village.card(1)
        let line = RequestLine(
            item: .code(Village.codes[0]), quantity: Quantity(thousandths: 6000),
            unitPrice: UnitPrice(tenThousandths: 4_000_000), amount: Money(fen: 240_000),
            courseDays: nil, traceCodes: [])
        let settle = SettleCommand(
            card: card, proof: .value(Village.pin), visitType: .outpatient,
            total: line.amount, catalogVersion: nil, lines: [line], serviceDate: nil,
            partialAllowed: true, accountLimit: nil, quoteDigest: 0)
        let settled = request(11, .settle(settle))
        let id = SettlementID(settled.key)
        let voided = request(
            12, .void(VoidCommand(settlement: id, card: card, total: line.amount)))
        return [
            settled,
            request(0, .register([Village.family(of: 1, owners: [])], dryRun: false)),
            voided, request(13, .copyReceipt(id)),
            request(
                14,
                .reverse(
                    ReversalCommand(original: voided.key, card: card, total: line.amount))),
            request(
                15,
                .refund(
                    RefundCommand(
                        settlement: id, card: card,
                        lines: [
                            RefundLine(
                                line: 0, quantity: Quantity(thousandths: 5000), traceCodes: [])
                        ], total: nil))),
        ]
    }

    @Test(
        "a refund that makes a line catalog keeps what other settlements gave of a limited item",
        arguments: Engine.allCases, Pace.allCases)
    func limitedByOthers(_ engine: Engine, _ pace: Pace) throws {
        let test = try StoreUnderTest(engine)
        let policy = Village.policy(version: 2, codesFrom: Village.date)
        let opening = Self.registering(Village.site + [.policy(PolicyRow(policy: policy))])
        _ = try Self.decide([opening], at: 1, on: test.store)
        func sale(_ stan: UInt32, days: UInt32, _ codes: [TraceCode]) -> LedgerRequest {
            let line = RequestLine(
                item: .code(Village.codes[2]), quantity: Quantity(thousandths: 1000),
                unitPrice: UnitPrice(tenThousandths: 100_000), amount: Money(fen: 1_000),
                courseDays: days, traceCodes: codes)
            return Self.request(
                stan,
                .settle(
                    SettleCommand(
                        card: Village.card(1), proof: .value(Village.pin), visitType: .outpatient,
                        total: line.amount, catalogVersion: nil, lines: [line], serviceDate: nil,
                        partialAllowed: true, accountLimit: nil, quoteDigest: 0)))
        }
        // Without a code it is excluded, and nothing of it was given before.
        let first = sale(11, days: 2, [])
        let half = RefundLine(line: 0, quantity: Quantity(thousandths: 500), traceCodes: [])
        let refund = Self.request(
            13,
            .refund(
                RefundCommand(
                    settlement: SettlementID(first.key), card: Village.card(1), lines: [half],
                    total: nil)))
        // Nine days are the limit, and all of them are given.
        let steps = [
            first, sale(12, days: 9, [Village.traceCodes[0]]), refund,
            sale(14, days: 5, [Village.traceCodes[1]]),
        ]
        for batch in pace == .oneBatch ? [steps] : steps.map({ [$0] }) {
            let decisions = try Self.decide(batch, at: 2, on: test.store)
            #expect(decisions.allSatisfy { $0.code.isApproval })
            if pace == .restarts { try test.restart() }
            if pace == .powerLosses { try test.crash() }
        }
        let reasons = try steps.compactMap { step -> [SortingReason]? in
            guard
                case .settlements(let rows) = try test.store.read(
                    .settlement(SettlementID(step.key)))
            else { return nil }
            return rows.first?.row.standing.parts.map(\.reason)
        }
        #expect(reasons == [[.levelA], [.levelA], [.restrictedCourse]])
    }

    private static func request(_ stan: UInt32, _ command: Command) -> LedgerRequest {
        LedgerRequest(
            key: RequestKey(terminal: Village.terminals[0], date: Village.date, stan: stan),
            terminalTime: 0, content: Digest(words: (UInt64(stan), 0, 0, 0)), voucher: [],
            command: command)
    }

    private func compare(_ model: Model, _ store: any LedgerStore) throws {
        guard case .entries(let entries) = try store.read(.entries(after: 0, limit: .max)) else {
            return
        }
        #expect(entries.map(JournalCoding.encode) == model.rows.entries.map(JournalCoding.encode))
        for id in Village.persons {
            guard case .accounts(let accounts) = try store.read(.account(id)) else { continue }
            #expect(accounts.first == model.rows.accounts[id])
        }
        // What stands is what was taken less what was given back, for every payer.
        var posted: [LedgerAccount: Int64] = [:]
        for entry in entries where entry.answer != nil {
            for posting in entry.postings {
                posted[posting.account, default: 0] += posting.amount.fen
            }
        }
        var standing: [LedgerAccount: Int64] = [:]
        var yearly: [AccumulatorKey: Accumulators] = [:]
        for row in model.rows.settlements.values {
            let split = row.standing
            standing[.individual(row.person), default: 0] -= split.account.fen
            for share in split.owners {
                standing[.individual(share.owner), default: 0] -= share.amount.fen
            }
            standing[.institution(row.institution), default: 0] += split.insured.fen
            if let key = row.accumulatorKey {
                yearly[key, default: Accumulators()].add(split)
                yearly[key, default: Accumulators()].countStay(
                    key.category, was: false, is: split.total > .zero)
            }
        }
        for (account, amount) in standing { #expect(posted[account, default: 0] == amount) }
        for (key, used) in yearly {
            #expect((model.rows.accumulators[key]?.used ?? Accumulators()) == used, "\(key)")
        }
    }
}
