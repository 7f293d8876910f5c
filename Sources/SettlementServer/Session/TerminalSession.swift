import CardSecurity
import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol

/// What one connection may ask and is answered: frames in, one action each out.
///
/// No I/O. The order of refusals: what the frame is (notice 30), its request id (notice 30), its
/// kind (40), draining (91), sign-on (58), the terminal's and institution's standing (58, 03), the
/// role (58), overload (91), the body (30, 40). Then the ledger decides.
/// - Source: Protocol/Sessions.md.
struct TerminalSession {
    /// What is to be done about one frame.
    enum Action: Sendable {
        /// Nothing: the session is ending, and ``takeEnding()`` says how.
        case ignore
        /// Send this; nothing is in flight for it.
        case answer(SessionAnswer)
        /// Hand this to the committer, and report its answer by ``answered(requestID:)``.
        case submit(PendingRequest.Work, bytes: Int)
        /// Hand this to the reconciliation desk, and report its answer likewise.
        case reconcile(ReconciliationTask)
        /// Run this task, and report its answer by ``answered(requestID:)``.
        case maintain(task: String, argument: String)
    }

    /// How the session ends, once nothing is in flight.
    enum Ending: Sendable, Equatable {
        /// Close when everything is sent.
        case close
        /// Send this as the last frame, a notice or the answer to a sign-off, then close.
        case last(SessionAnswer)
    }

    enum State {
        case expectingSignOn
        case signedOn(SignedOn)
        case localOperator
    }

    struct SignedOn {
        var terminal: TerminalRow
        var institution: InstitutionRow
        /// Nil where the terminal has no master key and needs none.
        var pins: (any PINSession)?
        /// The reference data that `refusal` was found in.
        var snapshot: ReferenceSnapshot
        /// Why the terminal may not go on.
        var refusal: SessionRefusal?
    }

    let peer: SessionPeer
    let around: SessionSurroundings
    var state: State
    private var inFlight: Set<UInt32> = []
    private var isDraining = false
    private var ending: Ending?
    private var hasEnded = false

    init(peer: SessionPeer, surroundings: SessionSurroundings) {
        self.peer = peer
        around = surroundings
        state = peer == .localOperator ? .localOperator : .expectingSignOn
    }

    /// Requests without an answer.
    var inFlightCount: Int { inFlight.count }

    /// Whether another frame may be given to the session now.
    var takesFrames: Bool { ending == nil && !hasEnded && inFlight.count < inFlightMax }

    /// The signed-on terminal.
    var terminal: TerminalID? {
        if case .signedOn(let signedOn) = state { return signedOn.terminal.id }
        return nil
    }

    /// Whether a sign-on is still due.
    var isExpectingSignOn: Bool {
        if case .expectingSignOn = state { return true }
        return false
    }

    private var inFlightMax: Int {
        peer == .localOperator ? Limits.operatorInFlightMax : around.limits.inFlightMax
    }

    /// Takes one frame; while the queue is full, what would have to wait in it is refused unread.
    mutating func receive(_ frame: Frame, isOverloaded: Bool) -> Action {
        guard takesFrames else { return .ignore }
        if inFlight.contains(frame.requestID) {
            // The answer would be taken for that of the request in flight: hence a notice.
            end(
                SessionRefusal(
                    code: .formatError, reason: .requestIDInUse,
                    detail: "frame.request_id: \(frame.requestID) is in flight"))
            return .ignore
        }
        do throws(SessionRefusal) {
            return try act(on: frame, isOverloaded: isOverloaded)
        } catch {
            let answer = answer(frame, error)
            if error.code == .formatError || error.code == .securityViolation { ending = .close }
            return .answer(answer)
        }
    }

    /// The peer's bytes are no frame.
    mutating func receive(_ fault: FrameFault) {
        end(SessionRefusal(code: fault.code, reason: fault.reason, detail: fault.detail))
    }

