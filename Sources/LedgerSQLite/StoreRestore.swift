import Foundation
import Ledger

/// Puts a backup in the place of a store that is damaged or gone.
public struct StoreRestore: Sendable {
    /// What was done.
    public struct Report: Sendable {
        /// Entries of the backup, and of the store now.
        public var entries: UInt64
        /// Entries that the store had acknowledged, as far as its mark tells; 0: nothing is known.
        public var acknowledged: UInt64
        /// Where the files are that were in the store's place; nil: there were none.
        public var kept: String?

        /// How many acknowledged entries the backup does not have.
        public var lost: UInt64 { acknowledged > entries ? acknowledged - entries : 0 }
    }

    private let backup: String
    private let seal: any StoreSeal

    /// Creates a restore from a backup's file, which stays as it is.
    public init(from backup: String, seal: any StoreSeal) {
        self.backup = backup
        self.seal = seal
    }

    /// Verifies the backup, copies it, moves what is at the store's path aside, and puts the copy
    /// there.
    ///
    /// Refuses a backup that is not sound, and a store that is in use. When it returns the store is
    /// whole and durable.
    public func run(
        to path: String, sha256: @escaping SHA256Function
    ) throws(StoreFault) -> Report {
        let lock = try StoreLock(forStoreAt: path)
        defer { withExtendedLifetime(lock) {} }
        let audit = StoreAudit(of: backup, seal: seal)
        let found = try audit.verify(sha256: sha256)
        guard found.isSound else {
            throw .corrupt(
                "the backup \(backup) is not sound: \(found.lines.joined(separator: "\n"))")
        }
        let copy = path + ".restored"
        StoreFile.removeAll(of: copy)
        try audit.backup(to: copy)
        let acknowledged = StoreMark.acknowledged(ofStoreAt: path)
        let kept = try moveAside(path)
        try StoreFile.move(copy, to: path)
        return Report(entries: found.entries, acknowledged: acknowledged, kept: kept)
    }

    /// Gives the files' new path; nil where there are none.
    private func moveAside(_ path: String) throws(StoreFault) -> String? {
        let files = FileManager.default
        let suffixes = ["", "-wal", ".mark"].filter { files.fileExists(atPath: path + $0) }
        guard !suffixes.isEmpty else { return nil }
        var number = 1
        var aside = path + ".damaged"
        while ["", "-wal", ".mark"].contains(where: { files.fileExists(atPath: aside + $0) }) {
            number += 1
            aside = path + ".damaged-\(number)"
        }
        for suffix in suffixes {
            guard rename(path + suffix, aside + suffix) == 0 else {
                throw .unavailable(
                    "cannot move \(path + suffix) aside: \(String(cString: strerror(errno)))")
            }
        }
        // Of the index of a log that is there no more.
        unlink(path + "-shm")
        return aside
    }
}
