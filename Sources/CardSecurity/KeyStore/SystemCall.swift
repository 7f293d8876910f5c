import Glibc

/// System calls on key files, their failures as faults that name the path.
enum SystemCall {
    /// What the C library says of an error number.
    static func text(of number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }

    /// Whom a file's permission bits may let in.
    enum Audience {
        /// Its owner, who runs this.
        case owner
        /// Its owner and its group: what a service manager's access list shows as.
        case ownerAndGroup
    }

    /// Reads a whole file of at most `bytesMax` bytes after checking who may use it.
    static func read(
        _ path: String, bytesMax: Int, audience: Audience
    ) throws(CardSecurityFault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? .fileMissing(path: path)
                : .file(path: path, operation: "open it", errno: errno)
        }
        defer { close(descriptor) }
        let size = try checked(descriptor, path, audience)
        guard size <= bytesMax else {
            throw .file(path: path, operation: "read so large a file", errno: EFBIG)
        }
        var bytes = [UInt8](repeating: 0, count: size)
        var offset = 0
        while offset < size {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: offset), size - offset)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                Wiping.wipe(&bytes)
                throw .file(path: path, operation: "read it", errno: errno)
            }
            if count == 0 { break }
            offset += count
        }
        bytes.removeLast(size - offset)
        return bytes
    }

    /// Replaces or creates a file, mode 0600, so that a crash leaves the old or the new one whole.
    ///
    /// A file that root replaces stays its owner's: the daemon runs as another user.
    static func replace(_ path: String, with bytes: [UInt8]) throws(CardSecurityFault) {
        let temporary = "\(path).\(getpid()).new"
        unlink(temporary)
        let descriptor = open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_t(0o600))
        guard descriptor >= 0 else {
            throw .file(path: temporary, operation: "create it", errno: errno)
        }
        do throws(CardSecurityFault) {
            defer { close(descriptor) }
            try keepOwner(of: path, descriptor, temporary)
            try write(bytes, to: descriptor, temporary)
            guard fsync(descriptor) == 0 else {
                throw CardSecurityFault.file(
                    path: temporary, operation: "write it durably", errno: errno)
            }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let number = errno
            unlink(temporary)
            throw .file(path: path, operation: "replace it", errno: number)
        }
        try syncDirectory(of: path)
    }

    /// Whether there is anything at this path.
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// What tells one version of a file from the next: a replacement has another inode or time.
    static func stamp(_ path: String) -> FileStamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileStamp(
            inode: UInt64(status.st_ino), size: Int64(status.st_size),
            seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
    }

    /// Runs a function while no other process of this program runs one for the same path.
    static func exclusively<Result>(
        _ path: String, _ body: () throws(CardSecurityFault) -> Result
    ) throws(CardSecurityFault) -> Result {
        let lock = path + ".lock"
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_t(0o600))
        guard descriptor >= 0 else {
            throw .file(path: lock, operation: "open it", errno: errno)
        }
        defer { close(descriptor) }
        try keepOwner(of: path, descriptor, lock)
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw .file(path: lock, operation: "lock it", errno: errno)
            }
        }
        return try body()
    }

    /// Gives a file to the owner of another, where root made it.
    static func keepOwner(of path: String, on new: String) throws(CardSecurityFault) {
        let descriptor = open(new, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw .file(path: new, operation: "open it", errno: errno)
        }
        defer { close(descriptor) }
        try keepOwner(of: path, descriptor, new)
    }

    private static func keepOwner(
        of path: String, _ descriptor: Int32, _ temporary: String
    ) throws(CardSecurityFault) {
        var status = stat()
        guard geteuid() == 0, stat(path, &status) == 0, status.st_uid != 0 else { return }
        guard fchown(descriptor, status.st_uid, status.st_gid) == 0 else {
            throw .file(path: temporary, operation: "give it to its owner", errno: errno)
        }
    }

    private static func checked(
        _ descriptor: Int32, _ path: String, _ audience: Audience
    ) throws(CardSecurityFault) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .file(path: path, operation: "examine it", errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .file(path: path, operation: "use what is not a regular file", errno: EINVAL)
        }
        let mode = status.st_mode & 0o777
        let forbidden: mode_t = audience == .owner ? 0o077 : 0o027
        guard mode & forbidden == 0 else {
            throw .permissionsTooOpen(path: path, mode: UInt32(mode))
        }
        if audience == .owner, status.st_uid != geteuid(), geteuid() != 0 {
            throw .foreignOwner(path: path, owner: UInt32(status.st_uid))
        }
        return Int(status.st_size)
    }

    private static func write(
        _ bytes: [UInt8], to descriptor: Int32, _ path: String
    ) throws(CardSecurityFault) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(
                    descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .file(path: path, operation: "write it", errno: errno) }
            offset += count
        }
    }

    private static func syncDirectory(of path: String) throws(CardSecurityFault) {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .file(path: directory, operation: "open the directory", errno: errno)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .file(path: directory, operation: "write the directory durably", errno: errno)
        }
    }
}

/// What tells one version of a file from the next.
struct FileStamp: Sendable, Hashable {
    var inode: UInt64
    var size: Int64
    var seconds: Int64
    var nanoseconds: Int64
}
