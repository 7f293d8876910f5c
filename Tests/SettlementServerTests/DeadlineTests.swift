import NIOCore
import NIOEmbedded
import Testing

@testable import SettlementServer

@Suite("Deadlines")
struct DeadlineTests {
    private let durations = Deadlines.Durations(
        handshake: .seconds(5), frame: .seconds(10), idle: .seconds(120), write: .seconds(30))
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test("a handshake has five seconds from the connection's first moment")
    func handshake() {
        var deadlines = Deadlines(durations)
        deadlines.connected(at: start)
        #expect(deadlines.passed(at: start + .milliseconds(4_999)) == nil)
        #expect(deadlines.passed(at: start + .seconds(5)) == .handshake)
    }

    @Test("a frame has ten seconds from its first byte, however its bytes drip")
    func drip() {
        var deadlines = Deadlines(durations)
        deadlines.established(at: start)
        for second in 0..<10 as Range<Int64> {
            deadlines.received(
                wholeFrames: false, partOfFrame: true, isBusy: false, at: start + .seconds(second))
        }
        #expect(deadlines.passed(at: start + .milliseconds(9_999)) == nil)
        #expect(deadlines.passed(at: start + .seconds(10)) == .frame)
    }

    @Test("each frame has its own ten seconds")
    func nextFrame() {
        var deadlines = Deadlines(durations)
        deadlines.established(at: start)
        deadlines.received(wholeFrames: false, partOfFrame: true, isBusy: false, at: start)
        deadlines.received(
            wholeFrames: true, partOfFrame: true, isBusy: false, at: start + .seconds(9))
        #expect(deadlines.passed(at: start + .seconds(18)) == nil)
        #expect(deadlines.passed(at: start + .seconds(19)) == .frame)
    }

    @Test("silence is idle after 120 seconds, but not while a request is in flight")
    func idle() {
        var deadlines = Deadlines(durations)
        deadlines.established(at: start)
        deadlines.received(wholeFrames: true, partOfFrame: false, isBusy: true, at: start)
        #expect(deadlines.next == nil)
        let answered = start + .seconds(300)
        deadlines.received(wholeFrames: false, partOfFrame: false, isBusy: false, at: answered)
        #expect(deadlines.passed(at: answered + .milliseconds(119_999)) == nil)
        #expect(deadlines.passed(at: answered + .seconds(120)) == .idle)
    }

    @Test("who never signs on is cut, whatever else is sent")
    func signOn() {
        var deadlines = Deadlines(durations)
        deadlines.connected(at: start)
        deadlines.established(at: start)
        deadlines.received(
            wholeFrames: true, partOfFrame: false, isBusy: false, at: start + .seconds(100))
        #expect(deadlines.passed(at: start + .seconds(125)) == .signOn)
        deadlines.signedOn()
        #expect(deadlines.passed(at: start + .seconds(125)) == nil)
    }

    @Test("a peer that does not take its answers has thirty seconds, from the first moment on")
    func write() {
        var deadlines = Deadlines(durations)
        deadlines.writability(isWritable: false, at: start)
        deadlines.writability(isWritable: false, at: start + .seconds(20))
        #expect(deadlines.passed(at: start + .seconds(30)) == .write)
        deadlines.writability(isWritable: true, at: start + .seconds(30))
        #expect(deadlines.passed(at: start + .seconds(60)) == nil)
    }

    @Test("the timer fires at what is due, and once for a deadline that moves back")
    func timer() {
        let loop = EmbeddedEventLoop()
        var fired: [NIODeadline] = []
        var due = loop.now + .seconds(10)
        let timer = DeadlineTimer(eventLoop: loop) { now in
            fired.append(now)
            return now < due ? due : nil
        }
        timer.arm(for: due)
        due = due + .seconds(5)
        timer.arm(for: due)
        loop.advanceTime(by: .seconds(9))
        #expect(fired.isEmpty)
        loop.advanceTime(by: .seconds(1))
        #expect(fired.count == 1)
        loop.advanceTime(by: .seconds(5))
        #expect(fired.count == 2)
        loop.advanceTime(by: .seconds(100))
        #expect(fired.count == 2)
    }

    @Test("an earlier deadline sets the timer anew, and stopping it ends it")
    func earlier() {
        let loop = EmbeddedEventLoop()
        var fired = 0
        let timer = DeadlineTimer(eventLoop: loop) { _ in
            fired += 1
            return nil
        }
        timer.arm(for: loop.now + .seconds(120))
        timer.arm(for: loop.now + .seconds(10))
        loop.advanceTime(by: .seconds(10))
        #expect(fired == 1)
        timer.arm(for: loop.now + .seconds(10))
        timer.stop()
        loop.advanceTime(by: .seconds(200))
        #expect(fired == 1)
    }
}
