import Foundation

/// A file of lines that grows at its end; what was appended is on disk when the call returns.
///
/// What could not be written whole is taken back, so that the next line does not stand behind half
/// of another.
struct DurableFile: ~Copyable {
    /// The moments at which a disk may fail.
    enum Moment: Sendable, CaseIterable {
        /// Half of a line was written.
        case write
        /// The line was written, but perhaps is not on disk.
        case sync
        /// A new file is whole, and about to take the place of the old one.
        case rename
        /// A file's name is perhaps not on disk.
        case syncFolder
        /// What was half written is about to be taken back.
        case cut
    }

    /// Gives the error number with which the disk fails at a moment; 0: it does not.
    typealias Failure = @Sendable (Moment) -> Int32

    let path: String
    private let failure: Failure
    private var descriptor: Int32
    /// How many bytes it has.
    private(set) var length: Int
    private var isNameOnDisk: Bool
    private var isBroken = false

    /// Opens a file, or makes it, for its owner alone.
    init(_ path: String, failure: @escaping Failure) throws(ClientFault) {
        self.path = path
        self.failure = failure
        descriptor = open(
            path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND | O_NOFOLLOW, S_IRUSR | S_IWUSR)
        length = 0
        isNameOnDisk = false
        guard descriptor >= 0 else { throw Self.fault(path, "cannot be opened") }
        guard fchmod(descriptor, S_IRUSR | S_IWUSR) == 0 else {
            throw Self.fault(path, "cannot be closed to others")
        }
        length = Int(lseek(descriptor, 0, SEEK_END))
        try syncName()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// All its bytes.
    func bytes() throws(ClientFault) -> [UInt8] {
        try Self.bytes(of: descriptor, path)
    }

    /// Cuts off what lies behind so many bytes.
    ///
    /// - Throws: `file`; nothing is cut off then, or nothing more is ever written.
    mutating func cut(to length: Int) throws(ClientFault) {
        try checkWhole()
        try syncName()
        try Self.check(failure(.cut), path, "cannot be cut")
        guard ftruncate(descriptor, off_t(length)) == 0 else {
            throw Self.fault(path, "cannot be cut")
        }
        guard fdatasync(descriptor) == 0 else {
            isBroken = true
            throw Self.fault(path, "cannot be written")
        }
        self.length = length
    }

    /// Cuts off what stands behind the last line end.
    mutating func cutTornLine() throws(ClientFault) {
        var last: UInt8 = 0x0a
        guard length == 0 || pread(descriptor, &last, 1, off_t(length - 1)) == 1 else {
            throw Self.fault(path, "cannot be read")
        }
        guard last != 0x0a else { return }
        try cut(to: try bytes().lastIndex(of: 0x0a).map { $0 + 1 } ?? 0)
    }

    /// Appends text.
    ///
    /// - Throws: `file`; nothing of the text is in the file then, or nothing more is ever written.
    mutating func append(_ text: String) throws(ClientFault) {
        try checkWhole()
        try syncName()
        let bytes = Array(text.utf8)
        do throws(ClientFault) {
            try write(bytes)
        } catch {
            do throws(ClientFault) { try cut(to: length) } catch { isBroken = true }
            throw error
        }
        length += bytes.count
    }

    /// Puts a new file with other content into its place, by one rename.
    ///
    /// - Throws: `file`; the file is then as it was.
    mutating func replace(with text: String) throws(ClientFault) {
        let made = path + ".new"
        unlink(made)
        var new = try DurableFile(made, failure: failure)
        let bytes = Array(text.utf8)
        do throws(ClientFault) {
            try new.write(bytes)
            try Self.check(failure(.rename), path, "cannot be replaced")
            guard rename(made, path) == 0 else { throw Self.fault(path, "cannot be replaced") }
        } catch {
            unlink(made)
            throw error
        }
        swap(&descriptor, &new.descriptor)
        length = bytes.count
        // Until the name is on disk nothing may be appended: after a power cut the old file would
        // be there again.
        isNameOnDisk = false
    }

    private mutating func write(_ bytes: [UInt8]) throws(ClientFault) {
        let error = failure(.write)
        let end = error == 0 ? bytes.count : bytes.count / 2
        var written = 0
        while written < end {
            let count = bytes[written..<end].withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.fault(path, "cannot be written") }
            written += count
        }
        try Self.check(error, path, "cannot be written")
        try Self.check(failure(.sync), path, "cannot be written")
        guard fdatasync(descriptor) == 0 else { throw Self.fault(path, "cannot be written") }
    }

    private func checkWhole() throws(ClientFault) {
        guard !isBroken else {
            throw .file("\(path): a write has failed and cannot be taken back; start again")
        }
    }

    private mutating func syncName() throws(ClientFault) {
        guard !isNameOnDisk else { return }
        try Self.check(failure(.syncFolder), path, "cannot be made")
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.fault(folder, "cannot be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.fault(folder, "cannot be written") }
        isNameOnDisk = true
    }
}

extension DurableFile {
    /// All bytes of a file.
    static func bytes(_ path: String) throws(ClientFault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(path, "cannot be opened") }
        defer { close(descriptor) }
        return try bytes(of: descriptor, path)
    }

    /// What the last failed call says of a path.
    static func fault(_ path: String, _ problem: String) -> ClientFault {
        .file("\(path): \(problem): \(String(cString: strerror(errno)))")
    }

    private static func check(
        _ error: Int32, _ path: String, _ problem: String
    ) throws(ClientFault) {
        guard error != 0 else { return }
        errno = error
        throw fault(path, problem)
    }

    private static func bytes(
        of descriptor: Int32, _ path: String
    ) throws(ClientFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault(path, "cannot be read") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }
}

/// A lock on a file beside the one that it guards, held for as long as this value lives.
///
/// The file itself cannot carry it: it is replaced while it is held.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - path: the file that is guarded; the lock is `path.lock`.
    ///   - waits: whether to wait for another holder, who is done soon.
    /// - Throws: `file` where another has it, or it cannot be made.
    init(guarding path: String, waits: Bool) throws(ClientFault) {
        let path = path + ".lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)
        guard descriptor >= 0 else { throw DurableFile.fault(path, "cannot be opened") }
        while flock(descriptor, LOCK_EX | (waits ? 0 : LOCK_NB)) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw DurableFile.fault(path, "cannot be locked") }
            throw .file("\(path): another process of this terminal has it")
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child that is just being started holds the descriptor too: closing ours is not enough.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
