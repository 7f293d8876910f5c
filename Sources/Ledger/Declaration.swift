import SettlementDomain

/// One page of a declaration: consecutive lines of it.
public struct DeclarationPage: Sendable, Hashable {
    /// The declaration's name, unique within the institution that sends it; 1...32 bytes.
    public var declaration: String
    /// The number of the first line here; lines count from 1.
    public var firstLine: UInt32
    /// The lines, 1...`linesMax`.
    public var lines: [ContributionLine]

    /// The most lines of a page.
    public static let linesMax = 200
    /// The highest number of a line.
    public static let lineNumberMax: UInt32 = 10_000_000
    /// The longest name of a declaration.
    public static let nameBytesMax = 32

    /// Creates a page of its parts.
    public init(declaration: String, firstLine: UInt32, lines: [ContributionLine]) {
        self.declaration = declaration
        self.firstLine = firstLine
        self.lines = lines
    }
}

/// Which line of which declaration.
public struct DeclarationLineKey: Sendable, Hashable {
    /// Who sent it.
    public var institution: InstitutionID
    /// The declaration's name.
    public var declaration: String
    /// The line's number, from 1.
    public var line: UInt32

    /// Creates a key of its parts.
    public init(institution: InstitutionID, declaration: String, line: UInt32) {
        self.institution = institution
        self.declaration = declaration
        self.line = line
    }
}

/// What was answered to a line of a declaration: the answer that it gets for ever.
public struct DeclarationLineRow: Sendable, Hashable {
    /// Which line.
    public var key: DeclarationLineKey
    /// The first eight bytes of the digest of what it said.
    public var content: UInt64
    /// What was answered.
    public var code: ResponseCode
    /// Why.
    public var reason: Reason
    /// Which field, for a refusal.
    public var detail: String

    /// Creates a row of its parts.
    public init(
        key: DeclarationLineKey, content: UInt64, code: ResponseCode, reason: Reason,
        detail: String
    ) {
        self.key = key
        self.content = content
        self.code = code
        self.reason = reason
        self.detail = detail
    }
}

extension DeclarationLineRow: Journaled {
    /// Appends the line's answer.
    public func write(to writer: inout ByteWriter) {
        key.institution.write(to: &writer)
        writer.string(key.declaration)
        writer.unsigned(UInt64(key.line))
        writer.word(content)
        writer.choice(code)
        writer.choice(reason)
        writer.string(detail)
    }

    /// Reads a line's answer.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let key = DeclarationLineKey(
            institution: try InstitutionID(from: &reader), declaration: try reader.string(),
            line: try reader.integer())
        self.init(
            key: key, content: try reader.word(), code: try reader.choice(),
            reason: try reader.choice(), detail: try reader.string())
    }
}

extension ContributionLine: Journaled {
    /// Appends what the line says, by which a line that is sent again is compared.
    public func write(to writer: inout ByteWriter) {
        writer.optional(name) { $0.string($1) }
        writer.optionalValue(idNumber)
        writer.optionalValue(period)
        base.write(to: &writer)
        employerPart.write(to: &writer)
        individualPart.write(to: &writer)
        switch employer {
        case .registered: writer.byte(0)
        case .named(let institution):
            writer.byte(1)
            institution.write(to: &writer)
        case .unreadable: writer.byte(2)
        }
    }

    /// Reads a line.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            name: try reader.flag() ? try reader.string() : nil,
            idNumber: try reader.optionalValue(), period: try reader.optionalValue(),
            base: try Money(from: &reader), employerPart: try Money(from: &reader),
            individualPart: try Money(from: &reader))
        let offset = reader.offset
        switch try reader.byte() {
        case 0: employer = .registered
        case 1: employer = .named(try InstitutionID(from: &reader))
        case 2: employer = .unreadable
        default: throw CodingFault(offset: offset, expected: "an employer's tag, 0 to 2")
        }
    }
}
