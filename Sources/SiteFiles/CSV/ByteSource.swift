#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The bytes of a file or of an array, from front to back, as often as wanted.
final class ByteSource {
    /// What tells one state of a file from another.
    struct Stamp: Equatable {
        var size: Int64
        var modifiedSeconds: Int
        var modifiedNanoseconds: Int
    }

    private let descriptor: Int32
    private let bytes: [UInt8]
    private var position = 0
    let name: String

    /// Opens a file.
    init(path: String) throws(SiteFileFault) {
        name = path
        bytes = []
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadable(file: path, reason: SystemError.text(errno))
        }
    }

    /// Takes bytes that are in memory already.
    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        descriptor = -1
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Puts the next bytes into the buffer; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SiteFileFault) -> Int {
        guard descriptor >= 0 else {
            let count = min(buffer.count, bytes.count - position)
            bytes[position..<(position + count)].withUnsafeBytes { buffer.copyMemory(from: $0) }
            position += count
            return count
        }
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw .unreadable(file: name, reason: SystemError.text(errno))
            }
        }
    }

    /// Goes back to the first byte.
    func rewind() throws(SiteFileFault) {
        position = 0
        guard descriptor >= 0 else { return }
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw .unreadable(file: name, reason: SystemError.text(errno))
        }
    }

    /// The state of the file now.
    func stamp() throws(SiteFileFault) -> Stamp {
        guard descriptor >= 0 else {
            return Stamp(size: Int64(bytes.count), modifiedSeconds: 0, modifiedNanoseconds: 0)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(file: name, reason: SystemError.text(errno))
        }
        return Stamp(
            size: Int64(status.st_size), modifiedSeconds: status.st_mtim.tv_sec,
            modifiedNanoseconds: status.st_mtim.tv_nsec)
    }
}

/// What the system says of an error number.
enum SystemError {
    static func text(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
