import Foundation
import Ledger
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: files that are taken away from an open store")
struct PlaceTests {
    @Test(
        "nothing is committed while a file is gone or another is in its place, and all goes on once it is back",
        arguments: ["", "-wal"], [false, true])
    func gone(_ suffix: String, _ isReplaced: Bool) throws {
        let bench = try Bench(seed: 11)
        try bench.run(40)
        // What is there when it is opened counts, not what is there at the first commit.
        try bench.reopen(Bench.cramped)
        let count = try bench.store.entryCount()
        let path = bench.path + suffix
        let files = FileManager.default
        try files.moveItem(atPath: path, toPath: path + ".away")
        if isReplaced { try files.copyItem(atPath: path + ".away", toPath: path) }
        for _ in 0..<3 {
            let fault = #expect(throws: StoreFault.self) {
                try bench.store.commit([bench.ledger.any()])
            }
            guard case .unavailable(let why) = fault else {
                Issue.record("\(String(describing: fault))")
                return
            }
            #expect(why.contains(path) && why.contains("put the file back"))
        }
        if isReplaced { try files.removeItem(atPath: path) }
        try files.moveItem(atPath: path + ".away", toPath: path)
        #expect(try bench.store.entryCount() == count)
        // What was refused is not there: the next numbers follow.
        bench.ledger = SyntheticLedger(seed: 12)
        let entries = bench.ledger.site()
        try bench.store.commit(entries)
        #expect(try bench.store.entryCount() == count + UInt64(entries.count))
    }
}
