import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Every store: claims")
struct ClaimLoadTests {
    @Test(
        "claims, and settlements of the same bills, are decided as with every row",
        arguments: Engine.allCases, [0, 1] as [UInt64])
    func life(_ engine: Engine, number: UInt64) throws {
        let seed = number == 0 ? TestSeed.drawn("claims") : number
        let test = try StoreUnderTest(engine)
        var model = UndoLoadTests.Model()
        var life = ClaimLife(seed: seed)
        let opening = LedgerRequest.byOperator(
            .register(Village.site + ClaimLife.site, dryRun: false), on: Village.date, stan: 1,
            terminalTime: 0)
        _ = model.decide(opening)
        _ = try UndoLoadTests.decide([opening], at: model.time, on: test.store)
        for round in 0..<140 {
            model.time += 1000
            var batch: [LedgerRequest] = []
            var expected: [Decision] = []
            for _ in 0...life.below(6) {
                let request = life.next(
                    Array(model.rows.claims.values), Array(model.rows.settlements.values))
                batch.append(request)
                expected.append(model.decide(request))
            }
            if round % 25 == 24 {
                let next = life.date.adding(days: 10)
                let close = LedgerRequest.byOperator(
                    .closeDay(life.date, next: next), on: life.date)
                batch.append(close)
                expected.append(model.decide(close))
                life.date = next
            }
            let found = try UndoLoadTests.decide(batch, at: model.time, on: test.store)
            for (request, (left, right)) in zip(batch, zip(expected, found)) {
                let same = left.response == right.response && left.replayed == right.replayed
                #expect(same, "\(seed), \(round): \(request.command.kind) \(request.key)")
                guard same else { return }
            }
            if round % 20 == 11 { try test.restart() }
            if round % 20 == 17 { try test.crash() }
        }
        let states = Set(model.rows.claims.values.map(\.state))
        #expect(states.contains(.paid), "seed \(seed): \(states)")
        try compare(model, test.store, seed)
        let report = try test.verify()
        #expect(report.isSound, "\(seed): \(report.lines)")
    }

    private func compare(
        _ model: UndoLoadTests.Model, _ store: any LedgerStore, _ seed: UInt64
    ) throws {
        guard case .entries(let entries) = try store.read(.entries(after: 0, limit: .max)),
            case .balances(let sums) = try store.read(.balances)
        else { return }
        #expect(entries.map(JournalCoding.encode) == model.rows.entries.map(JournalCoding.encode))
        let all = model.rows.claims.values.sorted(by: ClaimRow.isOlder)
        for person in Village.persons {
            guard case .claims(let claims) = try store.read(.claimsOf(person)) else { return }
            let own = all.filter { $0.person == person }
            #expect(claims == own, "seed \(seed)")
            let owed = own.filter { $0.state == .approved }
                .reduce(Int64(0)) { $0 + $1.approved.fen }
            let sum = sums.first { $0.account == "reimbursement:\(person)" }
            #expect(sum?.balance.fen ?? 0 == owed, "seed \(seed)")
        }
        let due = Village.date.adding(days: 30)
        guard
            case .claims(let late) = try store.read(
                .claimsDue(before: due, after: nil, limit: .max))
        else { return }
        #expect(late.map(\.id) == all.filter { $0.isDue(before: due) }.map(\.id).sorted())
        try compareAccumulators(model, store, entries, seed)
    }

    /// The year's use is what settlements that stand and approved claims have used.
    private func compareAccumulators(
        _ model: UndoLoadTests.Model, _ store: any LedgerStore, _ entries: [JournalEntry],
        _ seed: UInt64
    ) throws {
        var pooled: [AccumulatorKey: Int64] = [:]
        for row in model.rows.settlements.values {
            guard let key = row.accumulatorKey else { continue }
            pooled[key, default: 0] += row.standing.pooled.fen
        }
        for claim in model.rows.claims.values {
            for (bill, award) in zip(claim.bills, claim.awards) {
                guard let category = award.benefitCategory else { continue }
                let key = AccumulatorKey(
                    person: claim.person, year: UInt16(clamping: bill.serviceDate.year),
                    category: category)
                pooled[key, default: 0] += award.split.pooled.fen
            }
        }
        for (key, sum) in pooled {
            guard
                case .accumulators(let rows) = try store.read(
                    .accumulators(key.person, year: key.year))
            else { return }
            let row = rows.first { $0.key == key }
            #expect(row?.used.pooledUsed.fen ?? 0 == sum, "seed \(seed)")
        }
    }

    @Test("verify names a claim that skips a step, pays another sum, or shares its bill")
    func verifyFinds() throws {
        var model = UndoLoadTests.Model()
        var life = ClaimLife(seed: 3)
        _ = model.decide(
            .byOperator(
                .register(Village.site + ClaimLife.site, dryRun: false), on: Village.date, stan: 1,
                terminalTime: 0))
        while !model.rows.entries.contains(where: { $0.kind == .claimPay && !$0.postings.isEmpty })
        {
            _ = model.decide(life.next(Array(model.rows.claims.values)))
        }
        func report(_ change: (inout JournalEntry) -> Void) -> VerificationReport {
            var walk = Verification(sha256: SyntheticLedger.digest, answerKeys: .remembered)
            for (position, entry) in model.rows.entries.enumerated() {
                var entry = entry
                entry.sequence = UInt64(position) + 1
                change(&entry)
                walk.take(entry)
            }
            return walk.finish()
        }
        #expect(report { _ in }.isSound)
        let skipped = report { entry in
            if entry.kind == .claimReview { entry.changes.removeAll { $0.isClaim } }
        }
        #expect(skipped.findings.contains { $0.problem.contains("is not one step further") })
        #expect(skipped.findings.contains { $0.problem.contains("cannot go from") })
        let other = report { entry in
            guard entry.kind == .claimPay, !entry.postings.isEmpty else { return }
            entry.postings[0].amount -= Money(fen: 1)
            entry.postings[1].amount += Money(fen: 1)
        }
        #expect(other.findings.contains { $0.problem.contains("are not those of claim") })
        let shared = report { entry in
            for index in entry.changes.indices {
                guard case .bill(var row) = entry.changes[index], row.holder != nil else {
                    continue
                }
                row.key = BillKey(code: row.key.code, number: "one")
                entry.changes[index] = .bill(row)
            }
        }
        #expect(shared.findings.contains { $0.problem.contains("which is held") })
    }
}

extension RowChange {
    fileprivate var isClaim: Bool {
        if case .claim = self { true } else { false }
    }
}
