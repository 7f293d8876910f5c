import SettlementDomain

/// The words of one line of a recording, read from left to right.
struct RecordingWords {
    private let number: Int
    private var words: ArraySlice<Substring>

    static let linesMax = 200

    init(_ line: String, number: Int) {
        self.number = number
        words = line.split(separator: " ", omittingEmptySubsequences: false)[...]
    }

    func fault(_ expected: String) -> RecordingFault {
        RecordingFault(line: number, problem: "expected \(expected)")
    }

    mutating func next(_ expected: String) throws(RecordingFault) -> String {
        guard let word = words.popFirst(), !word.isEmpty else { throw fault(expected) }
        return String(word)
    }

    mutating func number<Value: FixedWidthInteger>(
        as type: Value.Type, _ expected: String
    ) throws(RecordingFault) -> Value {
        guard let value = Value(try next(expected)) else { throw fault(expected) }
        return value
    }

    /// Whether the line has no more words.
    var isAtEnd: Bool { words.isEmpty }

    func expectEnd() throws(RecordingFault) {
        guard words.isEmpty else { throw fault("the end of the line, not '\(words.first ?? "")'") }
    }

    mutating func request(
        terminals: Int, notBefore: UInt64
    ) throws(RecordingFault) -> RecordedRequest {
        let offset = try number(as: UInt64.self, "an offset in microseconds, or 'terminal'")
        guard offset >= notBefore else { throw fault("an offset not before \(notBefore)") }
        let (terminal, key) = try terminalAndKey(terminals)
        let content: RecordedRequest.Content
        switch try next("a kind") {
        case "echo": content = .echo
        case "status": content = try status(terminals)
        case "inquiry": content = .inquiry(try card())
        case "quote": content = .quote(try sale())
        case "settle": content = .settle(try sale())
        case "void": content = .void(try undoing(terminals))
        case "refund": content = .refund(try refund(terminals))
        case "reversal": content = .reversal(try undoing(terminals))
        case "copy": content = .copy(try name(terminals))
        default:
            throw fault(
                "a kind: echo, status, inquiry, quote, settle, void, refund, reversal or copy")
        }
        try expectEnd()
        return RecordedRequest(offset: offset, terminal: terminal, key: key, content: content)
    }

    private mutating func card() throws(RecordingFault) -> RecordedCard {
        let expected = "a card's number, from 1 on, or with /nopin"
        let parts = try next(expected).split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let number = UInt32(first), number >= 1,
            parts.count == 1 || parts.count == 2 && parts[1] == "nopin"
        else { throw fault(expected) }
        return RecordedCard(number: number, hasPIN: parts.count == 1)
    }

    private mutating func sale() throws(RecordingFault) -> RecordedSale {
        let card = try card()
        guard let visitType = VisitType(name: try next("a visit type")) else {
            throw fault("a visit type: \(VisitType.allCases.map(\.name).joined(separator: ", "))")
        }
        var sale = RecordedSale(
            card: card, visitType: visitType, partialAllowed: false, lines: [])
        try options(of: &sale)
        while !words.isEmpty {
            guard sale.lines.count < Self.linesMax else {
                throw fault("at most \(Self.linesMax) lines")
            }
            sale.lines.append(try line())
        }
        guard !sale.lines.isEmpty else { throw fault("at least one line") }
        return sale
    }

    private mutating func options(of sale: inout RecordedSale) throws(RecordingFault) {
        let expected = "options: -, or partial, limit=<fen>, before=<days>, joined by commas"
        let text = try next(expected)
        if text == "-" { return }
        for option in text.split(separator: ",", omittingEmptySubsequences: false) {
            if option == "partial" {
                sale.partialAllowed = true
            } else if let fen = Self.value(option, of: "limit="), let amount = Int64(fen),
                amount >= 0
            {
                sale.accountLimit = Money(fen: amount)
            } else if let days = Self.value(option, of: "before="), let count = UInt32(days),
                count <= 36_600
            {
                sale.serviceDaysBefore = count
            } else {
                throw fault(expected)
            }
        }
    }

    private mutating func line() throws(RecordingFault) -> RecordedLine {
        let expected =
            "quantity,unit_price,amount,course_days,trace_codes,code as whole numbers and a code"
        let parts = try next(expected).split(
            separator: ",", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, let quantity = Int64(parts[0]), let price = Int64(parts[1]),
            let amount = Int64(parts[2]), let days = UInt32(parts[3]),
            let traces = UInt32(parts[4]), traces <= 1000, let code = ItemCode(String(parts[5]))
        else { throw fault(expected) }
        return RecordedLine(
            code: code, quantity: Quantity(thousandths: quantity),
            unitPrice: UnitPrice(tenThousandths: price), amount: Money(fen: amount),
            courseDays: days, traceCodes: traces)
    }

    private static func value(_ option: Substring, of key: String) -> Substring? {
        option.hasPrefix(key) ? option.dropFirst(key.count) : nil
    }
}
