#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

private let systemWrite = write

/// Writes files that are whole or absent, on disk before the call returns.
enum DurableFile {
    /// Whether a file that is there already may be replaced.
    enum Existing {
        case refuse
        case replace
    }

    /// Puts bytes at a path in one step: a synced temporary file, then its new name.
    static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t, existing: Existing
    ) throws(CertificateAuthorityFault) {
        let temporary = "\(path).\(UInt64.random(in: .min ... .max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw fault(path) }
        defer { unlink(temporary) }
        do throws(CertificateAuthorityFault) {
            // The mode given to open is narrowed by the umask; the one asked for is exact.
            guard fchmod(descriptor, mode) == 0 else { throw fault(path) }
            try append(bytes, to: descriptor, path: path)
        } catch {
            close(descriptor)
            throw error
        }
        close(descriptor)
        switch existing {
        case .replace:
            guard rename(temporary, path) == 0 else { throw fault(path) }
        case .refuse:
            guard link(temporary, path) == 0 else {
                throw errno == EEXIST ? .exists(path: path) : fault(path)
            }
        }
        try syncDirectory(of: path)
    }

    /// Writes and syncs bytes at the end of an open file.
    static func append(
        _ bytes: [UInt8], to descriptor: Int32, path: String
    ) throws(CertificateAuthorityFault) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                systemWrite(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw fault(path)
            }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw fault(path) }
    }

    /// The whole of a file of at most 64 MiB.
    static func read(_ path: String) throws(CertificateAuthorityFault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(path) }
        defer { close(descriptor) }
        return try read(descriptor, path: path)
    }

    /// The whole of an open file of at most 64 MiB.
    static func read(
        _ descriptor: Int32, path: String
    ) throws(CertificateAuthorityFault) -> [UInt8] {
        let size = try size(descriptor, path: path)
        guard size <= 64 << 20 else { throw .file(path: path, problem: "is too large") }
        return try read(descriptor, path: path, 0..<size)
    }

    /// The first bytes of an open file, fewer where it has fewer.
    static func read(
        _ descriptor: Int32, path: String, bytesMax: Int
    ) throws(CertificateAuthorityFault) -> [UInt8] {
        let size = try size(descriptor, path: path)
        return try read(descriptor, path: path, 0..<min(size, bytesMax))
    }

    /// The last bytes of an open file, fewer where it has fewer, and where they begin.
    static func read(
        _ descriptor: Int32, path: String, lastBytesMax: Int
    ) throws(CertificateAuthorityFault) -> (bytes: [UInt8], start: Int) {
        let size = try size(descriptor, path: path)
        let start = max(0, size - lastBytesMax)
        return (try read(descriptor, path: path, start..<size), start)
    }

    private static func size(
        _ descriptor: Int32, path: String
    ) throws(CertificateAuthorityFault) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fault(path) }
        return Int(status.st_size)
    }

    private static func read(
        _ descriptor: Int32, path: String, _ range: Range<Int>
    ) throws(CertificateAuthorityFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let count = bytes.withUnsafeMutableBytes {
            pread(descriptor, $0.baseAddress, $0.count, off_t(range.lowerBound))
        }
        guard count == bytes.count else { throw fault(path) }
        return bytes
    }

    /// Makes the names in a file's directory durable.
    static func syncDirectory(of path: String) throws(CertificateAuthorityFault) {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault(directory) }
    }

    /// The last system call's failure, for this path.
    static func fault(_ path: String) -> CertificateAuthorityFault {
        .file(path: path, problem: String(cString: strerror(errno)))
    }
}
