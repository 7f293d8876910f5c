import Ledger
import SettlementDomain

extension RecordingWords {
    /// `2`, or `2/0.17` with the key.
    mutating func terminalAndKey(
        _ terminals: Int
    ) throws(RecordingFault) -> (UInt32, RecordedKey?) {
        let expected = "a terminal's number, 1...\(terminals), or a name such as 1/0.17"
        let word = try next(expected)
        guard word.contains("/") else {
            guard let number = UInt32(word), number >= 1, number <= terminals else {
                throw fault(expected)
            }
            return (number, nil)
        }
        let name = try name(word, terminals)
        return (name.terminal, name.key)
    }

    /// A request's name.
    mutating func name(_ terminals: Int) throws(RecordingFault) -> RecordedName {
        try name(try next("a request's name such as 1/0.17"), terminals)
    }

    /// How many requests before, or a request's name.
    mutating func status(_ terminals: Int) throws(RecordingFault) -> RecordedRequest.Content {
        let expected = "how many requests before, from 1 on, or a name such as 1/0.17"
        let word = try next(expected)
        if word.contains("/") { return .statusOf(try name(word, terminals)) }
        guard let back = UInt32(word), back >= 1 else { throw fault(expected) }
        return .status(back: back)
    }

    /// What a void or reversal says.
    mutating func undoing(_ terminals: Int) throws(RecordingFault) -> RecordedUndoing {
        let undoing = try anyUndoing(terminals)
        guard undoing.total != nil else { throw fault("a total in fen") }
        return undoing
    }

    /// What a refund says.
    mutating func refund(_ terminals: Int) throws(RecordingFault) -> RecordedUndoing {
        var undoing = try anyUndoing(terminals)
        while !isAtEnd {
            guard undoing.lines.count < Self.linesMax else {
                throw fault("at most \(Self.linesMax) lines")
            }
            undoing.lines.append(try refundLine())
        }
        guard !undoing.lines.isEmpty else { throw fault("at least one line") }
        return undoing
    }

    private mutating func anyUndoing(
        _ terminals: Int
    ) throws(RecordingFault) -> RecordedUndoing {
        let original = try name(terminals)
        let card = try number(as: UInt32.self, "a card's number, from 1 on")
        guard card >= 1 else { throw fault("a card's number, from 1 on") }
        let word = try next("a total in fen, or -")
        if word == "-" { return RecordedUndoing(original: original, card: card, total: nil) }
        guard let fen = Int64(word) else { throw fault("a total in fen, or -") }
        return RecordedUndoing(original: original, card: card, total: Money(fen: fen))
    }

    private mutating func refundLine() throws(RecordingFault) -> RecordedRefundLine {
        let expected = "line,quantity,trace_codes as whole numbers, or - for a quantity"
        let parts = try next(expected).split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let line = UInt32(parts[0]), line <= 1000,
            let traces = UInt32(parts[2]), traces <= 1000
        else { throw fault(expected) }
        if parts[1] == "-" {
            return RecordedRefundLine(line: line, quantity: nil, traceCodes: traces)
        }
        guard let quantity = Int64(parts[1]) else { throw fault(expected) }
        return RecordedRefundLine(
            line: line, quantity: Quantity(thousandths: quantity), traceCodes: traces)
    }

    private func name(_ word: String, _ terminals: Int) throws(RecordingFault) -> RecordedName {
        let expected =
            "a request's name: a terminal's number, 1...\(terminals), /, days, a point, a STAN"
        let parts = word.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let terminal = UInt32(parts[0]), terminal >= 1,
            terminal <= terminals
        else { throw fault(expected) }
        let key = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard key.count == 2, let day = Int32(key[0]), let stan = UInt32(key[1]),
            (1...RequestKey.stanMax).contains(stan)
        else { throw fault(expected) }
        return RecordedName(terminal: terminal, key: RecordedKey(day: day, stan: stan))
    }
}
