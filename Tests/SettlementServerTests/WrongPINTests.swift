import Ledger
import Logging
import NIOCore
import SettlementDomain
import Synchronization
import Testing

@testable import SettlementServer

/// A committer over a memory store with a clock that a test moves, and lines that it logs.
private final class GuessingBench {
    let clock = FakeClock()
    let registry = MetricsRegistry()
    let lines = Lines()
    let wrongPINs: WrongPINs
    private(set) var committer: Committer
    private var stan: UInt32 = 0

    static let secondPharmacy = Site.make(TerminalID("T0000011"))
    static let gateway = Site.make(TerminalID("T0000012"))
    static let counter = Site.make(TerminalID("T0000013"))
    static let cards = (1...9).map { Site.make(CardNumber.completing("62284800000010\($0)")) }
    static let right = PINProof.value(Site.verification)
    static let wrong = PINProof.value(PINVerification(keyID: 1, high: 0, low: 0))

    init(_ bounds: WrongPINs.Bounds) throws {
        let store = Site.store()
        let holder = ReferenceHolder(ReferenceSnapshot(try store.loadReference()))
        let lines = lines
        wrongPINs = WrongPINs(bounds)
        committer = Committer(
            store: store, reference: holder.current.reference,
            surroundings: Committer.Surroundings(
                ledger: Site.ledger, clock: clock,
                queue: CommitQueue(bounds: CommitQueue.Bounds(requestsMax: 1, bytesMax: 1)),
                batchMax: 100, holder: holder, wrongPINs: wrongPINs, deliver: { _ in },
                metrics: ServerMetrics(factory: registry),
                logger: Logger(label: "test") { _ in
                    LineLogHandler(format: .text, level: .info, clock: FakeClock()) {
                        lines.append($0)
                    }
                }))
        let rows: [Registration] =
            [
                .terminal(Site.terminal(Self.secondPharmacy, "P99010000001", .pharmacy)),
                .institution(Site.institution("A99010000001", .agency)),
                .terminal(Site.terminal(Self.gateway, "A99010000001", .gateway)),
                .terminal(Site.terminal(Self.counter, "A99010000001", .counter)),
            ]
            + Self.cards.map { card in
                .card(
                    CardRow(
                        number: card, person: Site.person, state: .active,
                        expires: Site.make(CivilDate(yyyymmdd: 20_301_231)),
                        verification: Site.verification, triesFailed: 0))
            }
        #expect(reply(to: [pending(.register(rows, dryRun: false))]) == ["00"])
    }

    func pending(
        _ command: Command, at terminal: TerminalID = Site.pharmacy, stan: UInt32? = nil
    ) -> PendingRequest {
        self.stan += 1
        return PendingRequest(
            origin: Origin(
                loop: 0, ticket: ConnectionTicket(slot: 0, generation: 0), requestID: self.stan,
                kind: command.kind.rawValue),
            work: .decide(
                LedgerRequest(
                    key: RequestKey(terminal: terminal, date: Site.today, stan: stan ?? self.stan),
                    terminalTime: 0, content: .zero, voucher: [], command: command)),
            bytes: 0, arrived: .now())
    }

    func inquiry(
        _ proof: PINProof, _ card: Int, at terminal: TerminalID = Site.pharmacy,
        stan: UInt32? = nil
    ) -> PendingRequest {
        pending(
            .inquire(CardInquiry(card: Self.cards[card], proof: proof)), at: terminal, stan: stan)
    }

    /// The codes, in the order of the requests.
    func reply(to batch: [PendingRequest]) -> [String] {
        committer.replies(to: batch).map { reply in
            reply.reason == .tooManyWrongPINs ? "58/305" : reply.code.text
        }
    }

    /// The code of one inquiry, as a batch of its own.
    func ask(_ proof: PINProof, _ card: Int, at terminal: TerminalID = Site.pharmacy) -> String {
        reply(to: [inquiry(proof, card, at: terminal)]).first ?? ""
    }

