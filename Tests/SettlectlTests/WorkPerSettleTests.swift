import Foundation
import Testing

@Suite("What a settle costs, counted and not timed", .serialized)
struct WorkPerSettleTests {
    /// Instructions that the committer's work on one settle of three lines takes in a debug build.
    ///
    /// Counted by callgrind, so that they are the same on a busy machine; an eighth more than was
    /// seen is allowed. Raise it only for a reason that the commit names.
    static let instructionsMax = 1_190_000
    /// Calls of `malloc` and its like: 461 to 484 were seen, since rows are sorted from pivots that
    /// are drawn.
    static let allocationsMax = 530

    @Test("a settle costs the committer no more instructions and allocations than before")
    func costsNoMore() throws {
        let command = try Command()
        defer { command.remove() }
        #expect(try command.demo(persons: 300, terminals: 12).code == 0)
        let few = try Self.counts(of: 96, command)
        let many = try Self.counts(of: 480, command)
        // A fifth as many settles come before those that are asked for.
        let settles = (480 - 96) * 6 / 5
        let instructions = (many.instructions - few.instructions) / settles
        let allocations = (many.allocations - few.allocations) / settles
        print("a settle: \(instructions) instructions, \(allocations) allocations")
        #expect(instructions > 10_000, "nothing was counted")
        #expect(instructions <= Self.instructionsMax)
        #expect(allocations > 10, "nothing was counted")
        #expect(allocations <= Self.allocationsMax)
    }

    /// All that a process does that commits so many settles in batches of 32.
    private static func counts(
        of settles: Int, _ command: Command
    ) throws -> (instructions: Int, allocations: Int) {
        let ledger = command.folder + "/ledger.sqlite"
        let profile = command.folder + "/profile"
        for suffix in ["", "-wal", "-shm", ".mark"] {
            try? FileManager.default.removeItem(atPath: ledger + suffix)
            let original = command.site + "/store.sqlite" + suffix
            guard FileManager.default.fileExists(atPath: original) else { continue }
            try FileManager.default.copyItem(atPath: original, toPath: ledger + suffix)
        }
        // callgrind stumbles over this compiler's debug information.
        let bench = command.folder + "/settle-bench"
        if !FileManager.default.fileExists(atPath: bench) {
            let stripped = try Command.run(
                "/usr/bin/env",
                [
                    "objcopy", "--strip-debug", Command.path(of: "settle-bench"), bench,
                ], in: command.folder)
            try #require(stripped.code == 0, "\(stripped.errors)")
        }
        let run = try Command.run(
            "/usr/bin/env",
            [
                "SWIFT_DETERMINISTIC_HASHING=1", "valgrind", "--tool=callgrind",
                "--callgrind-out-file=\(profile)", bench, "commit-batches",
                "--config", command.site + "/settled.yaml", "--ledger", ledger, "--batch", "32",
                "--count", "\(settles)",
            ], in: command.folder)
        try #require(run.code == 0, "\(run.errors)")
        return try read(profile)
    }

    /// The sums of a profile: its totals, and the calls of functions that give memory.
    ///
    /// - Source: "Callgrind Format Specification" of the Valgrind manual.
    private static func read(_ path: String) throws -> (instructions: Int, allocations: Int) {
        var instructions = 0
        var allocations = 0
        var names: [Substring: Substring] = [:]
        var called: Substring = ""
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("totals: ") || line.hasPrefix("summary: ") {
                instructions = Int(line.split(separator: " ")[1]) ?? 0
            } else if let name = line.value(of: "cfn=") ?? line.value(of: "fn=") {
                // `(12) name` the first time, `(12)` from then on.
                let parts = name.split(separator: " ", maxSplits: 1)
                if parts.count == 2 { names[parts[0]] = parts[1] }
                if line.hasPrefix("cfn=") { called = names[parts[0]] ?? "" }
            } else if let calls = line.value(of: "calls="), isAllocation(called) {
                allocations += Int(calls.split(separator: " ")[0]) ?? 0
            }
        }
        return (instructions, allocations)
    }

    private static func isAllocation(_ name: Substring) -> Bool {
        ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"].contains {
            name == $0 || name.hasPrefix($0 + "@")
        }
    }
}

extension Substring {
    /// What follows a name that the line begins with.
    fileprivate func value(of name: String) -> Substring? {
        hasPrefix(name) ? dropFirst(name.count) : nil
    }
}