    /// The peer was too slow, or silent for too long.
    mutating func deadlinePassed(_ deadline: Deadlines.Kind) {
        end(
            SessionRefusal(
                code: .formatError, reason: .deadlinePassed,
                detail: "the \(deadline.rawValue) deadline has passed"))
    }

    /// The peer's certificate has as many connections as it may.
    mutating func tooManyConnections() {
        end(
            SessionRefusal(
                code: .notPermittedToTerminal, reason: .tooManyConnections,
                detail: "at most \(around.limits.connectionsPerCertificateMax) for one certificate"
            ))
    }

    /// No more requests are served: those in flight are answered, later ones get 91.
    mutating func drain() {
        isDraining = true
        if inFlight.isEmpty { endDraining() }
    }

    /// A request that was submitted is answered, or was refused by the queue.
    mutating func answered(requestID: UInt32) {
        inFlight.remove(requestID)
        if isDraining, inFlight.isEmpty { endDraining() }
    }

    /// The ending, given out once, when nothing is in flight any more.
    mutating func takeEnding() -> Ending? {
        guard let ending, inFlight.isEmpty, !hasEnded else { return nil }
        hasEnded = true
        return ending
    }

    /// The connection is gone: gives back what the session holds of others' things.
    mutating func close() {
        if case .signedOn(let signedOn) = state { around.terminals.release(signedOn.terminal.id) }
        state = .expectingSignOn
        hasEnded = true
        inFlight.removeAll()
    }

    /// A result for a request that this side could not get decided.
    func result(
        kind: UInt8, requestID: UInt32, _ code: ResponseCode, _ reason: Reason, detail: String = ""
    ) -> SessionAnswer {
        SessionAnswer(
            kind: kind, requestID: requestID, code: code, reason: reason,
            body: ResponseEncoder.result(
                code: code, reason: reason, detail: detail, businessDate: today,
                time: around.clock.milliseconds))
    }

    private func answer(_ frame: Frame, _ refusal: SessionRefusal) -> SessionAnswer {
        result(
            kind: frame.kind | Frame.responseBit, requestID: frame.requestID, refusal.code,
            refusal.reason, detail: refusal.detail)
    }

    private mutating func end(_ refusal: SessionRefusal) {
        guard ending == nil else { return }
        ending = .last(
            result(
                kind: Frame.noticeKind, requestID: Frame.noticeRequestID, refusal.code,
                refusal.reason, detail: refusal.detail))
    }

    private mutating func endDraining() {
        end(SessionRefusal(code: .unavailable, reason: .draining))
    }
}

extension TerminalSession {
    private mutating func act(
        on frame: Frame, isOverloaded: Bool
    ) throws(SessionRefusal) -> Action {
        let kind = try Self.reading { () throws(RequestFault) in
            try RequestDecoder.kind(frame.kind)
        }
        guard !isDraining else { throw SessionRefusal(code: .unavailable, reason: .draining) }
        let role = try permittedRole(kind)
        guard role.permits(kind) else {
            throw SessionRefusal(
                code: .notPermittedToTerminal, reason: .roleNotPermitted,
                detail: "\(kind) is not for role \(role.name)")
        }
        // Before the body is read and its PIN block opened: refusing must cost less than serving.
        if isOverloaded, kind.waitsForCommitter {
            throw SessionRefusal(code: .unavailable, reason: .overloaded)
        }
        let request = try Self.reading { () throws(RequestFault) in
            try RequestDecoder.decode(kind, frame.body)
        }
        return try act(on: request, frame)
    }

    private static func reading<Value>(
        _ read: () throws(RequestFault) -> Value
    ) throws(SessionRefusal) -> Value {
        do throws(RequestFault) {
            return try read()
        } catch {
            throw SessionRefusal(code: error.code, reason: error.reason, detail: error.detail)
        }
    }

    var today: CivilDate { around.references.current.reference.businessDate }

