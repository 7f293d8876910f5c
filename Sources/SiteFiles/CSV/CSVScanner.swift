/// Finds the end of one record and of its fields.
struct CSVScanner {
    /// A field's text within its record, quotes taken off.
    struct Field {
        var start: Int
        var end: Int
        var isQuoted = false
        var hasDoubledQuotes = false
    }

    enum Found {
        /// More bytes are needed to say.
        case incomplete
        /// Nothing is left.
        case end
        /// An empty line.
        case blank(next: Int)
        /// `fields` holds a record.
        case record(next: Int, isASCII: Bool)
        /// No record; reading may go on behind the first line's end after `skipFrom`.
        case broken(at: Int, reason: String, skipFrom: Int)
    }

    static let quote = UInt8(ascii: "\"")
    static let comma = UInt8(ascii: ",")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")

    /// The fields found, as offsets from the record's start.
    private(set) var fields: [Field] = []
    /// Lines' ends inside quotes.
    private(set) var innerLines = 0

    /// Reads one record; `isWhole` says that no bytes come after `end`.
    mutating func scan(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, isWhole: Bool,
        limits: CSVReader.Limits
    ) -> Found {
        fields.removeAll(keepingCapacity: true)
        innerLines = 0
        guard start < end else { return isWhole ? .end : .incomplete }
        // One byte more than the longest record shows that a record is longer.
        let recordEnd = start + min(end - start, limits.recordBytesMax + 1)
        let isCut = recordEnd < end || !isWhole
        var at = start
        var seen: UInt8 = 0
        while true {
            let opened = at
            var field = Field(start: at - start, end: at - start)
            if at < recordEnd, bytes[at] == Self.quote {
                field.isQuoted = true
                field.start += 1
                at = closingQuote(bytes, at + 1, recordEnd, &field, &seen)
                field.end = at - start
                if at >= recordEnd {
                    if isCut { return unfinished(start, opened, recordEnd, limits) }
                    return .broken(
                        at: opened, reason: "the quote opened here is never closed",
                        skipFrom: opened)
                }
                at += 1
            } else {
                at = Self.separator(bytes, at, recordEnd, &seen)
                field.end = at - start
            }
            if let broken = exceeded(field, start, opened, limits) { return broken }
            guard at < recordEnd else {
                if isCut { return unfinished(start, opened, recordEnd, limits) }
                fields.append(field)
                return .record(next: at, isASCII: seen < 0x80)
            }
            fields.append(field)
            switch bytes[at] {
            case Self.comma: at += 1
            case Self.lineFeed, Self.carriageReturn:
                return lineEnd(bytes, at, start, recordEnd, isCut, seen < 0x80, limits)
            default:
                return .broken(
                    at: at,
                    reason: field.isQuoted
                        ? "after a closing quote only a comma or the line's end may follow"
                        : "a quote in a field that does not begin with one",
                    skipFrom: at)
            }
        }
    }

    /// The place of the quote that closes a field, or `end`.
    private mutating func closingQuote(
        _ bytes: UnsafeBufferPointer<UInt8>, _ from: Int, _ end: Int, _ field: inout Field,
        _ seen: inout UInt8
    ) -> Int {
        var at = from
        while at < end {
            let byte = bytes[at]
            seen |= byte
            if byte == Self.quote {
                guard at + 1 < end, bytes[at + 1] == Self.quote else { return at }
                field.hasDoubledQuotes = true
                at += 1
            } else if byte == Self.lineFeed {
                innerLines += 1
            }
            at += 1
        }
        return end
    }

    /// The place of the comma, line's end or quote that comes next, or `end`.
    private static func separator(
        _ bytes: UnsafeBufferPointer<UInt8>, _ from: Int, _ end: Int, _ seen: inout UInt8
    ) -> Int {
        var at = from
        while at < end {
            let byte = bytes[at]
            if byte == comma || byte == lineFeed || byte == carriageReturn || byte == quote {
                return at
            }
            seen |= byte
            at += 1
        }
        return end
    }

    private func lineEnd(
        _ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ start: Int, _ recordEnd: Int,
        _ isCut: Bool, _ isASCII: Bool, _ limits: CSVReader.Limits
    ) -> Found {
        var next = at
        if bytes[at] == Self.carriageReturn {
            next += 1
            if next >= recordEnd, isCut { return unfinished(start, at, recordEnd, limits) }
            guard next < recordEnd, bytes[next] == Self.lineFeed else {
                return .broken(
                    at: at, reason: "a carriage return without a line feed", skipFrom: at)
            }
        }
        next += 1
        let isBlank = fields.count == 1 && fields[0].end == 0 && !fields[0].isQuoted
        return isBlank ? .blank(next: next) : .record(next: next, isASCII: isASCII)
    }

    private func unfinished(
        _ start: Int, _ at: Int, _ recordEnd: Int, _ limits: CSVReader.Limits
    ) -> Found {
        guard recordEnd - start > limits.recordBytesMax else { return .incomplete }
        return .broken(
            at: at, reason: "the record is longer than \(limits.recordBytesMax) bytes",
            skipFrom: start)
    }

    private func exceeded(
        _ field: Field, _ start: Int, _ opened: Int, _ limits: CSVReader.Limits
    ) -> Found? {
        if field.end - field.start > limits.fieldBytesMax {
            return .broken(
                at: opened, reason: "the field is longer than \(limits.fieldBytesMax) bytes",
                skipFrom: start + field.end)
        }
        guard fields.count < limits.fieldsMax else {
            return .broken(
                at: opened, reason: "the record has more than \(limits.fieldsMax) fields",
                skipFrom: start + field.end)
        }
        return nil
    }
}
