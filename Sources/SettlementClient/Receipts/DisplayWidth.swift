/// How many columns of a fixed-width terminal or printer a text takes.
public enum DisplayWidth {
    /// Two for Chinese characters and full-width forms, none for combining marks, else one.
    public static func of(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + width($1) }
    }

    /// The text cut to so many columns, with `~` where something was cut off, and filled with
    /// blanks.
    public static func padded(_ text: String, to columns: Int) -> String {
        let cut = clipped(text, to: columns)
        return cut + String(repeating: " ", count: max(0, columns - of(cut)))
    }

    /// The text cut to so many columns, with `~` where something was cut off.
    static func clipped(_ text: String, to columns: Int) -> String {
        guard of(text) > columns else { return text }
        var cut = ""
        var used = 0
        for character in text {
            let next = width(character)
            if used + next > columns - 1 { break }
            cut.append(character)
            used += next
        }
        return cut + "~"
    }

    /// The text moved to the right edge of so many columns.
    public static func rightAligned(_ text: String, in columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - of(text))) + text
    }

    private static func width(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        // A line break or an escape in a name would spoil the page: it takes no column and is
        // replaced when printed.
        return switch first.value {
        case 0..<0x20, 0x7f..<0xa0: 1
        case 0x0300...0x036f, 0x200b...0x200f, 0xfe00...0xfe0f: 0
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff,
            0xa000...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe4f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            2
        default: 1
        }
    }
}
