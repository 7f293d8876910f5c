import CSQLite
import Foundation

/// Writes what has changed of a file to the disk a piece at a time.
///
/// A sync of another file waits for all that the disk has been given before it. Given a piece only
/// when the one before is written, the disk keeps such a sync waiting for one piece at most, and the
/// file's own sync afterwards finds little to do. Durable is the file only after that.
///
/// The descriptor is its own: closing it ends every lock that this process has on the file, so it stays
/// open until the store's connections are closed.
/// Linux tells an error of writing once to each open file, so an error met here is told to SQLite too.
/// - Source: sync_file_range(2); fsync(2), errors; fcntl(2), advisory record locking.
final class WriteOut {
    /// Bytes of the file a piece; where a few pages in a hundred have changed, some ten of them.
    private static let pieceBytes: Int64 = 256 << 10
    /// SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE and _WAIT_AFTER.
    private static let flags: UInt32 = 1 | 2 | 4

    private let descriptor: Int32

    /// nil: there is no such file that may be read.
    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Writes the whole file's changed pages; stops at the first failure, which the file's sync tells.
    ///
    /// - Returns: whether all was written.
    @discardableResult
    func run() -> Bool {
        let end = Int64(lseek(descriptor, 0, SEEK_END))
        for offset in stride(from: 0, to: end, by: Int(Self.pieceBytes)) {
            guard sync_file_range(descriptor, offset, Self.pieceBytes, Self.flags) == 0 else {
                return false
            }
        }
        return true
    }
}
