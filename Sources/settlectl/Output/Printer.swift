@preconcurrency import Foundation
import SettlementClient

/// Prints answers for a person, or as JSON for a program.
struct Printer {
    /// Whether `--json` was given.
    var json: Bool

    /// A list: a table with a heading, or a JSON array.
    func list(_ rows: [Record], empty: String) {
        if json {
            print("[" + rows.map(\.json).joined(separator: ",\n ") + "]")
        } else if rows.isEmpty {
            print(empty)
        } else {
            for line in Table.lines(rows) { print(line) }
        }
    }

    /// One thing: a line a value, or a JSON object.
    func show(_ record: Record) {
        guard !json else {
            print(record.json)
            return
        }
        let width = record.fields.map { $0.name.count }.max() ?? 0
        for field in record.fields {
            let name = field.name.replacing("_", with: " ")
            let pad = String(repeating: " ", count: width - field.name.count + 2)
            print("\(name)\(pad)\(field.value.text)")
        }
        for list in record.lists where !list.rows.isEmpty {
            print("\n\(list.name.replacing("_", with: " "))")
            for line in Table.lines(list.rows) { print("  " + line) }
        }
    }

    /// What was done, one sentence.
    func done(_ sentence: String, _ fields: [(name: String, value: Scalar)] = []) {
        print(json ? Record([(name: "done", value: .text(sentence))] + fields).json : sentence)
    }
}

extension Printer {
    /// Writes out what was printed.
    ///
    /// - Throws: `CommandFault` where any of it was lost: a full disk, say.
    static func finish() throws(CommandFault) {
        guard let why = loss else { return }
        throw CommandFault(
            "it is done, but the answer could not be written to standard output: \(why)")
    }

    /// Writes out what was printed of an answer, before its request is no open item any more; where that
    /// cannot be done the command ends here, and the item stays.
    static func handOut() {
        guard let why = loss else { return }
        Settlectl.exit(
            withError: CommandFault(
                "the answer could not be written to standard output: \(why); its request stays an open "
                    + "item: go on with `settlectl pos open-items`"))
    }

    /// Why some of what was printed is lost, now or before; nil where all of it is written.
    private static var loss: String? {
        if fflush(stdout) != 0 { return String(cString: strerror(errno)) }
        // A buffer that was full before is gone, and flushing says nothing of it.
        return ferror(stdout) != 0 ? "it is full or gone" : nil
    }
}

/// Rows under headings, columns aligned by display width.
enum Table {
    static func lines(_ rows: [Record]) -> [String] {
        guard let first = rows.first else { return [] }
        let names = first.fields.map { $0.name.replacing("_", with: " ") }
        var widths = names.map { DisplayWidth.of($0) }
        for row in rows {
            for (column, field) in row.fields.enumerated() where column < widths.count {
                widths[column] = max(widths[column], DisplayWidth.of(field.value.text))
            }
        }
        var result = [
            joined(names.indices.map { pad(names[$0], widths[$0], right: false) }),
            joined(widths.map { String(repeating: "-", count: $0) }),
        ]
        for row in rows {
            result.append(
                joined(
                    row.fields.indices.map { column in
                        let value = row.fields[column].value
                        return pad(value.text, widths[column], right: value.isNumeric)
                    }))
        }
        return result
    }

    private static func joined(_ cells: [String]) -> String {
        var line = cells.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func pad(_ text: String, _ width: Int, right: Bool) -> String {
        right
            ? DisplayWidth.rightAligned(text, in: width) : DisplayWidth.padded(text, to: width)
    }
}
