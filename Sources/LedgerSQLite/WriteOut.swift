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
    /// The least bytes of a piece, and what the pieces of the file's end have: new pages are there.
    private static let pieceBytesMin: Int64 = 256 << 10
    private static let endBytes: Int64 = 64 << 20
    /// At most so many pieces before that end: a large file has few changed pages in many bytes, and
    /// one at a time they would take the disk longer than the log takes to fill.
    private static let piecesMax: Int64 = 512
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
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        let pieceBytes = max(Self.pieceBytesMin, size / Self.piecesMax)
        var offset: Int64 = 0
        while offset < size {
            let bytes = offset < size - Self.endBytes ? pieceBytes : Self.pieceBytesMin
            guard sync_file_range(descriptor, offset, bytes, Self.flags) == 0 else { return false }
            offset += bytes
        }
        return true
    }
}
