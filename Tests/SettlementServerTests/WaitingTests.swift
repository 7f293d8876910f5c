import Foundation
import Ledger
import SettlementDomain
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("What a full queue refuses")
struct WaitingTests {
    /// A request of Protocol/Vectors/frames, as it is on the wire.
    struct Vector: CustomTestStringConvertible {
        var kind: RequestKind
        var body: [UInt8]
        var testDescription: String { "\(kind)" }
    }

    private static let vectors: [Vector] = {
        struct Element: Decodable {
            var frame: String
        }
        let folder = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Protocol/Vectors/frames")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().filter { !$0.hasPrefix("malformed") }.flatMap { name in
            let data = (try? Data(contentsOf: folder.appendingPathComponent(name))) ?? Data()
            let elements = (try? JSONDecoder().decode([Element].self, from: data)) ?? []
            return elements.compactMap { element -> Vector? in
                let digits = Array(element.frame)
                let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                    UInt8(String(digits[$0...$0 + 1]), radix: 16)
                }
                guard bytes.count >= 12 else { return nil }
                return RequestKind(rawValue: bytes[5]).map {
                    Vector(kind: $0, body: Array(bytes.dropFirst(12)))
                }
            }
        }
    }()

    @Test("is what the session hands to the committer, and nothing else", arguments: vectors)
    func agrees(_ vector: Vector) throws {
        let kind = vector.kind
        guard kind != .signOn else { return #expect(!kind.waitsForCommitter) }
        let role = try #require(Role.allCases.first { $0 != .operator && $0.permits(kind) })
        func became(isOverloaded: Bool) -> SessionBench.Became {
            var bench = SessionBench()
            bench.publish(.terminal(Site.terminal(Site.pharmacy, "P99010000001", role)))
            #expect(bench.signOn() == .answered(.approved, .none))
            bench.isOverloaded = isOverloaded
            return bench.send(kind, vector.body)
        }
        #expect((became(isOverloaded: false) == .submitted) == kind.waitsForCommitter)
        let refused = SessionBench.Became.answered(.unavailable, .overloaded)
        #expect((became(isOverloaded: true) == refused) == kind.waitsForCommitter)
    }

    @Test("every kind that a terminal sends is tried")
    func allAreTried() {
        let others: Set<RequestKind> = [
            .proxyQuery, .operatorApply, .operatorQuery, .dayClose, .operatorMaintenance,
            .retireeCredit, .annualInterest,
        ]
        #expect(
            Set(Self.vectors.map(\.kind)).union(others) == Set(RequestKind.allCases))
    }
}
