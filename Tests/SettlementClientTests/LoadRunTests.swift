import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import Testing

@testable import settle_replay

@Suite("A load run")
struct LoadRunTests {
    /// Runs settles of one connection a place against a daemon that reacts as given.
    private func run(
        _ material: TestTerminal, _ daemon: FakeDaemon, connections: Int, depth: Int, count: Int,
        rate: Double? = nil
    ) async throws -> LoopResult {
        let credentials = try material.credentials(for: daemon)
        let terminal = LoadTerminal(
            credentials: credentials, address: try credentials.address(),
            counter: STANCounter(path: nil))
        let card = try Made.card()
        let run = LoadRun(threads: 1)
        let roles = try await run.open([terminal], connections: connections, depth: depth)
        #expect(roles == [.pharmacy: connections])
        let start = NIODeadline.now().uptimeNanoseconds
        let templates = try TemplateSet.generated(
            .pharmacy, try Made.catalog(), on: try Made.date(20_261_123), SaleShape(variety: 8),
            seed: 1, card: card)
        let plan = LoadPlan(
            answerNanoseconds: 10_000_000_000, reconnectNanoseconds: 10_000_000_000,
            cards: [TestCard(number: card, bcd: card.bcd, pin: "123456")],
            templates: [.pharmacy: templates], keptMax: .max, seed: 1, measuredFrom: start,
            budget: Budget(count: count, deadline: nil), progress: Progress())
        let pace = rate.map { LoadRun.Pace.rate($0) } ?? .closed
        let result = try await run.run(
            plan, run.lanes(.settles, pace, plan, start: start))
        #expect(plan.progress.answers == count)
        await run.close()
        await daemon.stop()
        return result
    }

    private func approval() throws -> [UInt8] {
        ResponseEncoder.result(
            code: .approved, reason: .none, businessDate: try Made.date(20_261_123), time: 1)
    }

    @Test(
        "every request is sent once under its own key and answered, in closed and open loop",
        arguments: [nil, 100_000.0])
    func all(_ rate: Double?) async throws {
        let material = try TestTerminal()
        let answer = try approval()
        let daemon = try await material.daemon { _ in .answer(answer) }
        let result = try await run(
            material, daemon, connections: 3, depth: 4, count: 500, rate: rate)
        #expect(result.fault == nil)
        #expect(result.figures.answers == 500)
        #expect(result.figures.answers(.settle, code: 0) == 500)
        #expect(result.figures.unanswered == 0)
        #expect(result.effects.settles == 500)
        #expect(result.effects.kept.count == 500)
        #expect(daemon.seen.count == 500)
        #expect(Set(daemon.seen.map(\.request.header.stan)).count == 500)
        #expect(daemon.connections == 3)
    }

    @Test("requests of a cut connection go again under the same key and content over a new session")
    func cuts() async throws {
        let material = try TestTerminal()
        let answer = try approval()
        let asked = Mutex(0)
        let daemon = try await material.daemon { _ in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return count % 50 == 0 && count <= 200 ? .cut : .answer(answer)
        }
        let result = try await run(material, daemon, connections: 2, depth: 4, count: 300)
        #expect(result.fault == nil)
        #expect(result.figures.answers == 300)
        #expect(result.figures.cuts == 4)
        #expect(result.figures.resent >= 4)
        #expect(daemon.connections == 6)
        var contents: [UInt32: Set<[UInt8]>] = [:]
        for seen in daemon.seen {
            guard case .ledger(let message) = seen.request else { continue }
            contents[message.header.stan, default: []].insert(message.voucher)
        }
        #expect(contents.count == 300)
        #expect(contents.values.allSatisfy { $0.count == 1 })
    }

    @Test("a terminal that cannot sign on ends the run before it begins, with the reason")
    func refused() async throws {
        let material = try TestTerminal()
        let daemon = try await material.daemon { _ in .ignore }
        var credentials = try material.credentials(for: daemon)
        credentials.masterKey = try .random(count: 16)
        let terminal = LoadTerminal(
            credentials: credentials, address: try credentials.address(),
            counter: STANCounter(path: nil))
        let run = LoadRun(threads: 1)
        await #expect(throws: ClientFault.self) {
            try await run.open([terminal], connections: 2, depth: 1)
        }
        await run.close()
        await daemon.stop()
    }
}
