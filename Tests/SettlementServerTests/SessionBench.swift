import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol

@testable import SettlementServer

/// A session with its surroundings, and words for the equations of its tests.
struct SessionBench {
    let clock = FakeClock()
    let references: ReferenceHolder
    let surroundings: SessionSurroundings
    var session: TerminalSession
    private var nextID: UInt32 = 0

    init(
        certificate: TerminalID? = Site.pharmacy, peer: SessionPeer? = nil,
        limits: Limits = Limits(), sharing other: SessionBench? = nil
    ) {
        references = other?.references ?? ReferenceHolder(ReferenceSnapshot(Site.reference))
        surroundings =
            other?.surroundings
            ?? SessionSurroundings(
                references: references, clock: clock, vault: FakeVault(), sha256: Digest.sha256,
                limits: limits)
        session = TerminalSession(
            peer: peer ?? .terminal(certificate), surroundings: surroundings)
    }

    /// What became of a frame, short enough for an equation.
    enum Became: Equatable, CustomStringConvertible {
        case answered(ResponseCode, Reason)
        case submitted
        case reconciled
        case maintained(String)
        case ignored

        var description: String {
            switch self {
            case .answered(let code, let reason): "\(code.text) \(reason)"
            case .submitted: "submitted"
            case .reconciled: "reconciled"
            case .maintained(let task): "maintained \(task)"
            case .ignored: "ignored"
            }
        }
    }

    /// The last frame's action in full.
    private(set) var action: TerminalSession.Action = .ignore

    /// The commit queue has no room.
    var isOverloaded = false

    mutating func send(_ kind: UInt8, _ body: [UInt8], id: UInt32? = nil) -> Became {
        nextID += 1
        action = session.receive(
            Frame(kind: kind, requestID: id ?? nextID, body: ByteBuffer(bytes: body)),
            isOverloaded: isOverloaded)
        return switch action {
        case .ignore: .ignored
        case .answer(let answer): .answered(answer.code, answer.reason)
        case .submit: .submitted
        case .reconcile: .reconciled
        case .maintain(let task, _): .maintained(task)
        }
    }

    mutating func send(_ kind: RequestKind, _ body: [UInt8], id: UInt32? = nil) -> Became {
        send(kind.rawValue, body, id: id)
    }

    mutating func signOn(
        as terminal: TerminalID = Site.pharmacy, algorithms: [PINKeyAlgorithm] = [.aes128],
        masterKey: [UInt8] = []
    ) -> Became {
        let request = SignOnRequest(
            header: Site.header(stan: 0), terminal: terminal, pinAlgorithms: algorithms,
            software: "test", masterKeyCheckValue: masterKey)
        return send(.signOn, RequestEncoder.signOn(request))
    }

    mutating func echo() -> Became { send(.echo, RequestEncoder.echo(Site.header(stan: 0))) }

    mutating func settle(
        _ command: SettleCommand = Site.purchase(), stan: UInt32 = 1, pin: [UInt8]? = nil,
        id: UInt32? = nil
    ) -> Became {
        send(
            .settle,
            RequestEncoder.settle(
                Site.header(stan: stan), command,
                pinBlock: pin ?? Array(repeating: 7, count: 16)), id: id)
    }

    /// The request that was submitted last.
    var submitted: LedgerRequest? {
        if case .submit(.decide(let request), _) = action { request } else { nil }
    }

    /// Changes reference data, as the committer does.
    func publish(_ change: RowChange) {
        var reference = references.current.reference
        reference.apply(change)
        references.publish(ReferenceSnapshot(reference))
    }
}
