import Foundation
import Ledger

/// Whether the store's files are still where a start would look for them.
///
/// A file that was removed or renamed while it is open takes every commit, and the next start finds none of
/// them: what is acknowledged then is lost.
struct StorePlace {
    private struct Identity: Equatable {
        var device: UInt64
        var file: UInt64
    }

    private let path: String
    /// Where SQLite puts the log: beside the file that a symbolic link leads to.
    private let logPath: String
    private var file: Identity?
    private var log: Identity?

    init(path: String) {
        self.path = path
        logPath = URL(fileURLWithPath: path).resolvingSymlinksInPath().path + "-wal"
    }

    /// Notes the files that a connection has just opened; once the store was open, its file must be the one
    /// that it was then.
    ///
    /// - Throws: `unavailable` where one is gone, or another store in its place.
    mutating func opened() throws(StoreFault) {
        log = nil
        try check()
    }

    /// Looks at both files; to be called before anything is written.
    ///
    /// - Throws: `unavailable` where one is gone or another one is in its place.
    mutating func check() throws(StoreFault) {
        try Self.check(path, &file)
        try Self.check(logPath, &log)
    }

    private static func check(_ path: String, _ known: inout Identity?) throws(StoreFault) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw fault(path) }
        let found = Identity(device: UInt64(status.st_dev), file: UInt64(status.st_ino))
        guard known == nil || known == found else { throw fault(path) }
        known = found
    }

    private static func fault(_ path: String) -> StoreFault {
        .unavailable(
            "\(path) was removed or replaced while it is in use: nothing is approved, since it would be "
                + "lost; put the file back, or stop, restore a backup, and start again")
    }
}
