import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Testing

@testable import settle_replay

@Suite("A recorded workload whose requests name each other")
struct RecordedLifeTests {
    private static let life = """
        settle-recording 2
        terminal 1 pharmacy
        terminal 2 pharmacy
        0 1/0.7 settle 1 pharmacyPurchase partial 3000,33333,1000,0,3,XA01 1000,10000,100,0,0,XB02
        10 2/0.7 settle 2 pharmacyPurchase partial 1000,10000,100,0,0,XB02
        20 1/0.7 settle 1 pharmacyPurchase partial 3000,33333,1000,0,3,XA01 1000,10000,100,0,0,XB02
        30 2/0.8 refund 1/0.7 1 333 0,1000,1
        40 1/0.8 reversal 1/0.9 3 100
        50 1/0.9 settle 3 pharmacyPurchase partial 1000,10000,100,0,0,XB02
        60 2/0.9 void 2/0.3 2 100
        70 2/0.10 reversal 2/0.2 2 100
        80 1/0.10 refund 1/0.7 1 - 0,-,0
        90 2 status 2/0.7
        95 2 copy 1/0.7
        99 1 echo

        """

    private func cards() throws -> [TestCard] {
        try ["622848000000001", "622848000000002", "622848000000003"].map { leading in
            let card = try Made.card(leading)
            return TestCard(number: card, bcd: card.bcd, pin: "123456")
        }
    }

    private func workload() throws -> RecordedWorkload {
        try RecordedWorkload(
            try Recording(text: Self.life), cards: try cards(), catalog: try Made.catalog(),
            on: try Made.date(20_261_123), mark: 9)
    }

    @Test("what is written is read back, names, voids, refunds, reversals and copies included")
    func roundTrip() throws {
        let recording = try Recording(text: Self.life)
        #expect(recording.text == Self.life)
        #expect(recording.requests.count == 12)
        #expect(recording.requests[3].name?.key.stan == 8)
    }

    @Test("requests that name each other are a chain, others stand alone, strangers are left out")
    func chains() throws {
        let workload = try workload()
        // The void names what was before the recording; the reversal of such is kept.
        #expect(workload.leftOut == 1)
        #expect(workload.count == 11)
        #expect(workload.undoes)
        #expect(workload.entries[.pharmacy]?.map(\.item.kind) == [.echo])
        let chains = try #require(workload.chains[.pharmacy])
        #expect(
            chains.map { $0.map(\.item.kind) } == [
                [.settle, .settle, .refund, .refund, .copy], [.settle, .status],
                [.reversal, .settle], [.reversal],
            ])
        // Sent twice in the recording: the same request twice.
        #expect(chains[0][0].item.name == chains[0][1].item.name)
        #expect(chains[2][0].item.original == chains[2][1].item.name)
    }

    @Test("a refund names the sale's own new trace codes, and the same sale has the same codes")
    func traceCodes() throws {
        let templates = try #require(try workload().templates[.pharmacy])
        #expect(templates.undoings[0].lines[0].traceCodes == [try #require(TraceCode("R9-1"))])
        let header = RequestHeader(businessDate: nil, stan: 1, terminalTime: 0)
        func bytes(_ place: Int) -> ByteBuffer {
            var buffer = ByteBuffer()
            templates.settles[place].write(header, card: [1], pinBlock: nil, to: &buffer)
            return buffer
        }
        #expect(bytes(0) == bytes(2))
        #expect(bytes(0) != bytes(1))
    }

    @Test("replayed, each name is the key that it has in this run")
    func replayed() async throws {
        let material = try TestTerminal()
        let ledger = FakeLedger(
            try #require(TerminalID(TestTerminal.name)), on: try Made.date(20_261_123))
        let answer = ResponseEncoder.result(
            code: .approved, reason: .none, businessDate: try Made.date(20_261_123), time: 1)
        let daemon = try await material.daemon { .answer(ledger.answer(to: $0.request) ?? answer) }
        let credentials = try material.credentials(for: daemon)
        let terminal = LoadTerminal(
            credentials: credentials, address: try credentials.address(),
            counter: STANCounter(path: nil))
        let run = LoadRun(threads: 1)
        _ = try await run.open([terminal], connections: 2, depth: 4)
        let workload = try workload()
        let start = NIODeadline.now().uptimeNanoseconds
        var plan = LoadPlan(
            answerNanoseconds: 10_000_000_000, reconnectNanoseconds: 10_000_000_000,
            cards: try cards(), templates: workload.templates, keptMax: .max, seed: 1,
            measuredFrom: start, budget: Budget(count: nil, deadline: nil), progress: Progress())
        plan.tracksLife = true
        let result = try await run.run(
            plan, run.lanes(workload, .recorded(speed: 1), plan, start: start))
        await run.close()
        await daemon.stop()
        #expect(result.fault == nil)
        #expect(result.figures.answers == 11)
        // The second sending of the first sale.
        #expect(result.figures.replayed == 1)
        // The sale whose reversal came first.
        #expect(result.figures.answers(.settle, code: 21) == 1)
        #expect(result.figures.answers(.refund, code: 0) == 2)
        // Of 11.00 and 1.00, the first line came back.
        #expect(ledger.taken == Money(fen: 200))
        #expect(Money(fen: result.effects.insured) == ledger.taken)
    }

    @Test("live undoings are recorded by the names of what they undo, without ids and codes")
    func writer() throws {
        var writer = RecordingWriter(start: 0)
        let card = try Made.card()
        let sale = try Made.sale().command
        let id = SettlementID(try Made.key(5))
        let code = try #require(TraceCode("81234567890123456789"))
        let commands: [Command] = [
            .settle(sale),
            .refund(
                RefundCommand(
                    settlement: id, card: card,
                    lines: [RefundLine(line: 0, quantity: .one, traceCodes: [code])], total: nil)),
            .void(VoidCommand(settlement: id, card: card, total: Money(fen: 5260))),
            .reverse(
                ReversalCommand(original: id.key, card: card, total: Money(fen: 5260))),
            .status(id.key), .copyReceipt(id),
        ]
        var text = RecordingWriter.heading
        for (place, command) in commands.enumerated() {
            text += writer.lines(
                command, key: try Made.key(5 + UInt32(place)), role: .pharmacy, hasPIN: true,
                time: Int64(place)
            ) { _, _ in try? Made.code("XA01") }
        }
        let lines = text.split(separator: "\n").dropFirst(3)
        #expect(
            Array(lines) == [
                "1 1/0.6 refund 1/0.5 1 - 0,1000,1", "2 1/0.7 void 1/0.5 1 5260",
                "3 1/0.8 reversal 1/0.5 1 5260", "4 1 status 1/0.5", "5 1 copy 1/0.5",
            ])
        #expect(!text.contains("T0000001"))
        #expect(!text.contains(code.text))
        _ = try Recording(text: text)
    }
}
