#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes records to a CSV file, in bounded memory.
///
/// Shape: UTF-8 without a byte-order mark, LF at the end of each line, quotes only where needed.
///
/// - Source: RFC 4180.
public struct CSVWriter: ~Copyable {
    /// Who may read the file besides its owner.
    public enum Readers: Sendable {
        /// Everyone: mode 0644.
        case everyone
        /// Nobody: mode 0600.
        case nobody
    }

    private let file: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferBytes = 1 << 18

    /// Creates a file, or empties the one that is there, and writes its header line.
    public init(
        path: String, columns: [String], readers: Readers = .everyone
    ) throws(SiteFileFault) {
        file = path
        let mode: mode_t = readers == .everyone ? 0o644 : 0o600
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw .unwritable(file: path, reason: SystemError.text(errno))
        }
        buffer.reserveCapacity(Self.bufferBytes + 65_536)
        try write(columns)
    }

    deinit { close(descriptor) }

    /// Adds a record.
    public mutating func write(_ fields: [String]) throws(SiteFileFault) {
        for (index, field) in fields.enumerated() {
            if index > 0 { buffer.append(CSVScanner.comma) }
            append(field)
        }
        buffer.append(CSVScanner.lineFeed)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Brings everything to the disk; nothing may be written after it.
    public mutating func finish() throws(SiteFileFault) {
        try flush()
        guard fsync(descriptor) == 0 else {
            throw .unwritable(file: file, reason: SystemError.text(errno))
        }
    }

    private mutating func append(_ field: String) {
        let needsQuotes = field.utf8.contains { byte in
            byte == CSVScanner.comma || byte == CSVScanner.quote || byte == CSVScanner.lineFeed
                || byte == CSVScanner.carriageReturn
        }
        guard needsQuotes else {
            buffer.append(contentsOf: field.utf8)
            return
        }
        buffer.append(CSVScanner.quote)
        for byte in field.utf8 {
            if byte == CSVScanner.quote { buffer.append(byte) }
            buffer.append(byte)
        }
        buffer.append(CSVScanner.quote)
    }

    private mutating func flush() throws(SiteFileFault) {
        var written = 0
        while written < buffer.count {
            let count = buffer[written...].withUnsafeBytes { bytes in
                #if canImport(Glibc)
                    Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                #else
                    Musl.write(descriptor, bytes.baseAddress, bytes.count)
                #endif
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw .unwritable(file: file, reason: SystemError.text(errno))
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
