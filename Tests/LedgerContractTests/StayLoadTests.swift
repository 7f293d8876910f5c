import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Every store: stays in hospital")
struct StayLoadTests {
    @Test(
        "admissions, fees, discharges and what undoes them are decided as with every row",
        arguments: Engine.allCases, [0, 1] as [UInt64])
    func life(_ engine: Engine, number: UInt64) throws {
        let seed = number == 0 ? TestSeed.drawn("stays") : number
        let test = try StoreUnderTest(engine)
        var model = UndoLoadTests.Model()
        var life = StayLife(seed: seed)
        let opening = LedgerRequest.byOperator(
            .register(Village.site, dryRun: false), on: Village.date, stan: 1, terminalTime: 0)
        _ = model.decide(opening)
        _ = try UndoLoadTests.decide([opening], at: model.time, on: test.store)
        var settled = 0
        for round in 0..<120 {
            model.time += 1000
            var batch: [LedgerRequest] = []
            var expected: [Decision] = []
            for _ in 0...life.below(6) {
                let request = life.next(model.rows)
                batch.append(request)
                expected.append(model.decide(request))
            }
            let found = try UndoLoadTests.decide(batch, at: model.time, on: test.store)
            for (request, (left, right)) in zip(batch, zip(expected, found)) {
                let same = left.response == right.response && left.replayed == right.replayed
                #expect(same, "\(seed), \(round): \(request.command.kind) \(request.key)")
                guard same else { return }
                if left.code.isApproval, request.command.kind == .discharge { settled += 1 }
            }
            if round % 20 == 11 { try test.restart() }
            if round % 20 == 17 { try test.crash() }
        }
        #expect(settled > 5, "seed \(seed)")
        guard case .entries(let entries) = try test.store.read(.entries(after: 0, limit: .max))
        else { return }
        #expect(entries.map(JournalCoding.encode) == model.rows.entries.map(JournalCoding.encode))
        let report = try test.verify()
        #expect(report.isSound, "\(seed): \(report.lines)")
    }

    @Test("verify names a stay whose row is not the sum of its uploads, and its discharge")
    func verifyFinds() throws {
        var model = UndoLoadTests.Model()
        var life = StayLife(seed: 7)
        _ = model.decide(
            .byOperator(
                .register(Village.site, dryRun: false), on: Village.date, stan: 1, terminalTime: 0))
        while !model.rows.entries.contains(where: { $0.kind == .discharge && $0.dayRow != nil }) {
            _ = model.decide(life.next(model.rows))
        }
        func report(_ change: (inout FeeUploadRow) -> Void) -> VerificationReport {
            var walk = Verification(sha256: SyntheticLedger.digest, answerKeys: .remembered)
            for (position, entry) in model.rows.entries.enumerated() {
                var entry = entry
                entry.sequence = UInt64(position) + 1
                for index in entry.changes.indices {
                    guard case .feeUpload(var row) = entry.changes[index] else { continue }
                    change(&row)
                    entry.changes[index] = .feeUpload(row)
                }
                walk.take(entry)
            }
            return walk.finish()
        }
        #expect(report { _ in }.isSound)
        let wrong = report { $0.total += Money(fen: 1) }
        #expect(wrong.findings.contains { $0.problem.hasPrefix("stay ") })
        #expect(wrong.findings.contains { $0.problem.contains("is not the fees of stay") })
    }
}

/// What hospitals ask, drawn from a seed, mostly about stays that there are.
struct StayLife {
    private var random: SplitMix
    private var stan: UInt32 = 0
    /// Requests that moved money, for reversals.
    private var moved: [(key: RequestKey, card: CardNumber, total: Money)] = []

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
    }

    mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    mutating func next(_ rows: WorkingSet) -> LedgerRequest {
        stan += 1
        let key = RequestKey(
            terminal: Village.terminals[below(2)], date: Village.date, stan: stan)
        return LedgerRequest(
            key: key, terminalTime: 0, content: Digest(words: (UInt64(stan), 0, 0, 0)), voucher: [],
            command: command(key, rows))
    }

    private mutating func command(_ key: RequestKey, _ rows: WorkingSet) -> Command {
        let stays = rows.admissions.values.sorted { $0.id < $1.id }.suffix(6)
        guard let stay = stays.randomElement(using: &random) else { return admit() }
        let card = Village.card(Village.persons.firstIndex(of: stay.person) ?? 0)
        switch below(20) {
        case 0...2: return admit()
        case 3...9: return .inpatient(.upload(fees(stay)))
        case 10:
            let upload = below(4) == 0 ? nil : UInt16(below(Int(stay.uploads) + 1) + 1)
            return .inpatient(.cancel(stay.id, upload: upload))
        case 11: return .inpatient(.details(stay.id, .lines, from: below(3)))
        case 12: return .inpatient(.details(stay.id, .parts, from: 0))
        case 13, 14:
            if let last = rows.settlements.values.filter({ $0.stay != nil })
                .sorted(by: { $0.id.description < $1.id.description })
                .randomElement(using: &random)
            {
                moved.append((key, last.card, last.split.total))
                return .void(
                    VoidCommand(settlement: last.id, card: last.card, total: last.split.total))
            }
            return admit()
        case 15:
            guard let last = moved.suffix(6).randomElement(using: &random) else { return admit() }
            return .reverse(
                ReversalCommand(original: last.key, card: last.card, total: last.total))
        default:
            moved.append((key, card, stay.total))
            return .inpatient(
                .discharge(
                    DischargeCommand(
                        admission: stay.id, card: card,
                        proof: .value(Village.pin), total: stay.total,
                        partialAllowed: below(8) > 0), debits: below(5) > 0))
        }
    }

    private mutating func admit() -> Command {
        .inpatient(
            .admit(
                AdmitCommand(
                    card: Village.card(below(4)), proof: .value(Village.pin),
                    admittedOn: Village.date.adding(days: -below(20)), diagnosis: nil)))
    }

    private mutating func fees(_ stay: AdmissionRow) -> FeeUploadCommand {
        var lines: [RequestLine] = []
        for _ in 0...below(4) {
            let units = Int64(below(3) + 1)
            let fen = Int64(below(6_000) + 1)
            let item = Village.codes[below(3)]
            lines.append(
                RequestLine(
                    item: .code(item), quantity: Quantity(thousandths: units * 1000),
                    unitPrice: UnitPrice(tenThousandths: fen * 100),
                    amount: Money(fen: fen * units),
                    courseDays: item == Village.codes[2] ? UInt32(below(12) + 1) : nil,
                    traceCodes: below(4) == 0 ? [Village.traceCodes[below(6)]] : []))
        }
        return FeeUploadCommand(
            admission: stay.id, day: Village.date.adding(days: -below(12)),
            total: lines.reduce(Money.zero) { $0 + $1.amount }, catalogVersion: nil, lines: lines)
    }
}
