import Ledger
import NIOCore
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("A connection")
struct ConnectionTests {
    @Test("requests of one read are offered at once, and answered in one flush")
    func oneTick() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        try bench.receive(
            ConnectionBench.settle(1), ConnectionBench.settle(2), ConnectionBench.settle(3))
        #expect(bench.sink.ticks.map(\.count) == [3])
        bench.reply(to: bench.sink.ticks[0])
        let flushes = try bench.flushes()
        #expect(flushes.count == 1)
        #expect(flushes.first?.map(\.requestID) == [1, 2, 3])
        #expect(flushes.first?.map(\.kind) == [0x92, 0x92, 0x92])
    }

    @Test("of a read full of requests that need no ledger 64 KiB are answered a turn, in order")
    func parts() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        let page = RequestEncoder.catalogPage(
            CatalogPageRequest(
                header: Site.header(stan: 0), version: nil, firstIndex: 0, count: nil))
        var requests = ByteBuffer()
        for id in 1...3_000 as ClosedRange<UInt32> {
            requests.writeImmutableBuffer(ConnectionBench.frame(.catalogPage, id, page))
        }
        try bench.receive(requests)
        #expect(!bench.handler.mayRead)
        bench.channel.embeddedEventLoop.run()
        #expect(bench.handler.mayRead)
        let flushes = try bench.flushes()
        #expect(flushes.flatMap { $0 }.map(\.requestID) == Array(1...3_000))
        let bytes = flushes.map { flush in
            flush.reduce(0) { $0 + $1.body.readableBytes + Frame.headerBytes }
        }
        #expect(bytes.count > 1 && bytes.allSatisfy { $0 < 65_536 + 1_024 })
    }

    @Test("a frame that comes byte by byte is one request")
    func byteByByte() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        var bytes = ConnectionBench.settle(1)
        while let byte = bytes.readSlice(length: 1) { try bench.receive(byte) }
        #expect(bench.sink.ticks.map(\.count) == [1])
    }

    @Test("where the queue is full each request gets 91 at once, and a retry succeeds")
    func overload() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        bench.sink.answer(with: .full)
        try bench.receive(ConnectionBench.settle(1), ConnectionBench.settle(2))
        let answers = try bench.answers()
        #expect(answers.map(\.id) == [1, 2])
        #expect(answers.allSatisfy { $0.code == .unavailable && $0.reason == .overloaded })
        bench.sink.answer(with: .accepted)
        try bench.receive(ConnectionBench.settle(1))
        #expect(bench.sink.ticks.map(\.count) == [1])
        #expect(bench.registry.text.contains("settled_requests_overloaded_total 2"))
    }

    @Test("as many of a read as the queue has room for go on; the rest get 91 and are not offered")
    func overloadWithinRead() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        bench.sink.room = 2
        try bench.receive(
            ConnectionBench.settle(1), ConnectionBench.settle(2), ConnectionBench.settle(3),
            ConnectionBench.echo(4), ConnectionBench.settle(5))
        #expect(bench.sink.ticks.map { $0.map(\.origin.requestID) } == [[1, 2]])
        let answers = try bench.answers()
        #expect(answers.map(\.id) == [3, 4, 5])
        #expect(answers.map(\.reason) == [.overloaded, .none, .overloaded])
        #expect(bench.registry.text.contains("settled_requests_overloaded_total 2"))
    }

    @Test("a queue that is closed means draining")
    func closedQueue() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        bench.sink.answer(with: .closed)
        try bench.receive(ConnectionBench.settle(1))
        #expect(try bench.answers().map(\.reason) == [.draining])
    }

    @Test("beyond the cap in flight frames wait, reading is held, and nothing is dropped")
    func inFlightCap() throws {
        var limits = Limits()
        limits.inFlightMax = 2
        let bench = try ConnectionBench(limits: limits)
        try bench.signOn()
        try bench.receive(
            ConnectionBench.settle(1), ConnectionBench.settle(2), ConnectionBench.settle(3),
            ConnectionBench.settle(4), ConnectionBench.echo(5))
        #expect(bench.sink.ticks.map(\.count) == [2])
        #expect(!bench.handler.mayRead)
        bench.channel.read()
        #expect(bench.handler.readIsHeld)
        bench.reply(to: bench.sink.ticks[0])
        #expect(bench.sink.ticks.map(\.count) == [2, 2])
        #expect(bench.handler.readIsHeld)
        bench.reply(to: bench.sink.ticks[1])
        #expect(!bench.handler.readIsHeld)
        #expect(try bench.answers().map(\.id) == [1, 2, 3, 4, 5])
    }

    @Test("held frames are not late, however long the store takes")
    func heldFramesAreNotLate() throws {
        var limits = Limits()
        limits.inFlightMax = 1
        let bench = try ConnectionBench(limits: limits)
        try bench.signOn()
        try bench.receive(ConnectionBench.settle(1), ConnectionBench.settle(2))
        bench.advance(by: .seconds(1_000))
        #expect(bench.channel.isActive)
        bench.reply(to: bench.sink.ticks[0])
        #expect(bench.sink.ticks.map(\.count) == [1, 1])
    }

    @Test("a peer that does not take its answers is read no more, and cut after thirty seconds")
    func unwritable() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        bench.channel.isWritable = false
        bench.channel.pipeline.fireChannelWritabilityChanged()
        try bench.receive(ConnectionBench.settle(1))
        bench.channel.read()
        #expect(bench.sink.ticks.isEmpty)
        #expect(bench.handler.readIsHeld)
        bench.advance(by: .milliseconds(29_999))
        #expect(bench.channel.isActive)
        bench.advance(by: .milliseconds(1))
        #expect(!bench.channel.isActive)
    }

    @Test("a peer that takes its answers again is served on")
    func writableAgain() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        bench.channel.isWritable = false
        bench.channel.pipeline.fireChannelWritabilityChanged()
        try bench.receive(ConnectionBench.settle(1))
        bench.channel.read()
        bench.channel.isWritable = true
        bench.channel.pipeline.fireChannelWritabilityChanged()
        #expect(bench.sink.ticks.map(\.count) == [1])
        #expect(!bench.handler.readIsHeld)
        bench.advance(by: .seconds(60))
        #expect(bench.channel.isActive)
    }

    @Test("bytes that are no frame get a notice, and the connection is closed")
    func noFrame() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        try bench.receive(ByteBuffer(bytes: [0, 0, 0, 0]))
        let answers = try bench.answers()
        #expect(answers.map(\.reason) == [.frameLength])
        #expect(answers.map(\.id) == [0])
        #expect(!bench.channel.isActive)
    }

    @Test("a bad frame behind good ones: those are answered first, then the notice, then the end")
    func badAfterGood() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        try bench.receive(ConnectionBench.settle(1), ByteBuffer(bytes: [0, 0, 0, 0]))
        #expect(try bench.answers().isEmpty)
        #expect(bench.channel.isActive)
        bench.reply(to: bench.sink.ticks[0])
        #expect(try bench.answers().map(\.id) == [1, 0])
        #expect(!bench.channel.isActive)
    }

    @Test("a handshake, then silence: closed after five seconds without a word")
    func silentHandshake() throws {
        let bench = try ConnectionBench()
        bench.advance(by: .milliseconds(4_999))
        #expect(bench.channel.isActive)
        bench.advance(by: .milliseconds(1))
        #expect(!bench.channel.isActive)
        #expect(try bench.answers().isEmpty)
        #expect(
            bench.registry.text.contains(
                "settled_limits_reached_total{limit=\"handshake_seconds\"} 1"))
    }

    @Test("of more handshakes than allowed the oldest ends; one that is over does not count")
    func oldestHandshake() throws {
        var limits = Limits()
        limits.handshakesMax = 1
        let bench = try ConnectionBench(limits: limits)
        let newer = try bench.another()
        #expect(!bench.channel.isActive && newer.isActive)
        ConnectionBench.announce(Site.pharmacy, on: newer)
        let newest = try bench.another()
        #expect(newer.isActive && newest.isActive)
        #expect(
            bench.registry.text.contains("settled_limits_reached_total{limit=\"handshakes\"} 1\n"))
    }

    @Test(
        """
        a certificate with as many connections as it may, signed on or not, gets a notice 58 for \
        one more; a closed one makes room
        """)
    func certificateCap() throws {
        var limits = Limits()
        limits.connectionsPerCertificateMax = 1
        let bench = try ConnectionBench(limits: limits)
        bench.handshake()
        let second = try bench.another()
        ConnectionBench.announce(Site.pharmacy, on: second)
        let notice = try #require(try ConnectionBench.frames(second).first)
        #expect(notice.kind == Frame.noticeKind)
        let result = try ResponseDecoder.decode(notice).result
        #expect(result.code == .notPermittedToTerminal && result.reason == .tooManyConnections)
        #expect(!second.isActive)
        let other = try bench.another()
        ConnectionBench.announce(Site.hospital, on: other)
        #expect(other.isActive)

        try bench.channel.close().wait()
        bench.channel.embeddedEventLoop.run()
        let third = try bench.another()
        ConnectionBench.announce(Site.pharmacy, on: third)
        #expect(try ConnectionBench.frames(third).isEmpty && third.isActive)
        let name = "settled_limits_reached_total{limit=\"connections_per_certificate\"}"
        #expect(bench.registry.text.contains(name + " 1\n"))
    }

    @Test("a header, then silence: a notice after ten seconds")
    func silentFrame() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        try bench.receive(ByteBuffer(bytes: [0, 0]))
        bench.advance(by: .milliseconds(9_999))
        #expect(bench.channel.isActive)
        bench.advance(by: .milliseconds(1))
        #expect(try bench.answers().map(\.reason) == [.deadlinePassed])
        #expect(!bench.channel.isActive)
    }

    @Test("one byte a second is closed at the frame's deadline, not kept alive by its bytes")
    func dripping() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        var bytes = ConnectionBench.settle(1)
        for _ in 0..<10 {
            if let byte = bytes.readSlice(length: 1) { try bench.receive(byte) }
            bench.advance(by: .seconds(1))
        }
        #expect(!bench.channel.isActive)
        #expect(bench.sink.ticks.isEmpty)
    }

    @Test("silence is closed after the idle time; an echo keeps alive; work in flight is not idle")
    func idle() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        bench.advance(by: .seconds(119))
        try bench.receive(ConnectionBench.echo(1))
        bench.advance(by: .seconds(119))
        try bench.receive(ConnectionBench.settle(2))
        bench.advance(by: .seconds(500))
        #expect(bench.channel.isActive)
        bench.reply(to: bench.sink.ticks[0])
        _ = try bench.answers()
        bench.advance(by: .seconds(120))
        #expect(try bench.answers().map(\.reason) == [.deadlinePassed])
        #expect(!bench.channel.isActive)
    }

    @Test("who never signs on is cut, however busy with refused requests")
    func neverSignedOn() throws {
        let bench = try ConnectionBench()
        bench.handshake()
        for id in 1...13 as ClosedRange<UInt32> {
            bench.advance(by: .seconds(9))
            try bench.receive(ConnectionBench.echo(id))
        }
        #expect(bench.channel.isActive)
        bench.advance(by: .seconds(8))
        #expect(!bench.channel.isActive)
    }

    @Test("a connection that is cut in mid-frame executes nothing")
    func cutInMidFrame() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        var bytes = ConnectionBench.settle(1)
        if let half = bytes.readSlice(length: 40) { try bench.receive(half) }
        try bench.channel.close().wait()
        #expect(bench.sink.ticks.isEmpty)
    }

    @Test("an answer to a connection that is gone finds nobody")
    func goneConnection() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        try bench.receive(ConnectionBench.settle(1))
        try bench.channel.close().wait()
        bench.channel.embeddedEventLoop.run()
        bench.reply(to: bench.sink.ticks[0])
        #expect(try bench.answers().isEmpty)
        #expect(bench.loop.table.value.count == 0)
    }

    @Test("draining answers what is in flight, then says so and closes")
    func draining() throws {
        let bench = try ConnectionBench()
        try bench.signOn()
        try bench.receive(ConnectionBench.settle(1))
        bench.handler.drain()
        try bench.receive(ConnectionBench.settle(2))
        #expect(try bench.answers().map(\.reason) == [.draining])
        bench.reply(to: bench.sink.ticks[0])
        let answers = try bench.answers()
        #expect(answers.map(\.id) == [1, 0])
        #expect(answers.map(\.reason) == [.none, .draining])
        #expect(!bench.channel.isActive)
    }

    @Test("draining closes a connection whose handshake is not over")
    func drainingHandshake() throws {
        let bench = try ConnectionBench()
        bench.handler.drain()
        bench.channel.embeddedEventLoop.run()
        #expect(!bench.channel.isActive)
    }

    @Test("a closed connection gives its terminal's place back")
    func place() throws {
        var limits = Limits()
        limits.connectionsPerTerminalMax = 1
        let bench = try ConnectionBench(limits: limits)
        try bench.signOn()
        #expect(!bench.around.session.terminals.acquire(Site.pharmacy))
        try bench.channel.close().wait()
        bench.channel.embeddedEventLoop.run()
        #expect(bench.around.session.terminals.acquire(Site.pharmacy))
    }

    @Test("an operator needs no handshake and no sign-on")
    func localOperator() throws {
        let bench = try ConnectionBench(kind: .localOperator)
        try bench.receive(ConnectionBench.echo(1))
        #expect(try bench.answers().map(\.code) == [.approved])
        bench.advance(by: .seconds(60))
        #expect(bench.channel.isActive)
    }
}
