import Foundation
import Ledger
import SettlementDomain
import Synchronization

/// A terminal's requests without an answer, kept in a file so that none is forgotten.
///
/// What is noted is on disk when the call returns. The file is its owner's alone (mode 0600), since
/// it holds card numbers, and one process's for as long as this object lives. It is a line a change,
/// each with a checksum; a last line that a power cut has torn is dropped, any other damage is a
/// fault. Once nothing is open the file is empty; before that, when most lines are out of date, what
/// is left is written anew and put in its place.
public final class OpenItems: Sendable {
    private struct State: ~Copyable {
        var file: DurableFile
        var items: [RequestKey: OpenItem]
        var lines: Int
    }

    /// The file.
    public let path: String
    private let lock: FileLock
    private let linesMin: Int
    private let state: Mutex<State>

    /// Opens the file, or makes it.
    ///
    /// - Throws: `file` where it cannot be read, is damaged, or another process has it.
    public convenience init(path: String) throws(ClientFault) {
        try self.init(path: path, linesMin: 64, failure: { _ in 0 })
    }

    /// The open items of a terminal, kept in its folder.
    public convenience init(of credentials: TerminalCredentials) throws(ClientFault) {
        try self.init(path: credentials.directory + "/terminal.open")
    }

    /// As `init(path:)`, on a disk that fails when a test says so.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - linesMin: so many lines are written before out-of-date ones are thrown away.
    ///   - failure: when the disk fails.
    /// - Throws: as `init(path:)`.
    init(
        path: String, linesMin: Int, failure: @escaping DurableFile.Failure
    ) throws(ClientFault) {
        self.path = path
        self.linesMin = linesMin
        lock = try FileLock(guarding: path, waits: false)
        var file = try DurableFile(path, failure: failure)
        let (items, lines) = try Self.read(&file)
        state = Mutex(State(file: file, items: items, lines: lines))
    }

    /// What is open, in the order of keys.
    public var all: [OpenItem] {
        state.withLock { state in state.items.values.sorted { $0.key < $1.key } }
    }

    /// The open item with this key; nil: there is none.
    public subscript(_ key: RequestKey) -> OpenItem? {
        state.withLock { $0.items[key] }
    }

    /// Notes an item, new or further than before.
    ///
    /// - Throws: `file`; the item is then as it was.
    public func note(_ item: OpenItem) throws(ClientFault) {
        try state.withLock { state throws(ClientFault) in
            try state.file.append(Self.sealed(item.line))
            state.lines += 1
            state.items[item.key] = item
            compactIfOld(&state)
        }
    }

    /// Notes that an item is settled: its answer is known, or a person has dealt with it.
    ///
    /// - Throws: `file`; the item is then open still.
    public func settle(_ key: RequestKey) throws(ClientFault) {
        try state.withLock { state throws(ClientFault) in
            guard state.items[key] != nil else { return }
            if state.items.count == 1 {
                // Nothing is left open: no card number stays behind, and a full disk is no obstacle.
                try state.file.cut(to: 0)
                state.lines = 0
            } else {
                try state.file.append(Self.sealed("done \(SettlementID(key))"))
                state.lines += 1
            }
            state.items.removeValue(forKey: key)
            compactIfOld(&state)
        }
    }

    /// Writes the file anew where most of it is out of date.
    ///
    /// That it fails is no fault of the caller's: the file is whole without it, and the next change
    /// tries again.
    private func compactIfOld(_ state: inout State) {
        guard state.lines >= max(linesMin, 4 * state.items.count) else { return }
        let text = state.items.values.map { Self.sealed($0.line) }.joined()
        do throws(ClientFault) {
            try state.file.replace(with: text)
            state.lines = state.items.count
        } catch {}
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

    /// The items of a file; a torn last line is cut off.
    private static func read(
        _ file: inout DurableFile
    ) throws(ClientFault) -> (items: [RequestKey: OpenItem], lines: Int) {
        let bytes = try file.bytes()
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
                throw .file("\(file.path):\(lines + 1): the line is damaged; restore the file")
            }
            try file.cut(to: start)
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
}
