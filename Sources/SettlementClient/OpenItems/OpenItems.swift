import Foundation
import Ledger
import SettlementDomain
import Synchronization

/// A terminal's requests without an answer, kept in a file so that none is forgotten.
///
/// What is noted is on disk when the call returns. The file is the owner's alone (mode 0600), since
/// it holds card numbers, and locked for as long as this object lives. It is a line a change, each
/// with a checksum; a last line that a power cut has torn is dropped, any other damage is a fault.
/// Once most lines are out of date, what is left is written anew and put in its place.
public final class OpenItems: Sendable {
    private struct State {
        var file: Int32
        var items: [RequestKey: OpenItem]
        var lines: Int
    }

    /// The file.
    public let path: String
    private let state: Mutex<State>

    /// So many lines are written before out-of-date ones are thrown away.
    private static let linesMin = 64

    /// Opens the file, or makes it.
    ///
    /// - Throws: `file` where it cannot be read, is damaged, or another process has it.
    public init(path: String) throws(ClientFault) {
        self.path = path
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o600)
        guard file >= 0 else { throw Self.fault(path, "cannot be opened") }
        do throws(ClientFault) {
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                throw .file("\(path): another process of this terminal has it")
            }
            let (items, lines) = try Self.read(file, path)
            state = Mutex(State(file: file, items: items, lines: lines))
        } catch {
            close(file)
            throw error
        }
    }

    /// The open items of a terminal, kept in its folder.
    public convenience init(of credentials: TerminalCredentials) throws(ClientFault) {
        try self.init(path: credentials.directory + "/terminal.open")
    }

    deinit {
        state.withLock { _ = close($0.file) }
    }

    /// What is open, in the order of keys.
    public var all: [OpenItem] {
        state.withLock { state in state.items.values.sorted { $0.key < $1.key } }
    }

    /// Notes an item, new or further than before.
    public func note(_ item: OpenItem) throws(ClientFault) {
        try state.withLock { state throws(ClientFault) in
            try write(item.line, to: &state)
            state.items[item.key] = item
            try compactIfOld(&state)
        }
    }

    /// Notes that an item is settled: its answer is known, or a person has dealt with it.
    public func settle(_ key: RequestKey) throws(ClientFault) {
        try state.withLock { state throws(ClientFault) in
            guard state.items[key] != nil else { return }
            try write("done \(SettlementID(key))", to: &state)
            state.items.removeValue(forKey: key)
            try compactIfOld(&state)
        }
    }

    private func write(_ line: String, to state: inout State) throws(ClientFault) {
        try Self.append(Self.sealed(line), to: state.file, path)
        state.lines += 1
    }

    private func compactIfOld(_ state: inout State) throws(ClientFault) {
        guard state.lines >= max(Self.linesMin, 4 * state.items.count) else { return }
        let new = path + ".new"
        let file = open(new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0o600)
        guard file >= 0 else { throw Self.fault(new, "cannot be written") }
        let text = state.items.values.map { Self.sealed($0.line) }.joined()
        do throws(ClientFault) {
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else { throw Self.fault(new, "is locked") }
            try Self.append(text, to: file, new)
            guard rename(new, path) == 0 else { throw Self.fault(path, "cannot be replaced") }
            try Self.syncFolder(of: path)
        } catch {
            close(file)
            throw error
        }
        close(state.file)
        state.file = file
        state.lines = state.items.count
    }
}

extension OpenItems {
    /// The line with its checksum and line end.
    private static func sealed(_ line: String) -> String {
        "\(line) \(checksum(line))\n"
    }

    /// FNV-1a, 64 bits, in hexadecimal: finds torn and damaged lines, not forged ones.
    private static func checksum(_ line: some StringProtocol) -> String {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in line.utf8 { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(sum, radix: 16)
    }

    private static func append(_ text: String, to file: Int32, _ path: String) throws(ClientFault) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Foundation.write(file, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fault(path, "cannot be written") }
            written += count
        }
        guard fdatasync(file) == 0 else { throw fault(path, "cannot be written") }
    }

    private static func syncFolder(of path: String) throws(ClientFault) {
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(folder, "cannot be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault(folder, "cannot be written") }
    }

    /// The items of a file; a torn last line is cut off.
    private static func read(
        _ file: Int32, _ path: String
    ) throws(ClientFault) -> (items: [RequestKey: OpenItem], lines: Int) {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(file, &chunk, chunk.count, off_t(bytes.count))
            guard count >= 0 else { throw fault(path, "cannot be read") }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        var items: [RequestKey: OpenItem] = [:]
        var lines = 0
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a)
            let text = String(decoding: bytes[start..<(end ?? bytes.count)], as: UTF8.self)
            if let end, take(text, into: &items) {
                lines += 1
                start = end + 1
                continue
            }
            // Only what was written last can be torn: nothing may stand behind it.
            guard end.map({ $0 + 1 == bytes.count }) ?? true else {
                throw .file("\(path):\(lines + 1): the line is damaged; restore the file")
            }
            guard ftruncate(file, off_t(start)) == 0 else { throw fault(path, "cannot be cut") }
            break
        }
        return (items, lines)
    }

    /// Takes over one line; false where it is none.
    private static func take(_ text: String, into items: inout [RequestKey: OpenItem]) -> Bool {
        guard let blank = text.lastIndex(of: " ") else { return false }
        let line = String(text[..<blank])
        guard text[text.index(after: blank)...] == checksum(line) else { return false }
        if let item = OpenItem(line: line) {
            items[item.key] = item
            return true
        }
        guard line.hasPrefix("done "), let id = SettlementID(String(line.dropFirst(5))) else {
            return false
        }
        items.removeValue(forKey: id.key)
        return true
    }

    private static func fault(_ path: String, _ problem: String) -> ClientFault {
        .file("\(path): \(problem): \(String(cString: strerror(errno)))")
    }
}
