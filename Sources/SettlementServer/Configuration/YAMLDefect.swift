import Yams

/// Why a text is no YAML, without a word of its values: a database's password may be among them.
enum YAMLDefect {
    static func words(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let context = context.map { $0.text + " " } ?? ""
            return "line \(mark.line), column \(mark.column): \(context)\(problem)"
        case .duplicatedKeysInMapping(let keys, let context):
            return "line \(context.mark.line), column \(context.mark.column): "
                + "a key occurs twice here: \(keys.sorted().joined(separator: ", "))"
        case .reader(let problem, let offset, _, _):
            return (offset.map { "byte \($0): " } ?? "") + problem
        default:
            return "it cannot be read"
        }
    }
}
