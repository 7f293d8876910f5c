import Foundation
import NIOCore
import Testing

@testable import SettlementProtocol

@Suite("A settle, read by hand")
struct SettleFieldsTests {
    /// Reads a body by hand, and by SwiftProtobuf.
    private static func both(_ body: [UInt8]) -> (hand: SettleFields?, library: SettleFields?) {
        let buffer = ByteBuffer(bytes: body)
        return (
            SettleFields(canonical: buffer, .settle),
            WireSettle(body: buffer).map { SettleFields(.settle, $0) }
        )
    }

    private static func sample() throws -> [UInt8] {
        RequestEncoder.settle(
            try Samples.header(), try Samples.command(lines: Samples.lines()),
            pinBlock: [UInt8](0..<16))
    }

    @Test("whatever a library writes gives the same fields and voucher", arguments: 1...40)
    func readsAlike(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        for _ in 0..<50 {
            let wire = RandomWires.settle(using: &generator)
            let (hand, library) = Self.both(wire.bodyBytes)
            #expect(hand == library)
            #expect(hand != nil)
        }
    }

    @Test(
        "what is changed, cut, repeated or in another order is never read otherwise",
        arguments: 1...40)
    func neverReadsOtherwise(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        var asCanonical = 0
        for _ in 0..<200 {
            var body = RandomWires.settle(using: &generator).bodyBytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !body.isEmpty {
                let position = Int.random(in: 0..<body.count, using: &generator)
                switch Int.random(in: 0...4, using: &generator) {
                case 0: body[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: body[position] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                case 2: body.removeSubrange(position...)
                case 3: body.insert(contentsOf: body[..<position], at: position)
                default:
                    if let fields = try? WireFields.split(body) {
                        body = fields.shuffled(using: &generator).flatMap(\.bytes)
                    }
                }
            }
            let (hand, library) = Self.both(body)
            guard let hand else { continue }
            asCanonical += 1
            #expect(hand == library)
            #expect(hand.voucher.count <= body.count + 1)
        }
        #expect(asCanonical > 0)
    }

    @Test(
        "what no library writes is left to SwiftProtobuf, which reads it",
        arguments: [
            ("a longer varint", [0x50, 0x8a, 0x00]), ("a default written out", [0x50, 0x00]),
            ("an unknown field", [0xa0, 0x06, 0x01]), ("a field before its place", [0x10, 0x2b]),
            ("a field again", [0x72, 0x01, 0x41, 0x72, 0x01, 0x42]),
            ("a truth of 2", [0x58, 0x02]), ("an empty text", [0x72, 0x00]),
            ("33 bits of 32", [0x50, 0x81, 0x80, 0x80, 0x80, 0x10]),
            ("a longer length", [0x72, 0x81, 0x00, 0x41]),
            ("another wire type", [0x75, 1, 2, 3, 4]),
            ("an empty line's item", [0x4a, 0x02, 0x12, 0x00]),
        ] as [(String, [UInt8])])
    func leaves(_ name: String, _ more: [UInt8]) throws {
        // Fields 1 to 9 alone, so that what follows stands in its place.
        let fields = try WireFields.split(Self.sample()).filter { $0.number <= 9 }
        let body = fields.flatMap(\.bytes)
        #expect(Self.both(body).hand != nil)
        let (hand, library) = Self.both(body + more)
        #expect(hand == nil, "\(name)")
        #expect(library != nil, "\(name)")
        #expect(SettleFields(.settle, ByteBuffer(bytes: body + more)) == library)
    }

    @Test("a body cut anywhere within a field is not read by hand")
    func isWhole() throws {
        let body = try Self.sample()
        var ends: Set<Int> = [0]
        for field in try WireFields.split(body) {
            ends.insert((ends.max() ?? 0) + field.bytes.count)
        }
        for end in 0..<body.count {
            let (hand, library) = Self.both(Array(body[..<end]))
            #expect((hand != nil) == ends.contains(end), "\(end)")
            #expect(hand == nil || hand == library)
        }
    }
}

/// Messages with any values in their fields, as a library writes them.
private enum RandomWires {
    static func settle(using generator: inout SplitMix) -> WireSettle {
        var wire = WireSettle()
        wire.businessDate = unsigned(&generator)
        wire.stan = unsigned(&generator)
        wire.terminalTime = signed(&generator)
        wire.card = bytes(&generator)
        wire.pinBlock = bytes(&generator)
        wire.visitType =
            WireVisitType(rawValue: Int.random(in: 0...127, using: &generator)) ?? .unspecified
        wire.total = signed(&generator)
        wire.catalogVersion = unsigned(&generator)
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            wire.lines.append(line(using: &generator))
        }
        wire.serviceDate = unsigned(&generator)
        wire.partialAllowed = Bool.random(using: &generator)
        if Bool.random(using: &generator) { wire.accountLimit = signed(&generator) }
        wire.quoteDigest = UInt64(bitPattern: signed(&generator))
        wire.diagnosis = text(&generator)
        wire.billNumber = text(&generator)
        return wire
    }

    private static func line(using generator: inout SplitMix) -> WireLine {
        var line = WireLine()
        switch Int.random(in: 0...2, using: &generator) {
        case 0: line.index = unsigned(&generator)
        case 1: line.code = text(&generator) + "X"
        default: break
        }
        line.quantity = signed(&generator)
        line.unitPrice = signed(&generator)
        line.amount = signed(&generator)
        line.courseDays = unsigned(&generator)
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            line.traceCodes.append(text(&generator))
        }
        return line
    }

    /// Of any length, zero too.
    private static func signed(_ generator: inout SplitMix) -> Int64 {
        let value =
            Int64(bitPattern: generator.next()) >> Int64.random(in: 0...63, using: &generator)
        return Bool.random(using: &generator) ? value : 0
    }

    private static func unsigned(_ generator: inout SplitMix) -> UInt32 {
        UInt32(truncatingIfNeeded: signed(&generator))
    }

    private static func bytes(_ generator: inout SplitMix) -> Data {
        let count = Int.random(in: 0...20, using: &generator)
        return Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    private static func text(_ generator: inout SplitMix) -> String {
        let letters = ["A", "7", " ", "药", "🏥", "\u{0}", "e\u{301}"]
        let count = Int.random(in: 0...60, using: &generator) / 3
        return (0..<count).compactMap { _ in letters.randomElement(using: &generator) }.joined()
    }
}
