/// The lines `key = value` of a small file, each key known and given once.
struct SettingLines {
    private let path: String
    private var values: [String: (value: String, line: Int)] = [:]

    init(text: String, path: String, keys: Set<String>) throws(CredentialsFault) {
        self.path = path
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let number = index + 1
            let content = Self.trimmed(line.prefix { $0 != "#" })
            if content.isEmpty { continue }
            guard let equals = content.firstIndex(of: "=") else {
                throw .line(path: path, line: number)
            }
            let key = Self.trimmed(content[..<equals])
            guard keys.contains(key) else {
                throw .unknownKey(path: path, line: number, key: key)
            }
            let value = Self.trimmed(content[content.index(after: equals)...])
            guard values.updateValue((value, number), forKey: key) == nil else {
                throw .repeatedKey(path: path, line: number, key: key)
            }
        }
    }

    /// The value of a key that must be there.
    func required<Value>(
        _ key: String, _ expected: String, _ read: (String) -> Value?
    ) throws(CredentialsFault) -> Value {
        guard let value = try optional(key, expected, read) else {
            throw .missingKey(path: path, key: key)
        }
        return value
    }

    /// The value of a key; nil where it is not given.
    func optional<Value>(
        _ key: String, _ expected: String, _ read: (String) -> Value?
    ) throws(CredentialsFault) -> Value? {
        guard let (text, line) = values[key] else { return nil }
        guard let value = read(text) else {
            throw .value(path: path, line: line, key: key, expected: expected)
        }
        return value
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    private static func trimmed(_ text: String) -> String { trimmed(text[...]) }
}
