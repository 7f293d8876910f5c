import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import Testing

@testable import settle_replay

@Suite("A run of a payment's whole life")
struct LifeRunTests {
    private static let faults = "cut-before=3,cut-after=4,late=4,duplicate=4,reorder=4"

    /// Runs against a ledger; what a reaction gives comes before the ledger's answer.
    private func run(
        _ ledger: FakeLedger, mix: String = "settle=50,void=10,refund=20,reversal=14,wrong=6",
        faults: String? = nil, count: Int = 800, depth: Int = 3, seed: UInt64 = 1,
        before: @escaping @Sendable (FakeDaemon.Seen) -> FakeDaemon.Reaction? = { _ in nil }
    ) async throws -> LoopResult {
        let material = try TestTerminal()
        let daemon = try await material.daemon { seen in
            if let reaction = before(seen) { return reaction }
            return ledger.answer(to: seen.request).map { .answer($0) } ?? .ignore
        }
        let credentials = try material.credentials(for: daemon)
        let terminal = LoadTerminal(
            credentials: credentials, address: try credentials.address(),
            counter: STANCounter(path: nil))
        let cards = try ["622848000000001", "622848000000002"].map { leading in
            let card = try Made.card(leading)
            return TestCard(number: card, bcd: card.bcd, pin: "123456")
        }
        let run = LoadRun(threads: 1)
        _ = try await run.open([terminal], connections: 2, depth: depth)
        let start = NIODeadline.now().uptimeNanoseconds
        let templates = try TemplateSet.generated(
            .pharmacy, try Made.catalog(), on: try Made.date(20_261_123), SaleShape(variety: 16),
            seed: seed, card: cards[0].number)
        var plan = LoadPlan(
            answerNanoseconds: 10_000_000_000, reconnectNanoseconds: 10_000_000_000,
            cards: cards, templates: [.pharmacy: templates], keptMax: .max, seed: seed,
            measuredFrom: start, budget: Budget(count: count, deadline: nil),
            progress: Progress())
        plan.tracksLife = true
        if let faults { plan.faults = try FaultPlan(faults) }
        let work = run.lanes(try TransactionMix(mix), .closed, plan, start: start)
        let result = try await run.run(plan, work)
        await run.close()
        await daemon.stop()
        return result
    }

    private func ledger(_ flaw: FakeLedger.Flaw = .none) throws -> FakeLedger {
        FakeLedger(
            try #require(TerminalID(TestTerminal.name)), on: try Made.date(20_261_123), flaw: flaw)
    }

    /// What the terminal's books say that all sales take now.
    private func taken(_ books: OwnBooks) -> Money {
        books.booked.values.flatMap(\.values).joined().reduce(.zero) { sum, one in
            one.kind == .settle ? sum + one.insured : sum - one.insured
        }
    }

    @Test("undoings of every kind and those that are wrong get what the model says")
    func life() async throws {
        let ledger = try ledger()
        let result = try await run(ledger)
        #expect(result.fault == nil)
        #expect(result.figures.surprises == [])
        for kind in [TransactionKind.void, .refund, .reversal] {
            #expect(result.figures.answers(kind, code: 0) > 0)
            #expect(result.figures.answers(kind, code: 77) > 0)
        }
        #expect(result.figures.answers(.void, code: 64) > 0)
        #expect(result.figures.answers(.refund, code: 25) > 0)
        #expect(taken(result.books) == ledger.taken)
        #expect(Money(fen: result.effects.insured) == ledger.taken)
    }

    @Test(
        "with every fault each request has at most one effect, and the books agree to the fen",
        arguments: [1, 2, 3] as [UInt64])
    func faults(_ seed: UInt64) async throws {
        let ledger = try ledger()
        let result = try await run(ledger, faults: Self.faults, seed: seed)
        #expect(result.fault == nil)
        #expect(result.figures.surprises == [])
        #expect(result.figures.unanswered == 0)
        for fault in Fault.allCases.dropFirst() {
            let struck = result.figures.faults[fault.rawValue]
            #expect(struck > 0)
            let ended = result.figures.endings[fault]?.values.reduce(0, +)
            #expect(ended == struck, "\(fault.name)")
        }
        #expect(Set(ledger.executed.values) == [1])
        #expect(taken(result.books) == ledger.taken)
        #expect(Money(fen: result.effects.insured) == ledger.taken)
    }

    @Test(
        "a ledger with a flaw is found out",
        arguments: [
            FakeLedger.Flaw.doubles, .forgetsTombstones, .keepsAFen, .ignoresTotals,
        ])
    func flaws(_ flaw: FakeLedger.Flaw) async throws {
        let result = try await run(try ledger(flaw), faults: Self.faults)
        #expect(result.figures.unexpected > 0)
        #expect(!result.figures.surprises.isEmpty)
    }

    @Test("what may have been executed goes again under its key through 91 and 96, never anew")
    func again() async throws {
        let ledger = try ledger()
        let date = try Made.date(20_261_123)
        // The seventh request that arrives is struck: which STAN it has is the connections' matter.
        let state = Mutex<(asked: [UInt32: Int], struck: UInt32?)>(([:], nil))
        let result = try await run(ledger, mix: "settle=100", count: 40, depth: 1) { seen in
            let stan = seen.request.header.stan
            let times = state.withLock { state -> Int? in
                state.asked[stan, default: 0] += 1
                if state.struck == nil, state.asked.count == 7 { state.struck = stan }
                return stan == state.struck ? state.asked[stan] : nil
            }
            guard let times else { return nil }
            switch times {
            case 1:
                // Executed, but the answer is lost.
                _ = ledger.answer(to: seen.request)
                return .cut
            case 2: return .answer(Self.result(.unavailable, .overloaded, date))
            case 3: return .answer(Self.result(.malfunction, .outcomeUnknown, date))
            default: return nil
            }
        }
        #expect(result.fault == nil)
        #expect(state.withLock { $0.asked[$0.struck ?? 0] } == 4)
        #expect(ledger.executed.count == 40)
        #expect(Set(ledger.executed.values) == [1])
        #expect(result.figures.replayed == 1)
        #expect(taken(result.books) == ledger.taken)
    }

    private static func result(
        _ code: ResponseCode, _ reason: Reason, _ date: CivilDate
    ) -> [UInt8] {
        ResponseEncoder.result(
            code: code, reason: reason, businessDate: date, time: FakeDaemon.time)
    }
}
