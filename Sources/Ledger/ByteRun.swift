/// Bytes in one block of memory that grows at its end.
///
/// An array asks at each append whether others hold it too; this cannot be copied, so that nobody
/// else does. What is written to the journal and sent to terminals is made byte by byte.
public struct ByteRun: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline var written = 0

    /// How many bytes were written.
    @inlinable public var count: Int { written }

    /// Creates an empty run with room for so many bytes.
    public init(capacity: Int) {
        self.capacity = max(64, capacity)
        base = .allocate(capacity: self.capacity)
    }

    deinit {
        base.deallocate()
    }

    /// Forgets every byte, keeping the room.
    public mutating func removeAll() {
        written = 0
    }

    /// Makes room for so many more bytes.
    @inlinable
    mutating func reserve(_ more: Int) {
        if written + more > capacity { grow(more) }
    }

    @usableFromInline
    mutating func grow(_ more: Int) {
        capacity = max(2 * capacity, written + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: written)
        base.deallocate()
        base = larger
    }

    /// Appends one byte.
    @inlinable
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        base[written] = byte
        written += 1
    }

    /// Appends a LEB128 varint, 1 to 10 bytes.
    @inlinable
    public mutating func append(varint value: UInt64) {
        reserve(10)
        var rest = value
        var end = written
        while rest >= 0x80 {
            base[end] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            end += 1
        }
        base[end] = UInt8(truncatingIfNeeded: rest)
        written = end + 1
    }

    /// Appends the eight bytes of a number as they lie in memory.
    @inlinable
    public mutating func append(stored value: UInt64) {
        reserve(8)
        UnsafeMutableRawPointer(base + written).storeBytes(of: value, as: UInt64.self)
        written += 8
    }

    /// Appends bytes.
    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + written).copyMemory(from: start, byteCount: bytes.count)
        written += bytes.count
    }

    /// Appends the UTF-8 bytes of a text, as many as its `utf8.count`.
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// The byte at a place that was written.
    public subscript(_ place: Int) -> UInt8 {
        get {
            precondition((0..<written).contains(place))
            return base[place]
        }
        set {
            precondition((0..<written).contains(place))
            base[place] = newValue
        }
    }

    /// Puts a zero before the byte at a place; those from there on move up.
    public mutating func insertZero(at place: Int) {
        precondition((0...count).contains(place))
        reserve(1)
        let start = UnsafeMutableRawPointer(base + place)
        (start + 1).copyMemory(from: start, byteCount: written - place)
        base[place] = 0
        written += 1
    }

    /// Runs the body with what was written.
    public borrowing func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: written))
    }

    /// What was written.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
