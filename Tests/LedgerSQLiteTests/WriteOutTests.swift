import Foundation
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: writing out what was copied")
struct WriteOutTests {
    @Test("copying the log into the file leaves the store the locks that it holds on the file")
    func locksStay() throws {
        let bench = try Bench(seed: 31)
        let held = try locks(on: bench.path)
        #expect(held.count > 0)
        let before = try size(of: bench.path)
        var rounds = 0
        // Nothing but a copy makes the file longer.
        while try size(of: bench.path) == before, rounds < 400 {
            try bench.run(70)
            rounds += 1
        }
        #expect(try size(of: bench.path) > before)
        try bench.run(700)
        #expect(try locks(on: bench.path) == held)
    }

    @Test("what the committer reads never keeps the log from being begun anew")
    func readsPass() throws {
        let bench = try Bench(seed: 33)
        for _ in 0..<60 {
            try bench.run(28)
            for _ in 0..<10 { _ = try bench.store.read(.persons(after: nil, limit: 1000)) }
        }
        #expect(bench.store.checkpointer.readersMet == 0)
    }

    @Test("what waits is swept without a longer log: at a clean stop, at a start after a kill")
    func sweepingKeepsTheLogShort() throws {
        func options(waitingRowsMax: Int) -> SQLiteStore.Options {
            SQLiteStore.Options(
                waitingRowsMax: waitingRowsMax, cachedRowsMax: 5, pageCacheBytes: 1 << 20,
                logPagesMax: 16)
        }
        let bench = try Bench(seed: 34, options: options(waitingRowsMax: 100_000))
        try bench.run(4200)
        let waiting = bench.store.projections.waiting
        #expect(waiting > 8000)
        bench.store.letGo()
        bench.store = try SQLiteStore(
            opening: bench.path, seal: TestSeal(), options: options(waitingRowsMax: waiting / 2))
        #expect(bench.store.projections.waiting < waiting / 2)
        let long = try size(of: bench.path + "-wal")
        try bench.run(2100)
        bench.store.letGo()
        bench.store = try SQLiteStore(
            opening: bench.path, seal: TestSeal(), options: options(waitingRowsMax: 100_000))
        #expect(bench.store.projections.waiting > 3000)
        bench.store.close()
        let longest = try max(long, size(of: bench.path + "-wal"))
        // A slice has 128 rows, each in a page of its own at the most, with some pages above them.
        #expect(longest < (16 + 128 + 32) * 4120, "\(longest) bytes")
    }

    @Test("all of a file is written, and a file that is not there is none")
    func whole() throws {
        let bench = try Bench(seed: 32)
        try bench.run(70)
        let file = try #require(WriteOut(path: bench.path + "-wal"))
        #expect(file.run())
        #expect(WriteOut(path: bench.path + "-none") == nil)
    }

    /// The record locks that this process holds on a file: type, access and range of each.
    private func locks(on path: String) throws -> Set<String> {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let inode = try #require(attributes[.systemFileNumber] as? UInt64)
        let all = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
        var held: Set<String> = []
        for line in all.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count == 8, fields[4] == "\(getpid())", fields[5].hasSuffix(":\(inode)")
            else { continue }
            held.insert(fields[1...3].joined(separator: " ") + " \(fields[6])-\(fields[7])")
        }
        return held
    }

    private func size(of path: String) throws -> Int {
        try #require(
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }
}
