import Ledger
import Logging
import NIOCore
import NIOEmbedded
import SettlementDomain
import SettlementProtocol
import SettlementServer

/// A daemon with its ledger, to which terminals and an operator say what the input says: bytes,
/// frames with arbitrary bodies, and requests that are right but for their details.
///
/// Whatever comes, every answer can be read, every connection that stands has all its answers, the
/// journal is sound and all money sums to zero.
enum SessionFuzz {
    static let stepsMax = 160

    static func run(_ bytes: [UInt8]) throws -> Bool {
        let session = try SessionRun()
        var input = FuzzInput(bytes)
        for _ in 0..<stepsMax where !input.isEmpty { try session.act(&input) }
        try session.finish()
        return session.approvals > 0
    }
}

/// One daemon from its start to the end of an input.
final class SessionRun {
    let loop = EmbeddedEventLoop()
    private let clock = StandingClock()
    private let store: MemoryStore
    private let server: SteppedDaemon
    private var lines: [SessionLine?]
    /// Answers that approved something, sign-ons left out.
    private(set) var approvals = 0
    var known = KnownRequests()

    /// The place of the operator's line behind those of the terminals.
    private static let operatorLine = SessionTown.terminals.count

    init() throws {
        store = try SessionTown.store()
        var limits = Limits()
        // Small enough to be reached.
        limits.queueRequestsMax = 24
        limits.inFlightMax = 6
        server = try SteppedDaemon(
            store: store, clock: clock, vault: OpenVault(), limits: limits, eventLoop: loop,
            registry: MetricsRegistry(),
            logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
        lines = Array(repeating: nil, count: Self.operatorLine + 1)
    }

    /// Does one thing that the input says.
    func act(_ input: inout FuzzInput) throws {
        let choice = input.byte()
        // With the highest bit set, requests pile up until the next step.
        let waits = choice & 0x80 != 0
        switch choice & 0x1f {
        case 0: try bytes(&input)
        case 1: try frame(&input)
        case 2: server.step(atMost: 1 + input.below(8))
        case 3: pass(seconds: input.below(60))
        case 4:
            let index = input.below(lines.count)
            lines[index]?.cut()
            lines[index] = nil
        case 5:
            let day = SessionTown.today.adding(days: input.below(4))
            try send(
                .dayClose,
                RequestEncoder.dayClose(
                    DayCloseRequest(
                        header: RequestHeader(businessDate: nil, stan: 1, terminalTime: 0),
                        date: day, next: day.adding(days: 1 + input.below(3)))),
                on: Self.operatorLine)
        case 6:
            let registration = SessionRequests.registration(&input, known)
            try send(
                .operatorApply,
                RequestEncoder.operatorApply(
                    OperatorApplyRequest(
                        header: RequestHeader(businessDate: nil, stan: 1, terminalTime: 0),
                        registrations: [registration], isDryRun: input.byte() & 7 == 7)),
                on: Self.operatorLine)
        default:
            let request = SessionRequests.request(Int(choice & 0x1f), &input, &known)
            try send(request.kind, request.body, on: request.line)
        }
        if !waits { try settle() }
    }

    /// Lets everything that is under way come to its end, then looks at all of it.
    func finish() throws {
        for _ in 0..<8 { try settle() }
        for line in lines {
            guard let line, !line.isClosed, !line.isDirty else { continue }
            try FuzzFinding.unless(
                line.unanswered.isEmpty, "without an answer: \(line.unanswered.values)")
        }
        let report = store.verify(sha256: Digest.sha256)
        try FuzzFinding.unless(report.isSound, report.lines.joined(separator: "\n"))
        guard case .balances(let sums) = try store.read(.balances) else {
            throw FuzzFinding(description: "the balances cannot be read")
        }
        let total = sums.reduce(Money.zero) { $0 + $1.balance }
        try FuzzFinding.unless(total == .zero, "all accounts sum to \(total)")
        for line in lines { line?.cut() }
        loop.run()
    }

    private func bytes(_ input: inout FuzzInput) throws {
        let index = input.below(lines.count)
        let count = input.below(64)
        guard let line = try line(index) else { return }
        line.isDirty = true
        line.deliver(ByteBuffer(bytes: input.bytes(count)))
    }

    private func frame(_ input: inout FuzzInput) throws {
        let index = input.below(lines.count)
        let kind = input.byte() & 0x7f
        let count = input.number() % 2_048
        let body = input.bytes(count)
        try line(index)?.send(kind, body)
    }

    private func send(_ kind: RequestKind, _ body: [UInt8], on index: Int) throws {
        try line(index)?.send(kind.rawValue, body)
    }

    private func pass(seconds: Int) {
        clock.advance(seconds: seconds)
        loop.advanceTime(by: .seconds(Int64(seconds)))
    }

    /// Steps until nothing more is answered.
    private func settle() throws {
        for _ in 0..<3 {
            server.step(atMost: 64)
            loop.run()
            for line in lines { try listen(line) }
        }
    }

    private func listen(_ line: SessionLine?) throws {
        guard let line else { return }
        for frame in try line.receive() {
            var frame = frame
            if RequestKind(rawValue: frame.kind & ~Frame.responseBit)?.isServed != true {
                // Nobody asks for a kind that is none; the refusal reads as a notice does.
                frame.kind = Frame.noticeKind
            }
            let response: TerminalResponse
            do throws(ResponseFault) {
                response = try ResponseDecoder.decode(frame, terminal: line.terminal)
            } catch {
                throw FuzzFinding(description: "an answer of kind \(frame.kind): \(error)")
            }
            guard response.result.code.isApproval, frame.kind != Frame.noticeKind else { continue }
            if frame.kind != RequestKind.signOn.responseKind { approvals += 1 }
            try check(response)
            known.learn(response)
        }
    }

    private func check(_ response: TerminalResponse) throws {
        guard case .settlement(let answer) = response.payload else { return }
        try FuzzFinding.unless(answer.balance >= .zero, "a balance of \(answer.balance)")
        guard answer.admission == nil else { return }
        var split = answer.split
        // The wire names relatives masked.
        split.owners = []
        let paid =
            split.pooled + split.large + split.supplement + split.account + split.family
            + split.cash
        try FuzzFinding.unless(
            paid == split.total, "\(split.total) are paid by \(paid)")
    }

    /// The line of a terminal or the operator, connected and signed on where it was not.
    private func line(_ index: Int) throws -> SessionLine? {
        if let line = lines[index], !line.isClosed { return line }
        lines[index]?.cut()
        let isOperator = index == Self.operatorLine
        let terminal = isOperator ? nil : SessionTown.terminals[index]
        let channel = EmbeddedChannel(loop: loop)
        try server.serve(channel, asOperator: isOperator)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/fuzz")).wait()
        let line = SessionLine(channel, terminal: terminal)
        lines[index] = line
        if let terminal {
            SteppedDaemon.announce(terminal, on: channel)
            line.send(
                RequestKind.signOn.rawValue,
                RequestEncoder.signOn(
                    SignOnRequest(
                        header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
                        terminal: terminal, software: "fuzz")))
            try listen(line)
        }
        return line
    }
}

/// The terminal's end of one connection.
final class SessionLine {
    let terminal: TerminalID?
    /// What was sent and not answered yet, by request id.
    private(set) var unanswered: [UInt32: UInt8] = [:]
    /// Bytes that are no frame were sent: what follows may be read as anything.
    var isDirty = false
    private let channel: EmbeddedChannel
    private var decoder: FrameDecoder
    private var lastRequestID: UInt32 = 0

    init(_ channel: EmbeddedChannel, terminal: TerminalID?) {
        self.channel = channel
        self.terminal = terminal
        decoder = FrameDecoder(.responses, lengthMax: Frame.operatorLengthMax)
    }

    var isClosed: Bool { !channel.isActive }

    func send(_ kind: UInt8, _ body: [UInt8]) {
        lastRequestID += 1
        unanswered[lastRequestID] = kind
        var buffer = ByteBuffer()
        FrameEncoder.append(kind: kind, requestID: lastRequestID, body: body, to: &buffer)
        deliver(buffer)
    }

    func deliver(_ bytes: ByteBuffer) {
        // A connection that the daemon is closing takes nothing any more.
        _ = try? channel.writeInbound(bytes)
    }

    /// The frames that have come.
    func receive() throws -> [Frame] {
        while let written = try channel.readOutbound(as: ByteBuffer.self) {
            decoder.append(written)
        }
        var frames: [Frame] = []
        while let frame = try decoder.next() {
            unanswered[frame.requestID] = nil
            frames.append(frame)
        }
        return frames
    }

    func cut() {
        if channel.isActive { channel.close(promise: nil) }
        channel.embeddedEventLoop.run()
    }
}
