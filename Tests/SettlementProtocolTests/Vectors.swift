import Foundation
import NIOCore
import Testing

@testable import SettlementProtocol

/// A frame of Protocol/Vectors/frames with what it means.
struct MessageVector: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var kind: String
    var requestID: UInt32
    var message: String
    var bodyBytes: Int
    /// Whether the body is what this project's encoder writes, byte for byte.
    var isCanonical: Bool
    /// The message in the JSON mapping of Protocol Buffers.
    var decoded: String
    var frame: [UInt8]

    var testDescription: String { name }
    var kindNumber: UInt8 { UInt8(kind.dropFirst(2), radix: 16) ?? 0 }
    var body: ByteBuffer { ByteBuffer(bytes: frame.dropFirst(Frame.headerBytes)) }

    enum Key: String, CodingKey {
        case name, kind, message, decoded, frame, canonical
        case requestID = "request_id"
        case bodyBytes = "body_bytes"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        name = try values.decode(String.self, forKey: .name)
        kind = try values.decode(String.self, forKey: .kind)
        requestID = try values.decode(UInt32.self, forKey: .requestID)
        message = try values.decode(String.self, forKey: .message)
        bodyBytes = try values.decode(Int.self, forKey: .bodyBytes)
        isCanonical = try values.decodeIfPresent(Bool.self, forKey: .canonical) ?? true
        let json = try JSONEncoder().encode(try values.decode(JSONValue.self, forKey: .decoded))
        decoded = String(decoding: json, as: UTF8.self)
        frame = try Hex.bytes(try values.decode(String.self, forKey: .frame))
    }
}

/// Bytes that are refused, with how.
struct FaultVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Expectation: Decodable, Sendable {
        var code: UInt8
        var reason: UInt16
        var detail: String
    }

    var name: String
    var direction: String
    var frame: String
    var expect: Expectation

    var testDescription: String { name }
}

/// Any JSON, kept as it is.
indirect enum JSONValue: Codable {
    case object([String: JSONValue])
    case list([JSONValue])
    case text(String)
    case flag(Bool)
    case number(Int64)

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .object(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        }
    }
}

enum Hex {
    struct Fault: Error {}

    static func bytes(_ text: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) else {
                throw Fault()
            }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// The files of Protocol/, found from this file.
enum Vectors {
    static let protocolFolder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Protocol")

    static let messages: [MessageVector] = [
        "session", "catalog", "card-inquiry", "quote", "settle", "void", "refund", "reversal",
        "settlement-status", "receipt-copy", "card-services", "person-queries", "family",
        "contributions", "inpatient", "claims", "reconciliation", "refusals",
    ].flatMap { load($0) }

    static var requests: [MessageVector] { messages.filter { $0.kindNumber < 0x80 } }
    static var responses: [MessageVector] { messages.filter { $0.kindNumber >= 0x80 } }
    static let malformedFrames: [FaultVector] = load("malformed-frames")
    static let malformedBodies: [FaultVector] = load("malformed-bodies")

    /// The vectors of a file; none where it cannot be read, which `everyFileIsRead` finds.
    static func load<Vector: Decodable>(_ file: String) -> [Vector] {
        let url = protocolFolder.appendingPathComponent("Vectors/frames/\(file).json")
        guard let data = try? Data(contentsOf: url),
            let vectors = try? JSONDecoder().decode([Vector].self, from: data)
        else { return [] }
        return vectors
    }

    static func page(_ name: String) throws -> String {
        try String(contentsOf: protocolFolder.appendingPathComponent(name), encoding: .utf8)
    }

    static func message(_ name: String) throws -> MessageVector {
        try #require(messages.first { $0.name == name }, "no vector \(name)")
    }
}

/// A generator of the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
