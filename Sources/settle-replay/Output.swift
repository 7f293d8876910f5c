import Foundation

/// The terminal or file that a run writes to.
enum Output {
    /// Whether standard error is a terminal, so that a line can be written over.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes text to standard output.
    static func print(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// Writes a line to standard error.
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Writes a line over the last one on a terminal; a line of its own elsewhere.
    static func progress(_ text: String) {
        let line = isTerminal ? "\r\u{1b}[K" + text : text + "\n"
        FileHandle.standardError.write(Data(line.utf8))
    }

    /// Ends a line that was written over.
    static func endProgress() {
        if isTerminal { FileHandle.standardError.write(Data("\n".utf8)) }
    }

    /// Reads a text file.
    static func read(_ path: String) throws(ReplayFault) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ReplayFault("\(path): cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ReplayFault("\(path): not UTF-8")
        }
        return text
    }

    /// Writes a text file, replacing what was there.
    static func write(_ text: String, to path: String) throws(ReplayFault) {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ReplayFault("\(path): cannot be written")
        }
    }
}
