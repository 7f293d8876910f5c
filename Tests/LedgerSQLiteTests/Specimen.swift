import Foundation
import Ledger
import TestSupport

@testable import LedgerSQLite

/// A store's files as they lie on the disk, of which damaged copies are looked at.
struct Specimen {
    /// How its process ended.
    enum Ending: String, CaseIterable {
        /// The store was closed: all is in the file, and its log is left out.
        case closed
        /// The process was killed: the newest entries are in the log only.
        case killed
    }

    /// What becomes of a damaged copy.
    enum Verdict: Equatable {
        /// Opening, or reading, says what is wrong.
        case refused(String)
        /// `verify` does.
        case found(String)
        /// Nothing that is stored has changed.
        case harmless
        /// Something has changed and nobody says so.
        case silent(String)
    }

    /// By what is appended to the store's name.
    var files: [String: [UInt8]] = [:]
    private let content: [String: [String]]

    static let options = {
        var options = Bench.cramped
        options.logPagesMax = 120
        return options
    }()

    /// Makes a store of some 200 entries and takes its files.
    init(_ ending: Ending, seed: UInt64) throws {
        let bench = try Bench(seed: seed, options: Self.options)
        for _ in 0..<16 {
            try bench.run(7)
            bench.store.tidy()
        }
        if ending == .closed { bench.store.close() }
        for suffix in ["", "-wal", ".mark"] where ending == .killed || suffix != "-wal" {
            files[suffix] = try Array(
                Data(contentsOf: URL(fileURLWithPath: bench.path + suffix)))
        }
        content = try Self.opened(files) { try Self.content(of: $0) }
    }

    /// How much of a file is read: of the log, the frames since it was begun anew.
    func usedBytes(of suffix: String) -> Int {
        guard let bytes = files[suffix] else { return 0 }
        guard suffix == "-wal" else { return bytes.count }
        // Header: salt at 16; frame: a header of 24 bytes with the salt at 8, and a page.
        var end = 32
        while end + 4_120 <= bytes.count, bytes[end + 8..<end + 16] == bytes[16..<24] {
            end += 4_120
        }
        return end
    }

    /// Looks at a copy with one file changed.
    func verdict(on suffix: String, _ change: (inout [UInt8]) -> Void) throws -> Verdict {
        var changed = files
        change(&changed[suffix, default: []])
        do {
            return try Self.opened(changed) { store in
                let report = try store.verify(sha256: SyntheticLedger.digest)
                if let finding = report.findings.first { return .found("\(finding)") }
                let now = try Self.content(of: store)
                if now == content { return .harmless }
                let tables = now.keys.sorted().filter { now[$0] != content[$0] }
                return .silent(tables.joined(separator: ", "))
            }
        } catch let fault as StoreFault {
            return .refused("\(fault)")
        } catch let fault as SQLiteFault {
            return .refused("\(fault)")
        }
    }

    /// Opens copies of the files; they go afterwards.
    static func opened<Value>(
        _ files: [String: [UInt8]], _ body: (SQLiteStore) throws -> Value
    ) throws -> Value {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("settled-specimen-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("store.db").path
        for (suffix, bytes) in files {
            try Data(bytes).write(to: URL(fileURLWithPath: path + suffix))
        }
        let store = try SQLiteStore(opening: path, seal: TestSeal(), options: options)
        defer { store.close() }
        return try body(store)
    }

    private static func content(of store: SQLiteStore) throws -> [String: [String]] {
        var tables = try store.dump()
        tables["journal"] = try store.access { handle in
            try Statement(
                "SELECT seq || ' ' || checksum || ' ' || quote(entry) FROM journal ORDER BY seq",
                on: handle
            ).all { $0.text() }
        }
        return tables
    }
}
