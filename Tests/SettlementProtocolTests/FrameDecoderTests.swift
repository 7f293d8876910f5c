import NIOCore
import Testing

@testable import SettlementProtocol

/// A decoder that expectations may call.
final class FrameReader {
    var decoder: FrameDecoder

    init(_ direction: FrameDecoder.Direction, lengthMax: UInt32 = Frame.terminalLengthMax) {
        decoder = FrameDecoder(direction, lengthMax: lengthMax)
    }

    func append(_ bytes: ByteBuffer) {
        decoder.append(bytes)
    }

    func next() throws(FrameFault) -> Frame? {
        try decoder.next()
    }

    var isInsideFrame: Bool { decoder.isInsideFrame }
    var waitingBytes: Int { decoder.waitingBytes }
    var storageBytes: Int { decoder.storageBytes }
}

@Suite("Frames")
struct FrameDecoderTests {
    private static func frames(_ vectors: [MessageVector]) -> ByteBuffer {
        ByteBuffer(bytes: vectors.flatMap(\.frame))
    }

    private static func drain(_ decoder: FrameReader) throws(FrameFault) -> [Frame] {
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    @Test("bytes that come in pieces of any size give the same frames", arguments: 1...67)
    func pieces(_ size: Int) throws {
        let whole = FrameReader(.requests)
        whole.append(Self.frames(Vectors.requests))
        let expected = try Self.drain(whole)
        #expect(expected.count == Vectors.requests.count)

        let decoder = FrameReader(.requests)
        var rest = Self.frames(Vectors.requests)
        var frames: [Frame] = []
        while rest.readableBytes > 0 {
            let piece = rest.readSlice(length: min(size, rest.readableBytes))
            decoder.append(try #require(piece))
            frames += try Self.drain(decoder)
        }
        #expect(frames == expected)
        #expect(!decoder.isInsideFrame)
    }

    @Test("a frame is given out with its last byte, not before")
    func lastByte() throws {
        for vector in Vectors.requests {
            let decoder = FrameReader(.requests)
            for byte in vector.frame.dropLast() {
                decoder.append(ByteBuffer(bytes: [byte]))
                #expect(try decoder.next() == nil)
                #expect(decoder.isInsideFrame)
            }
            decoder.append(ByteBuffer(bytes: vector.frame.suffix(1)))
            #expect(try decoder.next()?.body == vector.body)
            #expect(!decoder.isInsideFrame)
        }
    }

    @Test("a body given out stays as it was when more bytes arrive")
    func bodiesAreValues() throws {
        let first = try Vectors.message("settle_request")
        let second = try Vectors.message("quote_request")
        let decoder = FrameReader(.requests)
        decoder.append(ByteBuffer(bytes: first.frame + second.frame.prefix(20)))
        let frame = try #require(try decoder.next())
        #expect(try decoder.next() == nil)
        decoder.append(ByteBuffer(bytes: second.frame.dropFirst(20)))
        #expect(try decoder.next()?.body == second.body)
        #expect(frame.body == first.body)
    }

    @Test("of every value of every header byte only the right ones pass", arguments: 0..<12)
    func headerMutations(_ position: Int) throws {
        let original = try Vectors.message("settle_request").frame
        for value in UInt8.min...UInt8.max {
            var bytes = original
            bytes[position] = value
            let length = bytes[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let decoder = FrameReader(.requests)
            decoder.append(ByteBuffer(bytes: bytes))
            let expected: FrameFault? =
                if length < 8 {
                    .lengthBelowHeader(length)
                } else if length > Frame.terminalLengthMax {
                    .lengthAboveLimit(length, max: Frame.terminalLengthMax)
                } else if bytes[4] != 1 {
                    .version(bytes[4])
                } else if bytes[5] >= 0x80 {
                    .direction(kind: bytes[5])
                } else if bytes[6] != 0 || bytes[7] != 0 {
                    .flags(UInt16(bytes[6]) << 8 | UInt16(bytes[7]))
                } else {
                    nil
                }
            if let expected {
                #expect(throws: expected) { try decoder.next() }
            } else {
                let frame = try decoder.next()
                let isWhole = Int(length) + 4 <= bytes.count
                #expect((frame != nil) == isWhole)
            }
        }
    }

    @Test("each header field is judged before the bytes behind it are there")
    func judgedEarly() throws {
        let prefixes: [([UInt8], FrameFault)] = [
            ([0, 0, 0, 7], .lengthBelowHeader(7)),
            ([0, 1, 0, 1], .lengthAboveLimit(65_537, max: 65_536)),
            ([0, 0, 0, 8, 3], .version(3)),
            ([0, 0, 0, 8, 1, 0x92], .direction(kind: 0x92)),
            ([0, 0, 0, 8, 1, 0x12, 0x40, 0], .flags(0x4000)),
        ]
        for (bytes, fault) in prefixes {
            let decoder = FrameReader(.requests)
            decoder.append(ByteBuffer(bytes: bytes.dropLast()))
            #expect(try decoder.next() == nil)
            decoder.append(ByteBuffer(bytes: bytes.suffix(1)))
            #expect(throws: fault) { try decoder.next() }
        }
    }

    @Test("a fault is given again, whatever comes after it")
    func faultsStay() throws {
        let decoder = FrameReader(.requests)
        decoder.append(ByteBuffer(bytes: [0, 0, 0, 0]))
        #expect(throws: FrameFault.lengthBelowHeader(0)) { try decoder.next() }
        decoder.append(ByteBuffer(bytes: try Vectors.message("echo_request").frame))
        #expect(throws: FrameFault.lengthBelowHeader(0)) { try decoder.next() }
        #expect(decoder.waitingBytes == 0)
    }

    @Test("frames before a fault are given out first")
    func framesBeforeFault() throws {
        let decoder = FrameReader(.requests)
        decoder.append(
            ByteBuffer(bytes: try Vectors.message("echo_request").frame + [0xff, 0xff, 0xff, 0xff]))
        #expect(try decoder.next()?.kind == 0x03)
        #expect(throws: FrameFault.self) { try decoder.next() }
    }

    @Test("a length of the limit is taken, one more is not")
    func limit() throws {
        let body = ByteBuffer(repeating: 7, count: Int(Frame.terminalLengthMax) - 8)
        var bytes = ByteBuffer()
        FrameEncoder.append(kind: 0x12, requestID: 1, body: body, to: &bytes)
        let decoder = FrameReader(.requests)
        decoder.append(bytes)
        #expect(try decoder.next()?.body == body)

        let narrow = FrameReader(.requests, lengthMax: Frame.terminalLengthMax - 1)
        narrow.append(bytes)
        #expect(throws: FrameFault.lengthAboveLimit(65_536, max: 65_535)) { try narrow.next() }
    }

    @Test("an announced length allocates nothing")
    func announcedLength() throws {
        let decoder = FrameReader(.requests, lengthMax: Frame.operatorLengthMax)
        // 64 MiB are announced, one byte at a time.
        for byte: UInt8 in [4, 0, 0, 0, 1, 0x60, 0, 0, 0, 0, 0, 1, 9, 9, 9] {
            decoder.append(ByteBuffer(bytes: [byte]))
            #expect(try decoder.next() == nil)
            #expect(decoder.storageBytes <= 64)
        }
        #expect(decoder.waitingBytes == 15)
    }

    @Test("an idle decoder holds no storage")
    func idle() throws {
        let decoder = FrameReader(.requests)
        var bytes = ByteBufferAllocator().buffer(capacity: 16_384)
        bytes.writeBytes(try Vectors.message("echo_request").frame)
        decoder.append(bytes)
        #expect(try decoder.next() != nil)
        #expect(try decoder.next() == nil)
        #expect(decoder.storageBytes == 0)
    }

    @Test("an empty body is a frame of twelve bytes")
    func emptyBody() throws {
        var bytes = ByteBuffer()
        FrameEncoder.append(kind: 0x03, requestID: 0xdead_beef, body: [], to: &bytes)
        #expect(Hex.text(bytes.readableBytesView) == "0000000801030000deadbeef")
        let decoder = FrameReader(.requests)
        decoder.append(bytes)
        #expect(
            try decoder.next()
                == Frame(kind: 3, requestID: 0xdead_beef, body: ByteBuffer()))
    }
}
