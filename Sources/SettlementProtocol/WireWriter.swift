import Ledger

/// Appends the fields of a message in the order of their numbers, defaults left out: the canonical
/// bytes, without a message object.
///
/// For the one response that nearly every request gets; all else is written by SwiftProtobuf.
/// - Source: the wire format of Protocol Buffers, "Encoding".
struct WireWriter: ~Copyable {
    private var content: ByteRun

    /// Creates a writer with room for so many bytes.
    init(capacity: Int) {
        content = ByteRun(capacity: capacity)
    }

    /// What was written so far.
    var bytes: [UInt8] { content.bytes }

    /// A `uint32`, `uint64`, `bool` or enumeration.
    mutating func unsigned(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        varint(field << 3)
        varint(value)
    }

    /// An `int64`.
    mutating func signed(_ field: UInt64, _ value: Int64) {
        unsigned(field, UInt64(bitPattern: value))
    }

    /// A `sint32`.
    mutating func zigzag(_ field: UInt64, _ value: Int32) {
        unsigned(field, UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
    }

    /// A `fixed64`.
    mutating func fixed64(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        varint(field << 3 | 1)
        content.append(stored: value.littleEndian)
    }

    /// A `string`.
    mutating func string(_ field: UInt64, _ value: String) {
        guard !value.isEmpty else { return }
        varint(field << 3 | 2)
        varint(UInt64(value.utf8.count))
        content.append(value)
    }

    /// A message, present though it be empty.
    mutating func message(_ field: UInt64, _ write: (inout WireWriter) -> Void) {
        varint(field << 3 | 2)
        let start = content.count
        // Nearly every length takes one byte; of a longer one, the content moves.
        content.append(0)
        write(&self)
        var rest = UInt64(content.count - start - 1)
        var position = start
        while rest >= 0x80 {
            content[position] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            position += 1
            content.insertZero(at: position)
        }
        content[position] = UInt8(truncatingIfNeeded: rest)
    }

    private mutating func varint(_ value: UInt64) {
        content.append(varint: value)
    }
}
