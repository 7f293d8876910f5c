import Foundation
import FuzzTargets
import TestSupport
import Testing

@Suite("Fuzzing's inputs")
struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fuzz/Corpus")

    private static func corpus(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = folder.appendingPathComponent(target.rawValue)
        // Where nothing is kept yet, there is no folder either.
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
            ($0, [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))))
        }
    }

    @Test("every input that is kept holds what always must", arguments: FuzzTarget.allCases)
    func corpus(_ target: FuzzTarget) throws {
        for (name, bytes) in try Self.corpus(of: target) {
            do {
                _ = try target.run(bytes)
            } catch {
                Issue.record("\(target.rawValue)/\(name): \(error)")
            }
        }
    }

    @Test("seeds are accepted, and hold what always must", arguments: FuzzTarget.allCases)
    func seeds(_ target: FuzzTarget) throws {
        let seeds = try target.seeds()
        var accepted = 0
        for (number, bytes) in seeds.enumerated() {
            do {
                if try target.run(bytes) { accepted += 1 }
            } catch {
                Issue.record("\(target.rawValue), seed \(number): \(error)")
            }
        }
        #expect(accepted * 2 > seeds.count, "\(accepted) of \(seeds.count)")
    }

    /// The same changes each time; `SETTLED_SEED` and `SETTLED_MUTATIONS` make others and more, and
    /// the file of `SETTLED_LAST_INPUT` then holds what was run last.
    @Test("changed seeds hold what always must", arguments: FuzzTarget.allCases)
    func mutations(_ target: FuzzTarget) throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["SETTLED_SEED"].flatMap { UInt64($0) } ?? 1
        let count = environment["SETTLED_MUTATIONS"].flatMap { Int($0) }
        let record = environment["SETTLED_LAST_INPUT"].map { "\($0)-\(target.rawValue)" }
        print("changed seeds of \(target.rawValue): SETTLED_SEED=\(seed)")
        var random = SplitMix(seed: seed)
        // Certificates are made anew each time: of those, only what is kept can be repeated.
        let inputs =
            try Self.corpus(of: target).map(\.bytes)
            + (target == .certificates ? [] : target.seeds())
        for number in 0..<(count ?? (target == .sessions ? 40 : 1_000)) {
            let input = FuzzMutation.changed(
                try #require(inputs.randomElement(using: &random)),
                with: try #require(inputs.randomElement(using: &random)), using: &random)
            if let record { try Data(input).write(to: URL(fileURLWithPath: record)) }
            do {
                _ = try target.run(input)
            } catch {
                let text = Data(input).base64EncodedString()
                Issue.record("\(target.rawValue), \(number): \(error); \(text)")
            }
        }
    }
}
