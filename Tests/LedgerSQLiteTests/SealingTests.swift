import Foundation
import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: what is sealed")
struct SealingTests {
    @Test("no card number and no voucher stands in any file of the store, swept or not")
    func nothingInClear() throws {
        let bench = try Bench(seed: 21)
        try bench.run(400)
        let cards = Array(bench.ledger.rows.cards.keys)
        #expect(cards.count > 20)
        // What `SyntheticLedger` puts into every voucher.
        let wanted = cards.flatMap(Self.forms) + [Data("voucher".utf8)]
        func found() throws -> Int {
            let files = try FileManager.default.contentsOfDirectory(
                at: bench.folder, includingPropertiesForKeys: nil)
            #expect(files.count > 1)
            return try files.map { file in
                let content = try Data(contentsOf: file)
                return wanted.count { content.range(of: $0) != nil }
            }.reduce(0, +)
        }
        #expect(try found() == 0)
        let backup = bench.folder.appendingPathComponent("backup.db").path
        try bench.store.backup(to: backup)
        bench.store.close()
        #expect(try found() == 0)
        // The search does find what stands there.
        let control = bench.folder.appendingPathComponent("control")
        try (Data([7]) + wanted.joined(separator: [1, 2])).write(to: control)
        #expect(try found() == wanted.count)
    }

    /// A card number as text, packed decimal, eight bytes either way, and as the journal has it.
    private static func forms(_ card: CardNumber) -> [Data] {
        [
            Data(card.clearText.utf8), Data(card.bcd),
            withUnsafeBytes(of: card.digits.littleEndian) { Data($0) },
            withUnsafeBytes(of: card.digits.bigEndian) { Data($0) },
            Data(JournalCoding.encode(card)),
        ]
    }

    @Test("an entry that was made without the keys, or put in another's place, is named")
    func forged() throws {
        let bench = try Bench(seed: 22)
        try bench.run(200)
        guard case .entries(let entries) = try bench.store.read(.entries(after: 90, limit: 20)),
            let moved = entries.first, let forged = entries.last
        else { return }
        bench.store.close()
        let connection = try Connection(path: bench.path, purpose: .write)
        try connection.access { handle in
            func put(_ bytes: [UInt8], at sequence: UInt64) throws {
                let update = try Statement(
                    "UPDATE journal SET checksum = ?, entry = ? WHERE seq = ?", on: handle)
                update.bind { binder in
                    binder.integer(bytes.withUnsafeBytes { XXHash64.hash($0, seed: sequence) })
                    binder.blob(bytes)
                    binder.integer(sequence)
                }
                try update.run()
            }
            try put(JournalCoding.encode(forged), at: forged.sequence)
            let other = try Statement("SELECT entry FROM journal WHERE seq = 50", on: handle)
                .first { $0.blob() }
            try put(try #require(other), at: moved.sequence)
        }
        connection.close()
        let report = try StoreAudit(of: bench.path, seal: TestSeal())
            .verify(sha256: SyntheticLedger.digest)
        for sequence in [moved.sequence, forged.sequence] {
            let finding = report.findings.first { $0.place == "journal entry \(sequence)" }
            #expect(finding?.problem.contains("does not open") == true)
        }
    }

    @Test("a store is refused under other keys, says so, and is as it was")
    func otherKeys() throws {
        let bench = try Bench(seed: 23)
        try bench.run(50)
        bench.store.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: bench.path))
        let other = TestSeal(key: 99)
        let opening = #expect(throws: StoreFault.self) {
            _ = try SQLiteStore(opening: bench.path, seal: other)
        }
        let verifying = #expect(throws: StoreFault.self) {
            _ = try StoreAudit(of: bench.path, seal: other).verify(sha256: SyntheticLedger.digest)
        }
        for fault in [opening, verifying] {
            #expect("\(fault as Any)".contains("sealed under other record keys"))
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: bench.path)) == before)
        bench.store = try SQLiteStore(opening: bench.path, seal: TestSeal())
        #expect(try bench.verify().isSound)
    }
}
