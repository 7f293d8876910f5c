import Ledger
import Metrics
import NIOCore
import SettlementDomain
import SettlementProtocol
import Synchronization
import Testing

@testable import SettlementServer

/// A memory store whose calls can be made to fail.
private final class FaultingStore: LedgerStore {
    let store = Site.store()
    /// Faults of the next loads and commits, first first; nil: none.
    var loadFaults: [StoreFault?] = []
    var commitFaults: [StoreFault?] = []
    /// Faults of the next questions.
    var readFaults: [StoreFault?] = []
    /// Whether a commit that fails is done all the same, as after a lost answer.
    var commitsBeforeFault = false
    /// What the next commit mends.
    var mended: StoreFault?
    private(set) var commits = 0
    private(set) var referenceLoads = 0

    func loadReference() throws(StoreFault) -> Reference {
        referenceLoads += 1
        return try store.loadReference()
    }

    func load(_ keys: LoadKeys, reference: Reference) throws(StoreFault) -> WorkingSet {
        if !loadFaults.isEmpty, let fault = loadFaults.removeFirst() { throw fault }
        return try store.load(keys, reference: reference)
    }

    func commit(_ entries: [JournalEntry]) throws(StoreFault) {
        commits += 1
        if !commitFaults.isEmpty, let fault = commitFaults.removeFirst() {
            if commitsBeforeFault { try store.commit(entries) }
            throw fault
        }
        try store.commit(entries)
    }

    func takeMended() -> StoreFault? {
        defer { mended = nil }
        return mended
    }

    func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        if !readFaults.isEmpty, let fault = readFaults.removeFirst() { throw fault }
        return try store.read(question)
    }

    func close() {}
}

@Suite("The committer")
struct CommitterTests {
    private let store = FaultingStore()
    private let registry = MetricsRegistry()
    private let holder: ReferenceHolder
    private let committer: Committer

    init() throws {
        let reference = try store.loadReference()
        holder = ReferenceHolder(ReferenceSnapshot(reference))
        committer = Committer(
            store: store, reference: reference,
            surroundings: Committer.Surroundings(
                ledger: Site.ledger, clock: FakeClock(),
                queue: CommitQueue(bounds: CommitQueue.Bounds(requestsMax: 1, bytesMax: 1)),
                batchMax: 100, holder: holder, deliver: { _ in },
                metrics: ServerMetrics(factory: registry), logger: Site.logger))
    }

    private func pending(
        _ command: Command, stan: UInt32, id: UInt32? = nil, slot: UInt32 = 0,
        at terminal: TerminalID = Site.pharmacy
    ) -> PendingRequest {
        PendingRequest(
            origin: Origin(
                loop: 0, ticket: ConnectionTicket(slot: slot, generation: 0),
                requestID: id ?? stan, kind: command.kind.rawValue),
            work: .decide(
                LedgerRequest(
                    key: RequestKey(terminal: terminal, date: Site.today, stan: stan),
                    terminalTime: 0, content: .zero, voucher: [], command: command)),
            bytes: 0, arrived: .now())
    }

    private func settle(stan: UInt32, id: UInt32? = nil, slot: UInt32 = 0) -> PendingRequest {
        var command = Site.purchase()
        command.proof = .value(Site.verification)
        return pending(.settle(command), stan: stan, id: id, slot: slot)
    }

    private func status(of stan: UInt32, id: UInt32) -> PendingRequest {
        pending(
            .status(RequestKey(terminal: Site.pharmacy, date: Site.today, stan: stan)), stan: 999,
            id: id)
    }

    private func codes(_ batch: [PendingRequest]) -> [ResponseCode] {
        let replies = committer.replies(to: batch)
        return batch.map { pending in
            Site.make(replies.first { $0.origin == pending.origin }?.code)
        }
    }

    private var balance: Int64 {
        get throws {
            guard case .accounts(let rows) = try store.read(.account(Site.person)) else {
                return -1
            }
            return rows.first?.balance.fen ?? -1
        }
    }

    @Test("a batch is one commit, whatever its size")
    func oneCommit() throws {
        #expect(codes((1...5).map { settle(stan: $0) }) == Array(repeating: .approved, count: 5))
        #expect(store.commits == 1)
        #expect(try balance == 5_000)
    }

