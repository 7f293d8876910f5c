/// Takes card, ID and account numbers out of a text before it is logged.
///
/// The last line of defence: code that logs does not put numbers in. A run of nine or more decimal
/// digits keeps its last four; an `X` after seventeen digits counts as a digit. A run right after a
/// capital letter stays: institutions' and items' national codes are such.
enum LogMasking {
    private static let runMin = 9
    private static let shownDigits = 4

    /// The text with every long number masked.
    static func masked(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            guard isDigit(bytes[start]) else {
                start += 1
                continue
            }
            var end = start
            while end < bytes.count, isDigit(bytes[end]) { end += 1 }
            if end - start == 17, end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "x") {
                end += 1
            }
            let isCode = start > 0 && isCapital(bytes[start - 1])
            if end - start >= runMin, !isCode {
                for index in start..<(end - shownDigits) { bytes[index] = UInt8(ascii: "*") }
            }
            start = end
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isCapital(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
