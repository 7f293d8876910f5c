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

    private let paths: [String]
    /// Of each path; nil: not looked at since the connection was opened.
    private var identities: [Identity]?

    init(path: String) {
        paths = [path, path + "-wal"]
    }

    /// The connection was opened anew: its files are those that are there now.
    mutating func forget() { identities = nil }

    /// Looks at both files; to be called before anything is written.
    ///
    /// - Throws: `unavailable` where one is gone or another one is in its place.
    mutating func check() throws(StoreFault) {
        var found: [Identity] = []
        for path in paths {
            var status = stat()
            guard stat(path, &status) == 0 else { throw Self.fault(path) }
            found.append(Identity(device: UInt64(status.st_dev), file: UInt64(status.st_ino)))
        }
        guard let known = identities else {
            identities = found
            return
        }
        for (path, (old, new)) in zip(paths, zip(known, found)) where old != new {
            throw Self.fault(path)
        }
    }

    private static func fault(_ path: String) -> StoreFault {
        .unavailable(
            "\(path) was removed or replaced while it is in use: nothing is approved, since it would be "
                + "lost; put the file back, or stop, restore a backup, and start again")
    }
}
