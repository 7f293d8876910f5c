import SettlementDomain

/// A recorded workload as a whole.
///
/// - Source: Protocol/Recording.md.
public struct Recording: Sendable, Hashable {
    /// The role of each terminal; the terminal numbered n is at n - 1.
    public var terminals: [Role]
    /// The requests, in the order of their offsets.
    public var requests: [RecordedRequest]

    /// The first line of a recording.
    public static let heading = "settle-recording 2"

    /// The first line of a recording without names and undoings, which is read too.
    static let headingOfVersion1 = "settle-recording 1"

    /// Creates a recording of its parts.
    public init(terminals: [Role] = [], requests: [RecordedRequest] = []) {
        self.terminals = terminals
        self.requests = requests
    }

    /// Reads the text of a recording.
    ///
    /// - Throws: the first line that is wrong, with what it must be.
    public init(text: String) throws(RecordingFault) {
        self.init()
        var number = 0
        var offset: UInt64 = 0
        var lastLine = text.utf8.isEmpty
        var rest = text.utf8[...]
        while !lastLine {
            let end = rest.firstIndex(of: 0x0a)
            let bytes = rest[..<(end ?? rest.endIndex)]
            lastLine = end == nil
            if let end { rest = rest[rest.index(after: end)...] }
            number += 1
            guard let line = String(bytes) else {
                throw RecordingFault(line: number, problem: "not UTF-8")
            }
            if number == 1 {
                guard line == Self.heading || line == Self.headingOfVersion1 else {
                    throw RecordingFault(line: 1, problem: "must be '\(Self.heading)'")
                }
                continue
            }
            if line.isEmpty || line.hasPrefix("#") { continue }
            var words = RecordingWords(line, number: number)
            if line.hasPrefix("terminal ") {
                try addTerminal(&words)
            } else {
                let request = try words.request(terminals: terminals.count, notBefore: offset)
                offset = request.offset
                requests.append(request)
            }
        }
        guard number > 0 else {
            throw RecordingFault(line: 1, problem: "must be '\(Self.heading)'")
        }
    }

    /// The text, as `init(text:)` reads it.
    public var text: String {
        var text = Self.heading + "\n"
        for (index, role) in terminals.enumerated() {
            text += RecordingLine.terminal(UInt32(index + 1), role) + "\n"
        }
        for request in requests { text += RecordingLine.request(request) + "\n" }
        return text
    }

    private mutating func addTerminal(_ words: inout RecordingWords) throws(RecordingFault) {
        _ = try words.next("terminal")
        let number = try words.number(as: UInt32.self, "a terminal's number")
        guard number == UInt32(terminals.count + 1) else {
            throw words.fault("terminals are numbered in order: \(terminals.count + 1) is next")
        }
        guard let role = Role(name: try words.next("a role")) else {
            throw words.fault("a role: \(Role.allCases.map(\.name).joined(separator: ", "))")
        }
        try words.expectEnd()
        terminals.append(role)
    }
}

/// A line of a recording that is not what Recording.md says.
public struct RecordingFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// What it must be.
    public var problem: String

    /// Creates a fault of its parts.
    public init(line: Int, problem: String) {
        self.line = line
        self.problem = problem
    }

    /// `line 12: expected ...`.
    public var description: String { "line \(line): \(problem)" }
}