    /// The role whose permissions count; any role may ask what a session itself needs.
    private mutating func permittedRole(_ kind: RequestKind) throws(SessionRefusal) -> Role {
        switch state {
        case .localOperator:
            return .operator
        case .expectingSignOn:
            guard kind == .signOn else {
                throw SessionRefusal(code: .notPermittedToTerminal, reason: .notSignedOn)
            }
            // Every role may sign on; which it is, the sign-on finds.
            return .pharmacy
        case .signedOn(var signedOn):
            refresh(&signedOn)
            if let refusal = signedOn.refusal, kind != .signOff { throw refusal }
            return signedOn.terminal.role
        }
    }

    /// Looks again at terminal and institution where reference data changed since the last look.
    private mutating func refresh(_ signedOn: inout SignedOn) {
        let snapshot = around.references.current
        guard snapshot !== signedOn.snapshot else { return }
        signedOn.snapshot = snapshot
        do throws(SessionRefusal) {
            (signedOn.terminal, signedOn.institution) = try Self.standing(
                of: signedOn.terminal.id, in: snapshot.reference)
            signedOn.refusal = nil
        } catch {
            signedOn.refusal = error
        }
        state = .signedOn(signedOn)
    }

    private mutating func act(
        on request: TerminalRequest, _ frame: Frame
    ) throws(SessionRefusal) -> Action {
        switch request {
        case .signOn(let signOn):
            return .answer(try self.signOn(signOn, frame))
        case .signOff(let header):
            ending = .last(approved(frame, ResponseEncoder.result(fields(header))))
            return .ignore
        case .echo(let header):
            return .answer(echo(frame, header))
        case .catalogPage(let page):
            return .answer(try catalogPage(page, frame))
        case .ledger(let message):
            return submit(.decide(try ledgerRequest(message)), frame)
        case .reversal(let reversal):
            let message = reversal.message(of: try signedOn().terminal.id)
            return submit(.decide(try ledgerRequest(message)), frame)
        case .settlementStatus(let status):
            let command = status.command(of: try signedOn().terminal.id)
            return submit(.decide(try unrecorded(command, status.header)), frame)
        case .receiptCopy(let copy):
            return submit(.decide(try unrecorded(copy.command, copy.header)), frame)
        case .admissionDetails(let details):
            return submit(.decide(try unrecorded(details.command, details.header)), frame)
        case .reconciliationTotals(let request):
            return try reconcile(.totals(request), frame)
        case .reconciliationDetails(let request):
            return try reconcile(.details(request), frame)
        case .reconciliationDifferences(let request):
            return try reconcile(.differences(request), frame)
        case .operatorApply(let apply):
            let command = Command.register(apply.registrations, dryRun: apply.isDryRun)
            return submit(
                .decide(
                    .byOperator(
                        command, on: apply.header.businessDate ?? today, stan: apply.header.stan,
                        terminalTime: apply.header.terminalTime)), frame)
        case .dayClose(let close):
            let command = Command.closeDay(
                close.date, next: close.next ?? close.date.adding(days: 1))
            return submit(
                .decide(
                    .byOperator(
                        command, on: close.header.businessDate ?? today, stan: close.header.stan,
                        terminalTime: close.header.terminalTime)), frame)
        case .operatorQuery(let query):
            return submit(.read(query.question), frame)
        case .operatorMaintenance(let maintenance):
            inFlight.insert(frame.requestID)
            return .maintain(task: maintenance.task, argument: maintenance.argument)
        }
    }

    private mutating func reconcile(
        _ question: ReconciliationTask.Question, _ frame: Frame
    ) throws(SessionRefusal) -> Action {
        let signedOn = try signedOn()
        inFlight.insert(frame.requestID)
        return .reconcile(
            ReconciliationTask(
                question: question, terminal: signedOn.terminal.id,
                institution: signedOn.institution.institution.id))
    }

    private mutating func submit(_ work: PendingRequest.Work, _ frame: Frame) -> Action {
        inFlight.insert(frame.requestID)
        let bytes = peer == .localOperator ? 0 : frame.body.readableBytes + Frame.headerBytes
        return .submit(work, bytes: bytes)
    }
}