    func reached(_ limit: String) -> Bool {
        registry.text.contains("settled_limits_reached_total{limit=\"\(limit)\"} 1\n")
    }
}

/// Lines that were logged.
private final class Lines: Sendable {
    private let all = Mutex<[String]>([])

    func append(_ line: String) { all.withLock { $0.append(line) } }

    var alarms: [String] {
        all.withLock { $0.filter { $0.contains("too many wrong PINs") } }
    }
}

@Suite("Wrong PINs of terminals and institutions")
struct WrongPINTests {
    private typealias Bench = GuessingBench

    private static func bounds(
        terminal: Int = 0, gateway: Int = 0, institution: Int = 0
    ) -> WrongPINs.Bounds {
        WrongPINs.Bounds(
            terminalMax: terminal, gatewayMax: gateway, institutionMax: institution,
            windowMillis: 60_000)
    }

    @Test("after so many wrong PINs, whatever the cards, no PIN of the terminal is looked at")
    func terminal() throws {
        let bench = try Bench(Self.bounds(terminal: 3))
        #expect((0..<3).map { bench.ask(Bench.wrong, $0) } == ["55", "55", "55"])
        #expect(bench.ask(Bench.wrong, 3) == "58/305")
        #expect(bench.ask(Bench.right, 3) == "58/305")
        // Neither try cost the card anything, and elsewhere its PIN is good.
        #expect(bench.ask(Bench.right, 3, at: Bench.secondPharmacy) == "00")
        #expect(bench.ask(Bench.wrong, 3, at: Bench.secondPharmacy) == "55")
    }

    @Test("the limit holds within a batch, to the request")
    func withinBatch() throws {
        let bench = try Bench(Self.bounds(terminal: 2))
        let batch =
            (0..<4).map { bench.inquiry(Bench.wrong, $0) } + [bench.inquiry(Bench.right, 5)]
        #expect(bench.reply(to: batch) == ["55", "55", "58/305", "58/305", "58/305"])
        #expect(bench.lines.alarms.count == 1)
    }

    @Test("an institution's terminals count together; other institutions go on")
    func institution() throws {
        let bench = try Bench(Self.bounds(institution: 2))
        #expect(bench.ask(Bench.wrong, 0) == "55")
        #expect(bench.ask(Bench.wrong, 1, at: Bench.secondPharmacy) == "55")
        #expect(bench.ask(Bench.right, 2) == "58/305")
        #expect(bench.ask(Bench.right, 2, at: Bench.secondPharmacy) == "58/305")
        #expect(bench.ask(Bench.right, 2, at: Site.hospital) == "00")
        #expect(bench.reached("wrong_pins_per_institution"))
    }

