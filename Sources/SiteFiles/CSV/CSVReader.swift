/// Gives the records of a CSV file one at a time, in bounded memory.
///
/// Shape: UTF-8 with or without a byte-order mark; lines end with LF or CRLF; fields are separated
/// by commas; a field that holds a comma, a quote or a line's end is written in quotes, with quotes
/// inside it doubled. Empty lines are passed over.
///
/// - Source: RFC 4180.
public struct CSVReader: ~Copyable {
    /// What bounds memory whatever the file holds.
    public struct Limits: Sendable, Hashable {
        /// The longest field, from 1 to `recordBytesMax` bytes, by default 4,096.
        public var fieldBytesMax: Int
        /// The longest record with its line's end, from 64 to 16,777,216 bytes, by default 65,536.
        public var recordBytesMax: Int
        /// The most fields of a record, by default 64.
        public var fieldsMax: Int

        /// Creates limits; values outside their ranges are brought to the nearest bound.
        public init(
            fieldBytesMax: Int = 4096, recordBytesMax: Int = 65_536, fieldsMax: Int = 64
        ) {
            self.recordBytesMax = min(max(recordBytesMax, 64), 16_777_216)
            self.fieldBytesMax = min(max(fieldBytesMax, 1), self.recordBytesMax)
            self.fieldsMax = max(fieldsMax, 1)
        }
    }

    /// What comes next in a file.
    public enum Step: Sendable, Hashable {
        /// A record, whose fields can be asked for until the next step.
        case record
        /// A line that is no record; reading goes on behind it.
        case defect(Defect)
        /// The end of the file.
        case end
    }

    let source: ByteSource
    private let limits: Limits
    private var buffer: [UInt8]
    /// The part of the buffer that is not read yet.
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    private var isFirst = true
    private var scanner = CSVScanner()
    /// Where the record of the last step starts in the buffer.
    private var recordStart = 0
    /// The line on which the record of the last step starts, from 1.
    public private(set) var line = 1
    private var nextLine = 1

    /// Opens a file.
    public init(path: String, limits: Limits = Limits()) throws(SiteFileFault) {
        self.init(source: try ByteSource(path: path), limits: limits)
    }

    /// Reads bytes that are in memory, under a name for errors.
    public init(name: String, bytes: [UInt8], limits: Limits = Limits()) {
        self.init(source: ByteSource(name: name, bytes: bytes), limits: limits)
    }

    init(source: ByteSource, limits: Limits) {
        self.source = source
        self.limits = limits
        buffer = [UInt8](repeating: 0, count: max(262_144, limits.recordBytesMax * 2))
    }

    /// How many fields the record has.
    public var fieldCount: Int { scanner.fields.count }

    /// The text of a field, without its quotes; empty for a field that the record has not.
    public func field(_ index: Int) -> String {
        guard scanner.fields.indices.contains(index) else { return "" }
        let field = scanner.fields[index]
        let range = (recordStart + field.start)..<(recordStart + field.end)
        guard field.hasDoubledQuotes else {
            return buffer.withUnsafeBufferPointer {
                String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
            }
        }
        return buffer[range].withUnsafeBytes { bytes in
            var text: [UInt8] = []
            var afterQuote = false
            for byte in bytes {
                let isQuote = byte == CSVScanner.quote
                if isQuote && afterQuote {
                    afterQuote = false
                } else {
                    text.append(byte)
                    afterQuote = isQuote
                }
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// Where a field of the record starts.
    public func place(ofField index: Int) -> (line: Int, column: Int) {
        guard scanner.fields.indices.contains(index) else { return (line, 0) }
        let field = scanner.fields[index]
        return place(at: recordStart + field.start - (field.isQuoted ? 1 : 0))
    }

    /// Reads on to the next record, the next line that is none, or the end.
    public mutating func next() throws(SiteFileFault) -> Step {
        if isFirst, let defect = try begin() { return .defect(defect) }
        while true {
            line = nextLine
            recordStart = start
            let found = buffer.withUnsafeBufferPointer {
                scanner.scan($0, from: start, to: end, isWhole: isAtEnd, limits: limits)
            }
            switch found {
            case .incomplete:
                try refill()
            case .end:
                return .end
            case .blank(let next):
                start = next
                nextLine += 1
            case .record(let next, let isASCII):
                start = next
                nextLine += 1 + scanner.innerLines
                if !isASCII, let defect = brokenText(to: next) { return .defect(defect) }
                return .record
            case .broken(let at, let reason, let skipFrom):
                let place = place(at: at)
                nextLine = self.place(at: skipFrom).line
                start = skipFrom
                try skipLine()
                return .defect(Defect(line: place.line, column: place.column, reason: reason))
            }
        }
    }

    /// Reads the first bytes and passes over a byte-order mark.
    private mutating func begin() throws(SiteFileFault) -> Defect? {
        isFirst = false
        while !isAtEnd && end < 3 { try refill() }
        if end >= 3, buffer[0] == 0xef, buffer[1] == 0xbb, buffer[2] == 0xbf { start = 3 }
        guard end >= 2 else { return nil }
        let mark = (buffer[0], buffer[1])
        guard mark == (0xff, 0xfe) || mark == (0xfe, 0xff) else { return nil }
        (start, end, isAtEnd) = (0, 0, true)
        return Defect(line: 1, column: 1, reason: "the file is UTF-16; save it as UTF-8")
    }

    /// Makes room behind what is not read yet and fills it.
    private mutating func refill() throws(SiteFileFault) {
        if start > 0 {
            let (from, count) = (start, end - start)
            buffer.withUnsafeMutableBytes { bytes in
                guard count > 0, let base = bytes.baseAddress else { return }
                base.copyMemory(from: base + from, byteCount: count)
            }
            (start, end, recordStart) = (0, count, 0)
        }
        let (source, free) = (source, end..<buffer.count)
        let read = buffer.withUnsafeMutableBytes { bytes in
            Result { () throws(SiteFileFault) in
                try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[free]))
            }
        }
        let count = try read.get()
        if count == 0 { isAtEnd = true }
        end += count
    }

    /// Passes over everything to the end of a line.
    private mutating func skipLine() throws(SiteFileFault) {
        while true {
            while start < end {
                start += 1
                if buffer[start - 1] == CSVScanner.lineFeed {
                    nextLine += 1
                    return
                }
            }
            if isAtEnd { return }
            try refill()
        }
    }

    /// The line and the column, in characters, of a place in the record.
    private func place(at position: Int) -> (line: Int, column: Int) {
        var (line, column) = (line, 1)
        for byte in buffer[recordStart..<min(position, end)] {
            if byte == CSVScanner.lineFeed {
                (line, column) = (line + 1, 1)
            } else if byte & 0b1100_0000 != 0b1000_0000 {
                column += 1
            }
        }
        return (line, column)
    }

    /// Where the record is not UTF-8.
    private func brokenText(to next: Int) -> Defect? {
        do {
            _ = try UTF8Span(validating: buffer.span.extracting(recordStart..<next))
            return nil
        } catch {
            let at = recordStart + error.byteOffsets.lowerBound
            let place = place(at: at)
            let byte = String(buffer[at], radix: 16, uppercase: true)
            return Defect(
                line: place.line, column: place.column,
                reason: "the byte 0x\(byte) is not UTF-8; save the file as UTF-8")
        }
    }
}
