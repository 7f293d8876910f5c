import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import Synchronization

@testable import SettlementServer

/// A reconciliation desk whose readings wait for the test, and whose answers the test takes.
final class ReconciliationBench: Sendable {
    let registry = MetricsRegistry()
    let sink = HeldReadings()
    let references = ReferenceHolder(ReferenceSnapshot(Site.reference))
    let desk: ReconciliationDesk
    private let replies: AsyncStream<Reply>

    init(_ bounds: ReconciliationDesk.Bounds = ReconciliationDesk.Bounds()) {
        let (replies, feed) = AsyncStream<Reply>.makeStream()
        self.replies = replies
        desk = ReconciliationDesk(
            bounds: bounds,
            surroundings: ReconciliationDesk.Surroundings(
                queue: sink, references: references, clock: FakeClock(), sha256: Digest.sha256,
                bodyBytesMax: 65_000, deliver: { for reply in $0 { feed.yield(reply) } },
                metrics: ServerMetrics(factory: registry)))
    }

    /// Asks for totals under a request id.
    func askTotals(_ id: UInt32, at terminal: TerminalID = Site.pharmacy) throws {
        take(try Self.task(.reconciliationTotals, Self.totals(), at: terminal), id)
    }

    func take(_ task: ReconciliationTask, _ id: UInt32) {
        desk.take(
            task,
            origin: Origin(
                loop: 0, ticket: ConnectionTicket(slot: 0, generation: 0), requestID: id,
                kind: RequestKind.reconciliationTotals.rawValue), arrived: .now())
    }

    /// The next answer, whoever gets it.
    func next() async -> (id: UInt32, code: ResponseCode, reason: Reason) {
        var iterator = replies.makeAsyncIterator()
        guard let reply = await iterator.next() else { return (0, .malfunction, .none) }
        return (reply.origin.requestID, reply.code, reply.reason)
    }

    static func totals(_ totals: [KindTotals] = [], date: CivilDate? = nil) -> [UInt8] {
        RequestEncoder.reconciliationTotals(
            ReconciliationTotalsRequest(
                header: Site.header(stan: 1), date: date, scope: .institution, totals: totals))
    }

    /// The task of a request's body.
    static func task(
        _ kind: RequestKind, _ body: [UInt8], at terminal: TerminalID = Site.pharmacy
    ) throws -> ReconciliationTask {
        let question: ReconciliationTask.Question =
            switch try RequestDecoder.decode(kind, ByteBuffer(bytes: body)) {
            case .reconciliationTotals(let request): .totals(request)
            case .reconciliationDetails(let request): .details(request)
            case .reconciliationDifferences(let request): .differences(request)
            default: preconditionFailure("\(kind) is about no date's books")
            }
        return ReconciliationTask(
            question: question, terminal: terminal,
            institution: Site.institutions[0].institution.id)
    }
}

/// Keeps readings until the test lets one go.
final class HeldReadings: RequestSink {
    private let held: AsyncStream<DayReading>
    private let feed: AsyncStream<DayReading>.Continuation
    private let admission = Mutex(Admission.accepted)

    init() {
        (held, feed) = AsyncStream<DayReading>.makeStream()
    }

    func offer(_ requests: [PendingRequest]) -> Admission {
        let admission = admission.withLock { $0 }
        guard admission == .accepted else { return admission }
        for case .readDay(let reading) in requests.map(\.work) { feed.yield(reading) }
        return .accepted
    }

    /// What is offered from now on is refused so.
    func refuse(_ admission: Admission) {
        self.admission.withLock { $0 = admission }
    }

    /// The next reading that was offered.
    func next() async -> DayReading? {
        var iterator = held.makeAsyncIterator()
        return await iterator.next()
    }

    /// Answers the next reading: the date has no rows.
    func deliverNothing() async {
        let reading = await next()
        reading?.deliver(
            .success(reading?.spans.map { _ in DayReading.Page(rows: [], isWhole: true) } ?? []))
    }
}
