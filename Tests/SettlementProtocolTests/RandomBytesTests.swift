import Ledger
import NIOCore
import Testing

@testable import SettlementProtocol

@Suite("Random bytes")
struct RandomBytesTests {
    private static let servedKinds = RequestKind.allCases.filter(\.isServed)

    /// Reads a body as every kind, both ways; what matters is that it ends.
    private func readAsEverything(_ body: [UInt8]) {
        let buffer = ByteBuffer(bytes: body)
        for kind in Self.servedKinds {
            do throws(RequestFault) {
                let request = try RequestDecoder.decode(kind, buffer)
                #expect(request.kind == kind)
            } catch {
                #expect(error.code == .formatError)
                #expect(!error.detail.isEmpty)
            }
            _ = try? ResponseDecoder.decode(kind.responseKind, buffer)
        }
        _ = try? ResponseDecoder.decode(Frame.noticeKind, buffer)
    }

    @Test("random bodies are read or refused, never trap", arguments: 1...20)
    func randomBodies(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        for _ in 0..<100 {
            let count = Int.random(in: 0...96, using: &generator)
            readAsEverything((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test("golden bodies with changed, cut and repeated bytes never trap", arguments: 1...20)
    func mutatedBodies(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        for vector in Vectors.messages {
            var body = Array(vector.body.readableBytesView)
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !body.isEmpty {
                let position = Int.random(in: 0..<body.count, using: &generator)
                switch Int.random(in: 0...3, using: &generator) {
                case 0: body[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: body[position] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                case 2: body.removeSubrange(position...)
                default: body.insert(contentsOf: body[..<position], at: position)
                }
            }
            readAsEverything(body)
        }
    }

    @Test("extreme numbers in every field never trap")
    func extremeNumbers() {
        // A varint of ten bytes: 2^64 - 1.
        let largest: [UInt8] = [UInt8](repeating: 0xff, count: 9) + [0x01]
        for field in 1...22 as ClosedRange<UInt8> {
            let tag: [UInt8] = field < 16 ? [field << 3] : [(field & 15) << 3 | 0x80, 0x01]
            readAsEverything(tag + largest)
            readAsEverything([0x08, 0xd3, 0xbd, 0xd4, 0x09, 0x10, 0x01] + tag + largest)
        }
    }

    @Test("random streams give frames until a fault, then only the fault", arguments: 1...20)
    func randomStreams(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        for _ in 0..<100 {
            let decoder = FrameReader(.requests)
            var fault: FrameFault?
            for _ in 0..<20 {
                var bytes = Vectors.requests.randomElement(using: &generator)?.frame ?? []
                if Bool.random(using: &generator) {
                    let position = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[position] = UInt8.random(in: 0...255, using: &generator)
                }
                decoder.append(ByteBuffer(bytes: bytes))
                do throws(FrameFault) {
                    while let frame = try decoder.next() {
                        #expect(fault == nil)
                        #expect(frame.kind < 0x80)
                    }
                } catch {
                    #expect(fault == nil || fault == error)
                    fault = error
                }
            }
        }
    }
}
