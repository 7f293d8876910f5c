/// Something that reads what others wrote, run on arbitrary bytes.
///
/// `Scripts/fuzz` gives each target bytes of libFuzzer's making; the tests give it those that are
/// kept in `Fuzz/Corpus/`, which hold every input that once was a finding.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// Frames out of a stream that comes in pieces.
    case frames
    /// The body of every request, as the daemon reads it.
    case requests
    /// The body of every response, as a terminal reads and prints it.
    case responses
    /// Questions, pages and registrations of the operator's socket.
    case records
    /// Journal entries and every kind of row in them.
    case journal
    /// PIN blocks, wrapped PIN keys and the contents of key stores.
    case pins
    /// Every form of an operator's CSV files.
    case csv
    /// Policies, claims and the daemon's configuration.
    case yaml
    /// Recorded workloads.
    case recordings
    /// Certificates, what names a terminal in them, and an authority's index.
    case certificates
    /// Amounts, dates, numbers of cards and persons, and other short texts.
    case texts
    /// Connections of terminals and operators to a daemon with its ledger.
    case sessions

    /// Runs the target on an input.
    ///
    /// - Returns: whether the input was one that is accepted, at least in part.
    /// - Throws: `FuzzFinding` where what must always hold does not; anything worse is a trap.
    public func run(_ input: [UInt8]) throws -> Bool {
        switch self {
        case .frames: try FrameFuzz.run(input)
        case .requests: try RequestFuzz.run(input)
        case .responses: try ResponseFuzz.run(input)
        case .records: try RecordFuzz.run(input)
        case .journal: try JournalFuzz.run(input)
        case .pins: try PINFuzz.run(input)
        case .csv: try CSVFuzz.run(input)
        case .yaml: try YAMLFuzz.run(input)
        case .recordings: try RecordingFuzz.run(input)
        case .certificates: try CertificateFuzz.run(input)
        case .texts: try TextFuzz.run(input)
        case .sessions: try SessionFuzz.run(input)
        }
    }

    /// Inputs to begin with, made of the repository's vectors, files and samples.
    public func seeds() throws -> [[UInt8]] {
        switch self {
        case .frames: try FuzzSeeds.frames()
        case .requests: try FuzzSeeds.requests()
        case .responses: try FuzzSeeds.responses()
        case .records: FuzzSeeds.records()
        case .journal: FuzzSeeds.journal()
        case .pins: try FuzzSeeds.pins()
        case .csv: try FuzzSeeds.csv()
        case .yaml: try FuzzSeeds.yaml()
        case .recordings: try FuzzSeeds.recordings()
        case .certificates: try FuzzSeeds.certificates()
        case .texts: FuzzSeeds.texts()
        case .sessions: FuzzSeeds.sessions()
        }
    }
}

/// What must always hold and does not.
public struct FuzzFinding: Error, CustomStringConvertible {
    /// What is wrong.
    public var description: String

    /// Throws a finding unless the condition holds.
    static func unless(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        if !holds { throw FuzzFinding(description: what()) }
    }
}

/// Takes choices from the front of an input; at its end every choice is zero.
struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func below(_ bound: Int) -> Int { Int(byte()) % bound }

    /// Two bytes, the less significant one first.
    mutating func number() -> Int {
        let low = Int(byte())
        return low | Int(byte()) << 8
    }

    mutating func among<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// At most so many bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Everything that is left.
    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }
}
