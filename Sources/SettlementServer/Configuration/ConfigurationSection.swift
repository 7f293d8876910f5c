import Yams

/// Problems found so far, shared by the sections of one reading.
final class ConfigurationProblems {
    private(set) var lines: [String] = []

    func add(_ path: String, _ problem: String) {
        lines.append(path.isEmpty ? problem : "\(path): \(problem)")
    }
}

/// One mapping of the configuration: gives out checked values and notes what is wrong with them.
///
/// A wrong value is noted and its default, or an empty one, given out, so that reading goes on.
final class ConfigurationSection {
    private let path: String
    private let problems: ConfigurationProblems
    private var values: [String: Node] = [:]
    private var asked: [String] = []
    /// Whether the section is written at all.
    let isPresent: Bool

    /// Reads a mapping; nil stands for an absent one, whose values are all absent.
    init(_ node: Node?, path: String, problems: ConfigurationProblems) {
        self.path = path
        self.problems = problems
        isPresent = node != nil && !Self.isNull(node)
        guard let node, !Self.isNull(node) else { return }
        guard let mapping = node.mapping else {
            problems.add(path, "must be a mapping of keys to values")
            return
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                problems.add(path, "a key must be a word")
                continue
            }
            values[name] = value
        }
    }

    /// A mapping inside this one.
    func section(_ key: String) -> ConfigurationSection {
        ConfigurationSection(take(key), path: full(key), problems: problems)
    }

    /// A whole number in a range; absent: the default; without one the key must be there.
    func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int?) -> Int {
        guard let node = take(key), !Self.isNull(node) else {
            if fallback == nil { note(key, "is missing: a whole number in \(Self.text(range))") }
            return fallback ?? range.lowerBound
        }
        guard let text = node.scalar?.string, let value = Int(text.filter { $0 != "_" }) else {
            note(key, "\(Self.shown(node)) is not a whole number")
            return range.lowerBound
        }
        guard range.contains(value) else {
            note(key, "\(value) is outside \(Self.text(range))")
            return range.lowerBound
        }
        return value
    }

    /// A text; nil where the key is absent.
    func optionalText(_ key: String) -> String? {
        guard let node = take(key), !Self.isNull(node) else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else {
            note(key, "\(Self.shown(node)) is not a text")
            return nil
        }
        return text
    }

    /// A text; absent: the default; without one the key must be there.
    func text(_ key: String, default fallback: String? = nil) -> String {
        if let text = optionalText(key) { return text }
        if fallback == nil, values[key] == nil || Self.isNull(values[key]) {
            note(key, "is missing")
        }
        return fallback ?? ""
    }

    /// One of the words of an enumeration.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, default fallback: Value
    ) -> Value where Value.RawValue == String {
        guard let text = optionalText(key) else { return fallback }
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            note(key, "\"\(text)\" is none of: \(words)")
            return fallback
        }
        return value
    }

    /// Notes a problem of a key.
    func note(_ key: String, _ problem: String) {
        problems.add(full(key), problem)
    }

    /// Notes every key that nobody asked for; called last.
    func refuseUnknownKeys() {
        for key in values.keys.sorted() where !asked.contains(key) {
            note(key, "unknown key; known here: \(asked.joined(separator: ", "))")
        }
    }

    private func take(_ key: String) -> Node? {
        asked.append(key)
        return values[key]
    }

    private func full(_ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    private static func isNull(_ node: Node?) -> Bool {
        guard let scalar = node?.scalar else { return false }
        return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    }

    private static func shown(_ node: Node) -> String {
        node.scalar.map { "\"\($0.string)\"" } ?? "this"
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        "\(range.lowerBound)...\(range.upperBound)"
    }
}
