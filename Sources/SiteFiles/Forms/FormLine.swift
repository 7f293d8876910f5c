import Ledger
import SettlementDomain

/// One record of a form: gives out checked values and notes what is wrong with them.
struct FormLine {
    /// The line on which the record starts.
    private(set) var number = 0
    /// The texts in the order of the form's columns; empty where the file has no such column.
    private var texts: [String]
    /// What was found wrong in this record.
    private(set) var wrong: [(column: Column?, reason: String)] = []

    init(columns: Int) {
        texts = [String](repeating: "", count: columns)
    }

    /// Takes the next record; `positions` says which field each column is, -1 for none.
    mutating func load(_ reader: borrowing CSVReader, positions: [Int]) {
        number = reader.line
        wrong.removeAll(keepingCapacity: true)
        for (column, position) in positions.enumerated() where position >= 0 {
            texts[column] = reader.field(position)
        }
    }

    /// Whether nothing is written in the column.
    func isEmpty(_ column: Column) -> Bool { texts[column.index].isEmpty }

    /// Which of these columns have nothing written in them.
    func unwritten(_ columns: [(Column, Unwritten)]) -> Unwritten {
        Unwritten(columns.lazy.filter { isEmpty($0.0) }.map(\.1))
    }

    /// The text as it is written.
    func text(_ column: Column) -> String { texts[column.index] }

    /// Notes that the column's text, or the record as a whole, is wrong: the record gives no row.
    mutating func refuse(_ column: Column?, _ reason: String) {
        wrong.append((column, reason))
    }

    /// Notes that the column's text is not what was expected: `"x" is not a day`.
    mutating func refuse(_ column: Column, isNot expected: String) {
        refuse(column, quoted(column) + " is not " + expected)
    }

    /// The value of a text that must be there.
    mutating func value<Value>(
        _ column: Column, _ expected: @autoclosure () -> String, _ parse: (String) -> Value?
    ) -> Value? {
        let text = texts[column.index]
        if !text.isEmpty, let value = parse(text) { return value }
        if text.isEmpty {
            refuse(column, "is empty; write " + expected())
        } else {
            refuse(column, isNot: expected())
        }
        return nil
    }

    /// The value of a text; nil, and nothing noted, where nothing is written.
    mutating func valueIfWritten<Value>(
        _ column: Column, _ expected: @autoclosure () -> String, _ parse: (String) -> Value?
    ) -> Value? {
        isEmpty(column) ? nil : value(column, expected(), parse)
    }

    /// The value of a text, or another where nothing is written.
    mutating func value<Value>(
        _ column: Column, default fallback: Value, _ expected: @autoclosure () -> String,
        _ parse: (String) -> Value?
    ) -> Value? {
        isEmpty(column) ? fallback : value(column, expected(), parse)
    }

    /// A word that stands for a case.
    mutating func code<Code: NamedCode>(
        _ column: Column, _ names: CodeNames<Code>, default fallback: Code? = nil
    ) -> Code? {
        if let fallback, isEmpty(column) { return fallback }
        return value(column, "one of \(names.list)") { names[$0] }
    }

    /// `yes` or `no`.
    mutating func flag(_ column: Column, default fallback: Bool) -> Bool? {
        value(column, default: fallback, "yes or no") {
            $0 == "yes" ? true : $0 == "no" ? false : nil
        }
    }

    /// A day as `2026-11-23`.
    mutating func day(_ column: Column) -> CivilDate? {
        value(column, "a day as 2026-11-23", Self.day)
    }

    /// A name for people to read, without control characters and without spaces at its ends.
    mutating func name(_ column: Column, bytesMax: Int) -> String? {
        value(column, "a name of at most \(bytesMax) bytes without spaces at its ends") { text in
            guard text.utf8.count <= bytesMax, text.utf8.first != 0x20, text.utf8.last != 0x20,
                text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
            else { return nil }
            return text
        }
    }

    /// Notes a key that another line has already.
    mutating func unique<Key: Hashable>(
        _ key: Key, _ column: Column, in seen: inout [Key: Int]
    ) {
        if let first = seen[key] {
            refuse(column, quoted(column) + " is also on line \(first)")
        } else {
            seen[key] = number
        }
    }

    /// The column's text in quotes, cut where it is long; "the text" where it is private.
    func quoted(_ column: Column) -> String {
        column.isPrivate ? "the text" : Self.quoted(texts[column.index])
    }

    static func quoted(_ text: String) -> String {
        let shown = text.count > 40 ? text.prefix(40) + "..." : text[...]
        let safe = shown.unicodeScalars.map { $0.value < 0x20 ? "\u{fffd}" : String($0) }
        return "\"" + safe.joined() + "\""
    }

    static func day(_ text: String) -> CivilDate? {
        text.utf8.count == 10 ? CivilDate(text) : nil
    }
}

/// The cases of an enumeration by their names.
struct CodeNames<Code: NamedCode>: Sendable {
    private let byName: [String: Code]
    let list: String

    init(_ cases: [Code] = Array(Code.allCases)) {
        byName = Dictionary(cases.map { ($0.name, $0) }) { first, _ in first }
        list = cases.map(\.name).joined(separator: ", ")
    }

    subscript(_ name: String) -> Code? { byName[name] }
}
