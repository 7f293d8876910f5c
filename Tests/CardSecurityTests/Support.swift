import Foundation

@testable import CardSecurity

/// The bytes of hexadecimal digits, blanks left out.
func hex(_ text: String) -> [UInt8] {
    Hexadecimal.bytes(of: text.utf8.filter { $0 != 0x20 && $0 != 0x0a }) ?? []
}

/// A secret of hexadecimal digits.
func secret(_ text: String) -> SecretBytes {
    var bytes = hex(text)
    return SecretBytes(wiping: &bytes)
}

extension SecretBytes {
    /// The bytes as hexadecimal digits, for comparison in tests.
    var revealed: String { withUnsafeBytes { Hexadecimal.text(of: $0) } }
}

/// A temporary directory that goes with the object.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("card-security-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }

    /// Writes a file with these permission bits.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8], mode: Int = 0o600) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        try setMode(name, mode)
        return file(name)
    }

    func setMode(_ name: String, _ mode: Int) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: file(name))
    }
}

/// Entries of Protocol/Vectors/pin.
enum PINVectors {
    struct Block: Decodable, Sendable, CustomStringConvertible {
        var name, algorithm, masterKey, wrappedKey, checkValue, pinKey, card, pin, fill: String
        var pinField, panField, intermediateA, intermediateB, block: String
        var description: String { name }
    }

    struct Refused: Decodable, Sendable, CustomStringConvertible {
        var reason, algorithm, pinKey, card, block: String
        var description: String { "\(algorithm): \(reason)" }
    }

    struct Master: Decodable, Sendable {
        struct Component: Decodable, Sendable {
            var key, checkValue: String
        }
        var masterKey, checkValue: String
        var components: [Component]
    }

    static let blocks: [Block] = load("format4.json")
    static let refused: [Refused] = load("refused.json")
    static let masters: [Master] = load("components.json")

    static func algorithm(_ name: String) -> PINAlgorithm {
        name == "SM4" ? .sm4 : .aes128
    }

    /// An empty list where the file cannot be read; each suite expects entries.
    private static func load<Entry: Decodable>(_ name: String) -> [Entry] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Protocol/Vectors/pin/\(name)")
        guard let data = try? Data(contentsOf: file) else { return [] }
        return (try? JSONDecoder().decode([Entry].self, from: data)) ?? []
    }
}
