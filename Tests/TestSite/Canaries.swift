import Foundation
import Glibc

/// Byte strings that must be nowhere, in every form in which they could have been written down.
public struct Canaries: Sendable {
    private struct Form {
        var bytes: Data
        var what: String
    }

    private var forms: [Form] = []

    /// None yet.
    public init() {}

    /// Adds bytes: as they are, as hexadecimal text in both cases, in base 64 from any offset, as a
    /// list of decimal numbers, and from the last to the first.
    public mutating func add(_ bytes: [UInt8], _ what: String) {
        note(bytes, what)
        note(bytes.reversed(), "\(what), backwards")
        let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        note(Array(text.utf8), "\(what), in hexadecimal")
        note(Array(text.uppercased().utf8), "\(what), in capital hexadecimal")
        let spaced = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        note(Array(spaced.joined(separator: " ").utf8), "\(what), in parted hexadecimal")
        note(
            Array(bytes.map { "\($0)" }.joined(separator: ", ").utf8), "\(what), as a list")
        addBase64(bytes, what)
    }

    /// Adds a text as it is.
    public mutating func add(text: String, _ what: String) {
        note(Array(text.utf8), what)
    }

    /// Adds decimal digits: as text of one and two bytes a character, two digits a byte in either
    /// order and from either nibble, each digit a byte, and as the bytes of that text.
    public mutating func add(digits: String, _ what: String) {
        let text = Array(digits.utf8)
        add(text, what)
        note(text.flatMap { [$0, 0] }, "\(what), in UTF-16")
        note(text.map { $0 - 0x30 }, "\(what), a digit a byte")
        for start in 0...1 {
            let values = text.dropFirst(start).map { $0 - 0x30 }
            let pairs = stride(from: 0, to: values.count - 1, by: 2).map { index in
                (values[index], values[index + 1])
            }
            add(pairs.map { $0 << 4 | $1 }, "\(what), packed from digit \(start + 1)")
            note(pairs.map { $1 << 4 | $0 }, "\(what), packed backwards from digit \(start + 1)")
        }
    }

    /// Adds a whole number as a fixed eight bytes in either order.
    public mutating func add(number: UInt64, _ what: String) {
        note(withUnsafeBytes(of: number.littleEndian, Array.init), "\(what), little-endian")
        note(withUnsafeBytes(of: number.bigEndian, Array.init), "\(what), big-endian")
    }

    /// What of it is in there, each form by its name.
    public func found(in content: Data) -> [String] {
        content.withUnsafeBytes { found(in: $0) }
    }

    /// What of it is in there, each form by its name.
    public func found(in content: UnsafeRawBufferPointer) -> [String] {
        forms.filter { form in form.bytes.withUnsafeBytes { Self.contains($0, in: content) } }
            .map(\.what)
    }

    private static func contains(
        _ bytes: UnsafeRawBufferPointer, in content: UnsafeRawBufferPointer
    ) -> Bool {
        guard let first = bytes.first, let wanted = bytes.baseAddress,
            let start = content.baseAddress
        else { return false }
        var offset = 0
        while content.count - offset >= bytes.count {
            let places = content.count - offset - bytes.count + 1
            guard let place = memchr(start + offset, Int32(first), places) else { return false }
            if memcmp(place, wanted, bytes.count) == 0 { return true }
            offset = UnsafeRawPointer(place) - start + 1
        }
        return false
    }

    /// Each form with its name, for a test of the search itself.
    public var all: [(bytes: Data, what: String)] { forms.map { ($0.bytes, $0.what) } }

    private mutating func note(_ bytes: [UInt8], _ what: String) {
        forms.append(Form(bytes: Data(bytes), what: what))
    }

    /// The characters that stand for these bytes alone, at each of the three places in a group.
    private mutating func addBase64(_ bytes: [UInt8], _ what: String) {
        for offset in 0..<3 {
            let text = Array(
                Data([UInt8](repeating: 0, count: offset) + bytes).base64EncodedData())
            let first = (offset * 8 + 5) / 6
            let end = (offset + bytes.count) * 8 / 6
            note(Array(text[first..<end]), "\(what), in base 64 from byte \(offset)")
        }
    }
}
