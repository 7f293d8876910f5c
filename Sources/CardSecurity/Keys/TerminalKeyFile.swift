/// Terminal master keys on their way to software terminals: a text file, mode 0600, each key wrapped.
///
/// The first line is `settle-terminal-keys 1`; each other one is a terminal's identifier, its master
/// key wrapped by AES key wrap under a key-encryption key of 32 bytes (48 digits), and the master
/// key's check value (6 digits), apart by one blank.
public enum TerminalKeyFile {
    private static let heading = "settle-terminal-keys 1"
    private static let bytesMax = 16 << 20

    /// Writes the keys of these terminals, replacing the file whole.
    public static func write(
        _ keys: [String: SecretBytes], to path: String, under source: KeyEncryptionSource
    ) throws(CardSecurityFault) {
        let wrappingKey = try source.wrappingKey(for: path)
        var lines = [heading]
        for (terminal, key) in keys.sorted(by: { $0.key < $1.key }) {
            try KeyStoreContents.check(terminal: terminal)
            try TerminalMasterKey.check(key)
            let wrapped = Hexadecimal.text(of: try KeyWrap.wrap(key, under: wrappingKey))
            lines.append("\(terminal) \(wrapped) \(try TerminalMasterKey.checkValue(of: key))")
        }
        let text = lines.joined(separator: "\n") + "\n"
        try SystemCall.replace(path, with: Array(text.utf8))
    }

    /// Reads the keys by terminal, each proven by its check value.
    public static func read(
        _ path: String, under source: KeyEncryptionSource
    ) throws(CardSecurityFault) -> [String: SecretBytes] {
        let wrappingKey = try source.wrappingKey(for: path)
        let bytes = try SystemCall.read(path, bytesMax: bytesMax, audience: .owner)
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
            throw .lineMalformed(path: path, line: 1)
        }
        var keys: [String: SecretBytes] = [:]
        for (index, line) in text.split(separator: "\n").enumerated() {
            if index == 0 && line == heading { continue }
            let fields = line.split(separator: " ")
            guard index > 0, fields.count == 3, keys[String(fields[0])] == nil,
                let wrapped = Hexadecimal.bytes(of: fields[1].utf8), wrapped.count == 24,
                let expected = KeyCheckValue(String(fields[2]))
            else { throw .lineMalformed(path: path, line: index + 1) }
            let key = try KeyWrap.unwrap(wrapped, under: wrappingKey)
            guard try TerminalMasterKey.checkValue(of: key) == expected else {
                throw .checkValueDiffers(of: "the terminal master key")
            }
            keys[String(fields[0])] = key
        }
        return keys
    }
}
