import SettlementDomain
import Yams

/// One mapping of a YAML file: gives out checked values and notes what is wrong with them.
struct YAMLSection {
    /// Where the mapping stands: `benefits[2]`; empty for the root.
    let path: String
    private let mark: Mark?
    private let values: [String: Node]

    /// Reads a mapping whose keys are all among the known ones.
    init(_ node: Node, path: String, keys: [String], _ defects: inout DefectList) {
        self.path = path
        mark = node.mark
        var values: [String: Node] = [:]
        if let mapping = node.mapping {
            for (key, value) in mapping {
                guard let name = key.scalar?.string, keys.contains(name) else {
                    let known = keys.joined(separator: ", ")
                    Self.note(
                        key, path, "\(Self.quoted(key)) is no key here; the keys are \(known)",
                        &defects)
                    continue
                }
                values[name] = value
            }
        } else {
            Self.note(node, path, "must be keys with values, not \(Self.quoted(node))", &defects)
        }
        self.values = values
    }

    /// The full path of a key.
    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value's node; nil where nothing is written.
    func node(_ key: String) -> Node? {
        guard let node = values[key], !Self.isNothing(node) else { return nil }
        return node
    }

    /// The value of a key that must be there.
    func value<Value>(
        _ key: String, _ expected: String, _ defects: inout DefectList,
        _ parse: (String) -> Value?
    ) -> Value? {
        guard node(key) != nil else {
            refuse(key, "is missing; write \(expected)", &defects)
            return nil
        }
        return valueIfWritten(key, expected, &defects, parse)
    }

    /// The value of a key; nil where nothing is written.
    func valueIfWritten<Value>(
        _ key: String, _ expected: String, _ defects: inout DefectList,
        _ parse: (String) -> Value?
    ) -> Value? {
        guard let node = node(key) else { return nil }
        if let text = node.scalar?.string, let value = parse(text) { return value }
        refuse(key, "\(Self.quoted(node)) is not \(expected)", &defects)
        return nil
    }

    /// The case that a key names; nil where nothing is written.
    func codeIfWritten<Code: NamedCode>(
        _ key: String, _ names: CodeNames<Code>, _ defects: inout DefectList
    ) -> Code? {
        valueIfWritten(key, "one of \(names.list)", &defects) { names[$0] }
    }

    /// `true` or `false`, or the default where nothing is written.
    func flag(_ key: String, default fallback: Bool, _ defects: inout DefectList) -> Bool {
        valueIfWritten(key, "true or false", &defects) {
            $0 == "true" ? true : $0 == "false" ? false : nil
        } ?? fallback
    }

    /// The mappings of a list, each with the keys given; empty where nothing is written.
    func sections(
        _ key: String, keys: [String], _ defects: inout DefectList
    ) -> [YAMLSection] {
        guard let node = node(key) else { return [] }
        guard let sequence = node.sequence else {
            refuse(key, "must be a list, not \(Self.quoted(node))", &defects)
            return []
        }
        return sequence.enumerated().map { index, item in
            YAMLSection(item, path: "\(path(of: key))[\(index)]", keys: keys, &defects)
        }
    }

    /// Notes what is wrong with a key's value, or the section's own place where it has none.
    func refuse(_ key: String, _ reason: String, _ defects: inout DefectList) {
        let mark = values[key]?.mark ?? mark
        defects.add(
            Defect(
                line: mark?.line ?? 0, column: mark?.column ?? 0, field: path(of: key),
                reason: reason))
    }

    private static func note(
        _ node: Node, _ path: String, _ reason: String, _ defects: inout DefectList
    ) {
        defects.add(
            Defect(
                line: node.mark?.line ?? 0, column: node.mark?.column ?? 0, field: path,
                reason: reason))
    }

    private static func isNothing(_ node: Node) -> Bool {
        guard let scalar = node.scalar else { return false }
        return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    }

    private static func quoted(_ node: Node) -> String {
        if let scalar = node.scalar { return FormLine.quoted(scalar.string) }
        return node.mapping != nil ? "keys with values" : "a list"
    }
}
