/// Writes the journal's canonical bytes.
///
/// Integers are LEB128 varints, signed ones zigzag first; strings and byte runs carry their length
/// before them. One value has one encoding, so that equal entries have equal bytes.
public struct ByteWriter: ~Copyable {
    private var content: ByteRun

    /// Creates a writer with room for so many bytes.
    public init(capacity: Int = 512) {
        content = ByteRun(capacity: capacity)
    }

    /// What was written so far.
    public var bytes: [UInt8] { content.bytes }

    /// Runs the body with what was written so far.
    public borrowing func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try content.withUnsafeBytes(body)
    }

    /// Forgets what was written, keeping the room.
    public mutating func removeAll() {
        content.removeAll()
    }

    /// Appends one byte.
    public mutating func byte(_ value: UInt8) {
        content.append(value)
    }

    /// Appends an unsigned integer, 1 to 10 bytes.
    public mutating func unsigned(_ value: UInt64) {
        content.append(varint: value)
    }

    /// Appends a signed integer, zigzag.
    public mutating func signed(_ value: Int64) {
        unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends a truth value as one byte.
    public mutating func flag(_ value: Bool) {
        byte(value ? 1 : 0)
    }

    /// Appends eight bytes, most significant first.
    public mutating func word(_ value: UInt64) {
        content.append(stored: value.bigEndian)
    }

    /// Appends a length and the UTF-8 bytes.
    public mutating func string(_ value: String) {
        unsigned(UInt64(value.utf8.count))
        content.append(value)
    }

    /// Appends a length and the bytes.
    public mutating func run(_ value: [UInt8]) {
        value.withUnsafeBytes { run($0) }
    }

    /// Appends a length and the bytes.
    public mutating func run(_ value: UnsafeRawBufferPointer) {
        unsigned(UInt64(value.count))
        content.append(value)
    }

    /// Appends the 32 bytes of a digest.
    public mutating func digest(_ value: Digest) {
        word(value.words.0)
        word(value.words.1)
        word(value.words.2)
        word(value.words.3)
    }

    /// Appends whether there is a value, then the value.
    public mutating func optional<Value>(
        _ value: Value?, _ write: (inout ByteWriter, Value) -> Void
    ) {
        flag(value != nil)
        if let value { write(&self, value) }
    }

    /// Appends a count, then each element.
    public mutating func list<Element>(
        _ values: [Element], _ write: (inout ByteWriter, Element) -> Void
    ) {
        unsigned(UInt64(values.count))
        for value in values { write(&self, value) }
    }

    /// Puts a digest over the first 32 bytes, which were written before.
    mutating func overwriteStart(with digest: Digest) {
        let end = content.count
        content.written = 0
        self.digest(digest)
        content.written = end
    }
}

/// Bytes that are not what `ByteWriter` writes: where, and what was expected there.
public struct CodingFault: Error, Sendable, Hashable {
    /// Offset of the first byte that does not fit.
    public var offset: Int
    /// What should have been there.
    public var expected: String

    /// Creates a fault at an offset.
    public init(offset: Int, expected: String) {
        self.offset = offset
        self.expected = expected
    }
}

/// Reads what `ByteWriter` wrote; never past the end, never more elements than bytes.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    /// Offset of the next byte.
    public private(set) var offset = 0

    /// Creates a reader over these bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether everything was read.
    public var isAtEnd: Bool { offset == bytes.count }

    /// Reads one byte.
    public mutating func byte() throws(CodingFault) -> UInt8 {
        guard offset < bytes.count else { throw fault("a byte") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// Reads an unsigned integer.
    public mutating func unsigned() throws(CodingFault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw fault("an integer of 64 bits") }
            value |= UInt64(next & 0x7f) << shift
            if next < 0x80 {
                // Zeros in front are not what is written: equal values have equal bytes.
                guard next != 0 || shift == 0 else { throw fault("the shortest integer") }
                return value
            }
            shift += 7
            guard shift < 64 else { throw fault("an integer of 64 bits") }
        }
    }

    /// Reads an unsigned integer that fits the type.
    public mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self
    ) throws(CodingFault) -> Value {
        let value = try unsigned()
        guard let result = Value(exactly: value) else { throw fault("a smaller integer") }
        return result
    }

    /// Reads a signed integer.
    public mutating func signed() throws(CodingFault) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Reads a truth value.
    public mutating func flag() throws(CodingFault) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw fault("0 or 1")
        }
    }

    /// Reads eight bytes, most significant first.
    public mutating func word() throws(CodingFault) -> UInt64 {
        guard bytes.count - offset >= 8 else { throw fault("8 bytes") }
        var value: UInt64 = 0
        for _ in 0..<8 {
            value = value << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return value
    }

    /// Reads a string of valid UTF-8.
    public mutating func string() throws(CodingFault) -> String {
        let slice = try slice()
        guard let text = String(validating: slice, as: UTF8.self) else { throw fault("UTF-8") }
        return text
    }

    /// Reads a run of bytes.
    public mutating func run() throws(CodingFault) -> [UInt8] {
        Array(try slice())
    }

    /// Reads a digest.
    public mutating func digest() throws(CodingFault) -> Digest {
        Digest(words: (try word(), try word(), try word(), try word()))
    }

    /// Reads a value where there is one.
    public mutating func optional<Value>(
        _ read: (inout ByteReader) throws(CodingFault) -> Value
    ) throws(CodingFault) -> Value? {
        try flag() ? try read(&self) : nil
    }

    /// Reads a list.
    public mutating func list<Element>(
        _ read: (inout ByteReader) throws(CodingFault) -> Element
    ) throws(CodingFault) -> [Element] {
        let count = try unsigned()
        guard count <= UInt64(bytes.count - offset) else { throw fault("\(count) elements") }
        var result: [Element] = []
        // An element may take a thousand times as much memory as its bytes.
        result.reserveCapacity(min(Int(count), 4_096))
        for _ in 0..<count { result.append(try read(&self)) }
        return result
    }

    /// Reads the raw value of an enumeration.
    public mutating func choice<Value: RawRepresentable>(
        _ type: Value.Type = Value.self
    ) throws(CodingFault) -> Value where Value.RawValue: FixedWidthInteger {
        let raw = try integer(Value.RawValue.self)
        guard let value = Value(rawValue: raw) else { throw fault("a known \(Value.self)") }
        return value
    }

    /// Makes a value of what was read, or says that it is none.
    public func checked<Value>(_ value: Value?, _ expected: String) throws(CodingFault) -> Value {
        guard let value else { throw fault(expected) }
        return value
    }

    private mutating func slice() throws(CodingFault) -> ArraySlice<UInt8> {
        let count = try unsigned()
        guard count <= UInt64(bytes.count - offset) else { throw fault("\(count) bytes") }
        let end = offset + Int(count)
        defer { offset = end }
        return bytes[offset..<end]
    }

    private func fault(_ expected: String) -> CodingFault {
        CodingFault(offset: offset, expected: expected)
    }
}
