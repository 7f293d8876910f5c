/// One wrong place in a file.
///
/// The text of columns that hold card numbers, ID numbers, names or PINs is never repeated in it.
public struct Defect: Sendable, Hashable, CustomStringConvertible {
    /// The line, counted from 1 as an editor counts; 0 where the file as a whole is meant.
    public var line: Int
    /// The place in the line, counted in characters from 1; 0 where the whole line is meant.
    public var column: Int
    /// The column's name of a CSV file, the key's path of a YAML file: `benefits[2].ratio`; empty
    /// where the place has none.
    public var field: String
    /// What is wrong and what would be right.
    public var reason: String

    /// Creates a defect of its parts.
    public init(line: Int, column: Int = 0, field: String = "", reason: String) {
        self.line = line
        self.column = column
        self.field = field
        self.reason = reason
    }

    /// `12:7: level: "x" is not one of a, b, none`.
    public var description: String {
        var text = ""
        if line > 0 { text += column > 0 ? "\(line):\(column): " : "\(line): " }
        if !field.isEmpty { text += "\(field): " }
        return text + reason
    }
}

/// Everything that is wrong in a file, the first places in full.
public struct DefectList: Sendable, Hashable, CustomStringConvertible {
    /// How many defects are kept; the rest are counted.
    public static let keptMax = 1000

    /// The file.
    public let file: String
    /// The first defects, in the order of lines; at most `keptMax`.
    public private(set) var kept: [Defect] = []
    /// How many there are.
    public private(set) var total = 0

    /// Creates the empty list of a file.
    public init(file: String) {
        self.file = file
    }

    /// Whether nothing was found wrong.
    public var isEmpty: Bool { total == 0 }

    /// Adds a defect to the end, or only counts it where enough are kept.
    public mutating func add(_ defect: Defect) {
        total += 1
        if kept.count < Self.keptMax { kept.append(defect) }
    }

    /// A line a defect, each with the file's name, and how many more there are.
    public var description: String {
        var lines = kept.map { "\(file):\($0)" }
        if total > kept.count {
            lines.append("\(file): \(total - kept.count) more; \(total) in all")
        }
        return lines.joined(separator: "\n")
    }
}
