import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("the settle response, written by hand")
struct WireWriterTests {
    @Test(
        "has the bytes that the message object has",
        arguments: [0, 1, -1, 127, 128, 16_383, 1 << 40, .max, .min] as [Int64], [0, 1, 3, 200])
    func isCanonical(_ amount: Int64, _ parts: Int) throws {
        var answer = try Samples.settlement()
        answer.split.total = Money(fen: amount)
        answer.split.cash = Money(fen: amount &+ 1)
        answer.split.payable = Money(fen: amount)
        answer.split.parts = (0..<parts).map { line in
            var part = LinePart(
                line: line, itemClass: .catalog, reason: .levelB,
                quantity: Quantity(thousandths: amount), amount: Money(fen: amount))
            part.cash = Money(fen: amount)
            return part
        }
        answer.balance = Money(fen: amount)
        answer.quoteDigest = UInt64(bitPattern: amount)
        var result = ResultFields(
            code: .approved, businessDate: nil, time: amount,
            detail: String(repeating: "药", count: parts), clockDifference: amount)
        for _ in 0..<2 {
            let bytes = ResponseEncoder.settlement(answer, result)
            let wire = try #require(WireSettleResponse(body: ByteBuffer(bytes: bytes)))
            #expect(wire.bodyBytes == bytes)
            #expect(wire.split.total == amount)
            #expect(wire.parts.count == parts)
            #expect(wire.parts.allSatisfy { $0.quantity == amount && $0.cash == amount })
            answer.id = nil
            answer.accumulator = nil
            answer.benefitCategory = nil
            answer.split.owners = []
            answer.split.plans = []
            result.replayed = true
            result.triesLeft = 2
        }
    }
}
