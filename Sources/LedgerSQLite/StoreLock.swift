import Foundation
import Ledger

/// The right to write one store: an exclusive `flock` on the file `<store>.lock`, held until let go.
///
/// The kernel lets go of it when the process ends, however it ends. Readers (audit, backup) do not
/// need it.
/// - Source: flock(2).
final class StoreLock {
    private let descriptor: Int32

    /// Takes the lock, or says who has it.
    init(forStoreAt path: String) throws(StoreFault) {
        let file = path + ".lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("cannot open \(file): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.text(of: descriptor)
            Foundation.close(descriptor)
            throw .unavailable(
                "\(path) is in use by another daemon or tool"
                    + (holder.isEmpty ? "" : " (process \(holder))"))
        }
        self.descriptor = descriptor
        let text = Array("\(getpid())\n".utf8)
        // Only the message of the next one who asks depends on it.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit {
        // Closing alone would leave the lock with a child that this process is just starting: until
        // it has become its program, it holds every descriptor too.
        _ = flock(descriptor, LOCK_UN)
        Foundation.close(descriptor)
    }

    private static func text(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return "" }
        let digits = bytes.prefix(count).prefix { $0 >= 0x30 && $0 <= 0x39 }
        return String(decoding: digits, as: UTF8.self)
    }
}
