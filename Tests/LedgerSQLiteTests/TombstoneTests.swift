import Foundation
import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: a reversal that came before its original")
struct TombstoneTests {
    static let terminal = SyntheticLedger.terminal(3)

    static func key(_ stan: UInt32) -> RequestKey {
        RequestKey(terminal: terminal, date: SyntheticLedger.firstDate, stan: stan)
    }

    static func entry(
        _ key: RequestKey, _ kind: RequestKind, tombstone original: RequestKey? = nil
    ) -> JournalEntry {
        JournalEntry(
            sequence: 0, time: 1, bookedDate: SyntheticLedger.firstDate, kind: kind,
            voucher: [kind.rawValue],
            answer: AnswerRow(
                key: key, kind: kind, content: .zero, code: .noActionTaken,
                reason: .reversedBeforeArrival, response: [UInt8(truncatingIfNeeded: key.stan)]),
            postings: [],
            changes: original.map { [.tombstone(TombstoneRow(original: $0, reversal: key))] } ?? [])
    }

    /// What happens between the reversal and its original, and after that.
    enum Between: CaseIterable {
        case nothing, sweep, restart, powerLoss
    }

    @Test(
        "it stands until the original is answered, wherever the rows lie by then",
        arguments: Between.allCases, Between.allCases)
    func stands(_ first: Between, _ second: Between) throws {
        let bench = try Bench(seed: 21)
        var store = bench.store
        let (original, reversal) = (Self.key(500), Self.key(400))
        try store.commit([Self.entry(reversal, .reversal, tombstone: original)])
        store.tidy()
        store = try pass(first, bench, store)
        #expect(
            try store.projections.tombstone(original)
                == TombstoneRow(original: original, reversal: reversal))
        #expect(try store.projections.answer(original) == nil)
        #expect(try store.projections.answer(reversal)?.key == reversal)
        #expect(try store.projections.settlement(SettlementID(original)) == nil)
        #expect(try store.verify(sha256: SyntheticLedger.digest).isSound)

        try store.commit([Self.entry(original, .settle)])
        store.tidy()
        store = try pass(second, bench, store)
        #expect(try store.projections.answer(original)?.response == [UInt8(500 & 255)])
        #expect(try store.projections.tombstone(original) == nil)
        #expect(try store.projections.answer(reversal)?.key == reversal)
        let report = try store.verify(sha256: SyntheticLedger.digest)
        #expect(report.isSound, "\(report.findings)")
        try store.rebuild()
        #expect(try store.projections.answer(original)?.kind == .settle)
        #expect(try store.verify(sha256: SyntheticLedger.digest).isSound)
    }

    private func pass(
        _ between: Between, _ bench: Bench, _ store: SQLiteStore
    ) throws -> SQLiteStore {
        switch between {
        case .nothing: return store
        case .sweep:
            try store.sweepAll()
            return store
        case .restart:
            let path = store.path
            store.close()
            return try SQLiteStore(opening: path, seal: TestSeal(), options: .brief)
        case .powerLoss:
            let path = bench.folder.appendingPathComponent("\(UUID().uuidString).db").path
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: store.path + suffix, toPath: path + suffix)
            }
            return try SQLiteStore(opening: path, seal: TestSeal(), options: .brief)
        }
    }

    @Test("both rows of one key in one pass are swept in their order, slice by slice")
    func onePass() throws {
        let bench = try Bench(seed: 22)
        let store = bench.store
        let pairs = (1...40).map { (Self.key($0), Self.key($0 + 500)) }
        for (reversal, original) in pairs {
            try store.commit([Self.entry(reversal, .reversal, tombstone: original)])
        }
        for (_, original) in pairs.reversed() { try store.commit([Self.entry(original, .settle)]) }
        for _ in 0..<60 {
            try store.write { _ in try store.projections.sweep(adding: 2) }
            store.projections.confirm()
            for (reversal, original) in pairs {
                #expect(try store.projections.answer(original)?.key == original)
                #expect(try store.projections.tombstone(original) == nil)
                #expect(try store.projections.answer(reversal)?.key == reversal)
            }
            #expect(try store.verify(sha256: SyntheticLedger.digest).isSound)
        }
    }
}
