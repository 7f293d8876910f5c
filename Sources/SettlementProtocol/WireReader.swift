/// Reads the fields of a message from its canonical bytes: in the order of their numbers, each
/// varint at its shortest, defaults left out.
///
/// The counterpart of `WireWriter`, for the one request that comes far more often than any other.
/// Fields 1 to 15 are asked for in ascending order; whatever else stands there, unknown, out of
/// order or longer than need be, is not canonical, and the message is SwiftProtobuf's to read. A
/// reader must not outlive the bytes.
/// - Source: the wire format of Protocol Buffers, "Encoding".
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    /// Where the next field begins.
    private(set) var position = 0
    private var isCanonical = true

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Whether all that was asked for is all there is, and canonical.
    var isComplete: Bool { isCanonical && position == bytes.count }

    /// A `uint64`; 0 where it is left out.
    mutating func unsigned(_ field: UInt8) -> UInt64 {
        guard begins(field, type: 0) else { return 0 }
        let value = varint()
        if value == 0 { fail() }
        return value
    }

    /// An `int64`; 0 where it is left out.
    mutating func signed(_ field: UInt8) -> Int64 {
        Int64(bitPattern: unsigned(field))
    }

    /// A `uint32`; 0 where it is left out.
    mutating func unsigned32(_ field: UInt8) -> UInt32 {
        narrowed(unsigned(field))
    }

    /// A `bool`.
    mutating func bool(_ field: UInt8) -> Bool {
        let value = unsigned(field)
        if value > 1 { fail() }
        return value == 1
    }

    /// An `int64` that may be absent; present, it may be 0.
    mutating func optionalSigned(_ field: UInt8) -> Int64? {
        begins(field, type: 0) ? Int64(bitPattern: varint()) : nil
    }

    /// A `uint32` that may be absent; present, it may be 0.
    mutating func optionalUnsigned32(_ field: UInt8) -> UInt32? {
        begins(field, type: 0) ? narrowed(varint()) : nil
    }

    /// A `fixed64`; 0 where it is left out.
    mutating func fixed64(_ field: UInt8) -> UInt64 {
        guard begins(field, type: 1) else { return 0 }
        guard bytes.count - position >= 8 else {
            fail()
            return 0
        }
        let value = UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        position += 8
        if value == 0 { fail() }
        return value
    }

    /// The content of a `bytes`; nil where it is left out.
    mutating func content(_ field: UInt8) -> UnsafeRawBufferPointer? {
        guard let content = element(field) else { return nil }
        if content.isEmpty { fail() }
        return content
    }

    /// A `string`; nil where it is left out.
    mutating func string(_ field: UInt8) -> String? {
        content(field).map { text($0) }
    }

    /// The next of a repeated `string`; nil where there is no other.
    mutating func repeatedString(_ field: UInt8) -> String? {
        element(field).map { text($0) }
    }

    /// The content of the next of a repeated message; nil where there is no other.
    mutating func element(_ field: UInt8) -> UnsafeRawBufferPointer? {
        guard begins(field, type: 2) else { return nil }
        let length = varint()
        guard length <= UInt64(bytes.count - position) else {
            fail()
            return nil
        }
        let start = position
        position += Int(length)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// Says that the message is not canonical: nothing more of it is read.
    mutating func fail() {
        isCanonical = false
        position = bytes.count
    }

    private mutating func begins(_ field: UInt8, type: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == field << 3 | type else { return false }
        position += 1
        return true
    }

    private mutating func narrowed(_ value: UInt64) -> UInt32 {
        if value > UInt64(UInt32.max) { fail() }
        return UInt32(truncatingIfNeeded: value)
    }

    private mutating func text(_ bytes: UnsafeRawBufferPointer) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            fail()
            return ""
        }
        return text
    }

    private mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                // A last byte of 0 says nothing, and the tenth has room for one bit.
                if byte == 0 && shift > 0 || byte > 1 && shift == 63 { fail() }
                return value
            }
            shift += 7
        }
        fail()
        return 0
    }
}
