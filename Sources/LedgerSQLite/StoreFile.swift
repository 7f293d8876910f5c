import Foundation
import Ledger

/// Makes files that are either whole or not there.
enum StoreFile {
    /// The file is made by `write` under another name, then takes its own, durably.
    ///
    /// Refuses a path at which something exists.
    static func create(
        at path: String, write: (String) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw .unavailable("\(path) exists already")
        }
        let partial = path + ".partial"
        removeAll(of: partial)
        // Health and money: for the owner only. SQLite gives its log the database's own mode.
        let mask = umask(0o077)
        defer { umask(mask) }
        do {
            try write(partial)
        } catch {
            removeAll(of: partial)
            throw error
        }
        try sync(partial)
        guard rename(partial, path) == 0 else {
            throw .unavailable("cannot make \(path): \(String(cString: strerror(errno)))")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try sync(folder)
    }

    /// Removes a database's files, where they are.
    static func removeAll(of path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }

    private static func sync(_ path: String) throws(StoreFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unavailable("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .unavailable("cannot sync \(path): \(String(cString: strerror(errno)))")
        }
    }
}