    @Test("a gateway counts for itself alone, by its own limit")
    func gateway() throws {
        let bench = try Bench(Self.bounds(terminal: 1, gateway: 3, institution: 1))
        for card in 0..<3 { #expect(bench.ask(Bench.wrong, card, at: Bench.gateway) == "55") }
        #expect(bench.ask(Bench.right, 4, at: Bench.gateway) == "58/305")
        #expect(bench.ask(Bench.right, 4, at: Bench.counter) == "00")
        #expect(bench.reached("wrong_pins_per_gateway"))
    }

    @Test("a recorded answer is given again all the same, and a retry counts once")
    func retries() throws {
        let bench = try Bench(Self.bounds(terminal: 2))
        let right = bench.inquiry(Bench.right, 0, stan: 900)
        let wrong = bench.inquiry(Bench.wrong, 1, stan: 901)
        #expect(bench.reply(to: [right]) == ["00"])
        for _ in 1...5 { #expect(bench.reply(to: [wrong]) == ["55"]) }
        #expect(bench.reply(to: [wrong, wrong]) == ["55", "55"])
        #expect(bench.ask(Bench.right, 2) == "00")
        #expect(bench.ask(Bench.wrong, 2) == "55")
        #expect(bench.ask(Bench.right, 3) == "58/305")
        #expect(bench.reply(to: [right, wrong]) == ["00", "55"])
    }

    @Test("what was not looked at is not recorded: after the window the same key is decided")
    func afterTheWindow() throws {
        let bench = try Bench(Self.bounds(terminal: 1))
        #expect(bench.ask(Bench.wrong, 0) == "55")
        let later = bench.inquiry(Bench.right, 1, stan: 900)
        bench.clock.advance(by: 59_999)
        #expect(bench.reply(to: [later]) == ["58/305"])
        bench.clock.advance(by: 1)
        #expect(bench.reply(to: [later]) == ["00"])
        #expect(bench.ask(Bench.wrong, 2) == "55")
        #expect(bench.ask(Bench.right, 3) == "58/305")
        #expect(bench.lines.alarms.count == 2)
    }

    @Test("a window is over after its time, full or not; a clock that is set back begins a new one")
    func windows() throws {
        let bench = try Bench(Self.bounds(terminal: 2))
        #expect(bench.ask(Bench.wrong, 0) == "55")
        bench.clock.advance(by: 60_000)
        #expect(bench.ask(Bench.wrong, 1) == "55")
        #expect(bench.ask(Bench.right, 2) == "00")
        #expect(bench.ask(Bench.wrong, 3) == "55")
        #expect(bench.ask(Bench.right, 2) == "58/305")
        bench.clock.advance(by: -86_400_000)
        #expect(bench.ask(Bench.right, 2) == "00")
        #expect(bench.ask(Bench.wrong, 4) == "55")
        #expect(bench.ask(Bench.right, 2) == "00")
    }

    @Test("the alarm is one line and one count a window, and names terminal and institution alone")
    func alarm() throws {
        let bench = try Bench(Self.bounds(terminal: 2))
        for card in 0..<6 { _ = bench.ask(Bench.wrong, card) }
        try #require(bench.lines.alarms.count == 1)
        let line = bench.lines.alarms[0]
        #expect(line.contains("error"))
        for word in [
            "terminal=\(Site.pharmacy)", "institution=P99010000001", "wrong_pins=2",
            "limit=wrong_pins_per_terminal", "until=",
        ] {
            #expect(line.contains(word), "\(line)")
        }
        for card in Bench.cards { #expect(!line.contains("\(card.digits)".suffix(6))) }
        #expect(bench.reached("wrong_pins_per_terminal"))
    }

    @Test("neither a locked card, nor an unusable block, nor a request without a PIN counts")
    func notCounted() throws {
        let bench = try Bench(Self.bounds(terminal: 4))
        #expect((0..<3).map { _ in bench.ask(Bench.wrong, 0) } == ["55", "55", "75"])
        for _ in 1...5 {
            #expect(bench.ask(Bench.right, 0) == "75")
            #expect(bench.ask(.unusable, 1) == "99")
            #expect(bench.ask(.absent, 1) == "99")
        }
        #expect(bench.ask(Bench.right, 1) == "00")
        #expect(bench.ask(Bench.wrong, 1) == "55")
        #expect(bench.ask(.unusable, 1) == "58/305")
    }

    @Test("requests that need no PIN are served while none is looked at")
    func otherRequests() throws {
        let bench = try Bench(Self.bounds(terminal: 1))
        var sale = Site.purchase(fen: 500)
        sale.proof = Bench.right
        #expect(bench.reply(to: [bench.pending(.settle(sale), stan: 900)]) == ["00"])
        #expect(bench.ask(Bench.wrong, 0) == "55")
        let original = RequestKey(terminal: Site.pharmacy, date: Site.today, stan: 900)
        #expect(bench.reply(to: [bench.pending(.status(original))]) == ["00"])
        let reversal = ReversalCommand(
            original: original, card: Site.card, total: Money(fen: 500))
        #expect(bench.reply(to: [bench.pending(.reverse(reversal))]) == ["00"])
    }

    @Test("limits of 0 are none")
    func off() throws {
        let bench = try Bench(.off)
        for card in 0..<9 { #expect(bench.ask(Bench.wrong, card) == "55") }
        #expect(bench.ask(Bench.right, 8) == "00")
    }
}
