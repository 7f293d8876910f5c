/// What is wrong with a terminal's folder of credentials; the path says where.
///
/// Holds no key.
public enum CredentialsFault: Error, Sendable, Hashable {
    /// A file is not there or cannot be read.
    case unreadable(path: String, problem: String)
    /// Group or others may use a file that is the owner's alone; `mode` is its permission bits.
    case permissionsTooOpen(path: String, mode: UInt32)
    /// The master key's file does not hold 32 hexadecimal digits.
    case masterKeyMalformed(path: String)
    /// A line of `terminal.conf` is not `key = value`.
    case line(path: String, line: Int)
    /// `terminal.conf` has a key that is none of its keys.
    case unknownKey(path: String, line: Int, key: String)
    /// `terminal.conf` gives a key twice.
    case repeatedKey(path: String, line: Int, key: String)
    /// `terminal.conf` lacks a key.
    case missingKey(path: String, key: String)
    /// A value of `terminal.conf` is not what its key takes.
    case value(path: String, line: Int, key: String, expected: String)
    /// A file cannot be written.
    case unwritable(path: String, problem: String)
}

extension CredentialsFault: CustomStringConvertible {
    /// One line: file, line, key, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let problem): "\(path): cannot be read: \(problem)"
        case .permissionsTooOpen(let path, let mode):
            "\(path): mode \(String(mode, radix: 8)) lets others use it; run: chmod 600 \(path)"
        case .masterKeyMalformed(let path):
            "\(path): a terminal master key is 32 hexadecimal digits"
        case .line(let path, let line): "\(path):\(line): expected key = value"
        case .unknownKey(let path, let line, let key):
            "\(path):\(line): unknown key '\(key)'; known: \(TerminalCredentials.keys)"
        case .repeatedKey(let path, let line, let key): "\(path):\(line): '\(key)' is given twice"
        case .missingKey(let path, let key): "\(path): '\(key)' is missing"
        case .value(let path, let line, let key, let expected):
            "\(path):\(line): '\(key)' must be \(expected)"
        case .unwritable(let path, let problem): "\(path): cannot be written: \(problem)"
        }
    }
}