    @Test(
        """
        a card that is registered or reissued in the batch of a sale with it brings its person's \
        year along
        """)
    func newCard() throws {
        func visit(_ card: CardNumber, stan: UInt32) -> PendingRequest {
            var command = Site.purchase()
            command.card = card
            command.visitType = .outpatient
            command.proof = .value(Site.verification)
            return pending(.settle(command), stan: stan, at: Site.hospital)
        }
        #expect(codes([visit(Site.card, stan: 1)]) == [.approved])
        let other = Site.make(CardNumber.completing("622848000000001"))
        let third = Site.make(CardNumber.completing("622848000000002"))
        let card = CardRow(
            number: other, person: Site.person, state: .active,
            expires: Site.make(CivilDate(yyyymmdd: 20_301_231)), verification: Site.verification,
            triesFailed: 0)
        let reissue = CardServiceCommand(
            asking: Asking(subject: .card(other), authority: .pin(.value(Site.verification))),
            step: .reissue(
                CardServiceCommand.NewCard(
                    number: third, expires: card.expires, pin: .value(Site.verification))))
        let batch = [
            visit(Site.card, stan: 2),
            pending(.register([.card(card)], dryRun: false), stan: 3), visit(other, stan: 4),
            pending(.card(reissue), stan: 5, at: Site.hospital), visit(third, stan: 6),
        ]
        let parts = Committer.parts(of: batch)
        #expect(parts.map(\.count) == [2, 2, 1])
        #expect(parts.flatMap(codes) == Array(repeating: .approved, count: 5))
        #expect(Committer.parts(of: Array(batch[...1])).count == 1)
        for (stan, used) in [(1, 0), (2, 700), (4, 1_400), (6, 2_100)] as [(UInt32, Int64)] {
            let key = RequestKey(terminal: Site.hospital, date: Site.today, stan: stan)
            guard case .settlements(let rows) = try store.read(.settlement(SettlementID(key)))
            else { continue }
            #expect(rows.first?.row.basis.used.pooledUsed.fen == used, "\(stan)")
        }
    }

    @Test("answers are sorted by event loop and connection")
    func sorted() {
        let replies = committer.replies(to: [
            settle(stan: 1, slot: 2), settle(stan: 2, slot: 0), settle(stan: 3, slot: 1),
            settle(stan: 4, slot: 0),
        ])
        #expect(replies.map(\.origin.ticket.slot) == [0, 0, 1, 2])
    }

    @Test("a request twice in one batch has one effect, and the second answer says replayed")
    func replayed() throws {
        let replies = committer.replies(to: [settle(stan: 1, id: 1), settle(stan: 1, id: 2)])
        let bodies = try replies.sorted { $0.origin.requestID < $1.origin.requestID }
            .map { try ResponseDecoder.decode(0x92, ByteBuffer(bytes: $0.body)).result }
        #expect(bodies.map(\.replayed) == [false, true])
        #expect(bodies.map(\.code) == [.approved, .approved])
        #expect(try balance == 9_000)
    }

    @Test("a batch that writes nothing makes no commit")
    func readOnly() {
        #expect(codes([status(of: 77, id: 1)]) == [.approved])
        #expect(store.commits == 0)
    }

    @Test("a store that cannot load answers 91, and nothing was executed")
    func loadUnavailable() throws {
        store.loadFaults = [.unavailable("gone")]
        #expect(codes([settle(stan: 1), settle(stan: 2)]) == [.unavailable, .unavailable])
        #expect(store.commits == 0)
        #expect(try balance == 10_000)
    }

    @Test("a commit that was not sent answers 91; the same key succeeds afterwards")
    func commitUnavailable() throws {
        store.commitFaults = [.unavailable("disk full")]
        #expect(codes([settle(stan: 1)]) == [.unavailable])
        #expect(codes([settle(stan: 1)]) == [.approved])
        #expect(try balance == 9_000)
    }

    @Test("a fault that the store has mended harms no answer, and is counted once")
    func mended() throws {
        store.mended = .unavailable("a sync failed")
        #expect(codes([settle(stan: 1)]) == [.approved])
        #expect(codes([settle(stan: 2)]) == [.approved])
        #expect(registry.text.contains("settled_store_faults_total{fault=\"mended\"} 1\n"))
        #expect(try balance == 8_000)
    }

    @Test("a commit of unknown outcome answers 96 to what it may have executed")
    func outcomeUnknown() throws {
        store.commitFaults = [.outcomeUnknown("no answer")]
        let batch = [settle(stan: 1), status(of: 77, id: 50), settle(stan: 2)]
        #expect(codes(batch) == [.malfunction, .approved, .malfunction])
    }

    @Test("after 96 the status tells the truth, and a retry is not executed again")
    func afterUnknown() throws {
        store.commitFaults = [.outcomeUnknown("no answer")]
        store.commitsBeforeFault = true
        #expect(codes([settle(stan: 1)]) == [.malfunction])
        let replies = committer.replies(to: [status(of: 1, id: 2), settle(stan: 1, id: 3)])
        let answers = try replies.sorted { $0.origin.requestID < $1.origin.requestID }
            .map { try ResponseDecoder.decode($0.origin.kind | 0x80, ByteBuffer(bytes: $0.body)) }
        guard case .status(let status) = answers[0].payload else {
            Issue.record("no status")
            return
        }
        #expect(status.state == .approved)
        #expect(answers[1].result.replayed)
        #expect(try balance == 9_000)
    }

