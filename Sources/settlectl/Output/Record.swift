import SettlementDomain

/// One value of an answer, as text prints it and JSON types it.
enum Scalar {
    case text(String)
    case number(Int64)
    /// Yuan with two decimals, in JSON too, as a string: no reader may make a binary fraction of it.
    case money(Money)
    case flag(Bool)
    case none

    /// The value in a table.
    var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .money(let money): money.description
        case .flag(let flag): flag ? "yes" : "no"
        case .none: "-"
        }
    }

    /// The value as JSON.
    var json: String {
        switch self {
        case .text(let text): JSONText.quoted(text)
        case .number(let number): String(number)
        case .money(let money): JSONText.quoted(money.description)
        case .flag(let flag): flag ? "true" : "false"
        case .none: "null"
        }
    }

    /// Whether columns of it are flush right.
    var isNumeric: Bool {
        switch self {
        case .number, .money: true
        case .text, .flag, .none: false
        }
    }
}

/// One row of an answer: named values in order, and lists of rows below it.
struct Record: Sendable {
    /// The values, named in `snake_case`.
    var fields: [(name: String, value: Scalar)]
    /// Rows that belong to it.
    var lists: [(name: String, rows: [Record])] = []

    init(_ fields: [(name: String, value: Scalar)], lists: [(String, [Record])] = []) {
        self.fields = fields
        self.lists = lists.map { (name: $0.0, rows: $0.1) }
    }

    /// The record as a JSON object.
    var json: String {
        var members = fields.map { "\(JSONText.quoted($0.name)): \($0.value.json)" }
        for list in lists {
            let rows = list.rows.map(\.json).joined(separator: ", ")
            members.append("\(JSONText.quoted(list.name)): [\(rows)]")
        }
        return "{\(members.joined(separator: ", "))}"
    }
}

/// Strings as JSON writes them.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
