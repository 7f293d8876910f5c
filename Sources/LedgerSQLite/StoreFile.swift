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
        // It names persons and cards. SQLite gives its log the same mode.
        guard chmod(partial, 0o600) == 0 else {
            throw .unavailable("cannot close \(partial) to others")
        }
        try sync(partial)
        // Its log was copied into it when it was closed.
        for suffix in ["-wal", "-shm"] { unlink(partial + suffix) }
        try move(partial, to: path)
    }

    /// Gives a store at rest another name, durably; the new name is free.
    static func move(_ source: String, to path: String) throws(StoreFault) {
        StoreMark.remove(ofStoreAt: path)
        guard rename(source, path) == 0 else {
            throw .unavailable("cannot make \(path): \(String(cString: strerror(errno)))")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try sync(folder)
    }

    /// Removes a database's files, where they are.
    static func removeAll(of path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }

    /// Fills the write-ahead log's file with zeros up to a length: syncing what overwrites blocks
    /// that the file has costs less than syncing a file that grows.
    ///
    /// SQLite takes zeros after the log's end for no frame. Where there is no room nothing is done.
    static func reserveLog(of path: String, bytes: Int) {
        let descriptor = open(path + "-wal", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let start = Int(lseek(descriptor, 0, SEEK_END))
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var length = start
        while length < bytes {
            let written = pwrite(descriptor, zeros, min(zeros.count, bytes - length), off_t(length))
            guard written > 0 else {
                _ = ftruncate(descriptor, off_t(start))
                return
            }
            length += written
        }
        _ = fsync(descriptor)
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
