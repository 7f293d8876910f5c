import Foundation
import Ledger

/// How far the journal was acknowledged, in a file of its own: `<store>.mark`.
///
/// SQLite reads its log up to the first frame that does not fit, as it must after a loss of power,
/// so that a log which was cut or damaged looks like a shorter one, and a copy from yesterday like
/// today's file. The mark tells: it is written once a commit is durable, before its answers leave,
/// and not synced, so that it never says more than is durable, and after a loss of power perhaps
/// less.
///
/// Sixteen bytes, little-endian: an entry's number, and its xxHash.
/// - Source: ARCHITECTURE.md, D-070.
final class StoreMark {
    private let descriptor: Int32
    /// The entry through which everything was acknowledged; 0: nothing is known.
    private(set) var acknowledged: UInt64

    /// Opens the mark of the store at a path, or makes one that knows nothing.
    ///
    /// What is no mark is taken for one that knows nothing: it only ever adds to what is known.
    init(ofStoreAt path: String) throws(StoreFault) {
        let file = Self.path(ofStoreAt: path)
        descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("cannot open \(file): \(String(cString: strerror(errno)))")
        }
        acknowledged = Self.read(descriptor)
    }

    deinit {
        Foundation.close(descriptor)
    }

    /// Everything through this entry is durable, and may be acknowledged now.
    func advance(to sequence: UInt64) {
        guard sequence > acknowledged else { return }
        acknowledged = sequence
        var words = [sequence.littleEndian, Self.checksum(sequence).littleEndian]
        // A mark that cannot be written says less than it could: no reason to refuse anybody.
        _ = pwrite(descriptor, &words, 16, 0)
    }

    /// What a mark file says; 0 where there is none.
    static func acknowledged(ofStoreAt path: String) -> UInt64 {
        let descriptor = open(Self.path(ofStoreAt: path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { Foundation.close(descriptor) }
        return read(descriptor)
    }

    /// Forgets the mark of a store that was at this path before.
    static func remove(ofStoreAt path: String) {
        unlink(Self.path(ofStoreAt: path))
    }

    private static func path(ofStoreAt path: String) -> String { path + ".mark" }

    private static func read(_ descriptor: Int32) -> UInt64 {
        var words: [UInt64] = [0, 0]
        guard pread(descriptor, &words, 16, 0) == 16 else { return 0 }
        let sequence = UInt64(littleEndian: words[0])
        return UInt64(littleEndian: words[1]) == checksum(sequence) ? sequence : 0
    }

    private static func checksum(_ sequence: UInt64) -> UInt64 {
        withUnsafeBytes(of: sequence.littleEndian) { XXHash64.hash($0, seed: 0x6B72_616D) }
    }
}