    @Test("a retry of a request whose outcome is unknown is as unknown, in the same batch")
    func unknownTwin() {
        store.commitFaults = [.outcomeUnknown("no answer")]
        #expect(
            codes([settle(stan: 1, id: 1), settle(stan: 1, id: 2)])
                == [.malfunction, .malfunction])
    }

    @Test("where the store stays away after an unknown outcome, what writes nothing gets 91")
    func unknownThenUnavailable() {
        store.commitFaults = [.outcomeUnknown("no answer")]
        store.loadFaults = [nil, .unavailable("gone")]
        #expect(codes([settle(stan: 1), status(of: 77, id: 50)]) == [.malfunction, .unavailable])
    }

    @Test("a conflict is retried from the load, invisible to terminals")
    func conflict() throws {
        store.commitFaults = [.conflict, .conflict]
        #expect(codes([settle(stan: 1)]) == [.approved])
        #expect(store.commits == 3)
        #expect(try balance == 9_000)
        #expect(registry.text.contains("settled_batch_conflicts_total 2"))
    }

    @Test("conflicts without end are given up with 91")
    func endlessConflict() throws {
        store.commitFaults = Array(repeating: .conflict, count: 100)
        #expect(codes([settle(stan: 1)]) == [.unavailable])
        #expect(store.commits == Committer.conflictsMax)
        #expect(try balance == 10_000)
    }

    @Test("after a fault the reference data is read again before the next batch")
    func reload() {
        let before = store.referenceLoads
        store.loadFaults = [.unavailable("gone")]
        _ = codes([settle(stan: 1)])
        _ = codes([settle(stan: 1)])
        _ = codes([settle(stan: 2)])
        #expect(store.referenceLoads == before + 1)
    }

    @Test("a store that fails at every batch is logged once a second and kind")
    func faultLog() {
        var log = FaultLog()
        #expect(log.take("unavailable", at: 1_000) == 0)
        #expect(log.take("unavailable", at: 1_001) == nil)
        #expect(log.take("unavailable", at: 1_999) == nil)
        #expect(log.take("unavailable", at: 2_000) == 2)
        #expect(log.take("corrupt", at: 2_001) == 0)
        #expect(log.take("corrupt", at: 1_500) == 0)
    }

    @Test("what an operator registers is published to sessions after its commit, and only then")
    func publishes() {
        let row = Site.terminal(Site.make(TerminalID("T0000099")), "P99010000001", .pharmacy)
        store.commitFaults = [.unavailable("gone")]
        let register = pending(.register([.terminal(row)], dryRun: false), stan: 0)
        #expect(codes([register]) == [.unavailable])
        #expect(holder.current.reference.terminals[row.id] == nil)
        #expect(codes([register]) == [.approved])
        #expect(holder.current.reference.terminals[row.id] == row)
        let snapshot = holder.current
        _ = codes([settle(stan: 1)])
        #expect(holder.current === snapshot)
    }

    @Test("an operator's question is answered from what is committed, with the next page")
    func question() throws {
        let pending = PendingRequest(
            origin: Origin(
                loop: 0, ticket: ConnectionTicket(slot: 0, generation: 0), requestID: 1,
                kind: RequestKind.operatorQuery.rawValue),
            work: .read(.persons(after: nil, limit: 1)), bytes: 0, arrived: .now())
        let replies = committer.replies(to: [pending, settle(stan: 1, slot: 1)])
        #expect(replies.map(\.code) == [.approved, .approved])
        let response = try ResponseDecoder.decode(0xe1, ByteBuffer(bytes: replies[0].body))
        guard case .page(.persons(let rows), let next) = response.payload else {
            Issue.record("no page")
            return
        }
        #expect(rows.map(\.person.id) == [Site.person])
        #expect(next == .persons(after: Site.person, limit: 1))
    }

    @Test("a date's rows are read after the batch's answers are sent; a fault goes to who asked")
    func readDay() throws {
        let events = Mutex<[String]>([])
        let queue = CommitQueue(bounds: CommitQueue.Bounds(requestsMax: 9, bytesMax: 9))
        let committer = Committer(
            store: store, reference: try store.loadReference(),
            surroundings: Committer.Surroundings(
                ledger: Site.ledger, clock: FakeClock(), queue: queue, batchMax: 100,
                holder: holder,
                deliver: { replies in
                    events.withLock { $0.append("\(replies.count) answers") }
                },
                metrics: ServerMetrics(factory: registry), logger: Site.logger))
        let whole = DayReconciliation.Span(after: nil, through: nil)
        let reading = DayReading(
            date: Site.today, institution: Site.institutions[0].institution.id,
            terminal: Site.pharmacy, spans: [whole, whole, whole], rowsMax: 4
        ) { result in
            let text =
                switch result {
                case .success(let pages):
                    pages.map { "\($0.rows.count) rows\($0.isWhole ? "" : " and more")" }
                        .joined(separator: ", ")
                case .failure(let fault): "\(fault)"
                }
            events.withLock { $0.append(text) }
        }
        let read = PendingRequest(
            origin: settle(stan: 1).origin, work: .readDay(reading), bytes: 0, arrived: .now())
        store.readFaults = [.unavailable("gone")]
        let batch = [read, settle(stan: 1), settle(stan: 2), settle(stan: 3), read]
        #expect(queue.offer(batch) == .accepted)
        queue.close()
        committer.run()
        #expect(events.withLock { $0 } == ["3 answers", "gone", "3 rows, 1 rows and more"])
    }
}
