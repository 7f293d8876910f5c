import Dispatch
import Ledger
import SettlementClient
import SettlementServer
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Records requests to a file, on a queue of its own; what is lost at a crash is a second's worth.
///
/// - Source: Protocol/Recording.md.
final class RecordingFile: RequestRecorder {
    /// The file that could not be made.
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    private struct State {
        /// Begun with the first request.
        var writer: RecordingWriter?
        var waiting = RecordingWriter.heading
        var lastWrite: Int64 = 0

        mutating func takeWaiting() -> String {
            defer { waiting = "" }
            return waiting
        }
    }

    private static let attemptsMax = 100
    private static let waitingBytesMax = 65_536
    private static let waitMicroseconds: Int64 = 1_000_000

    private let state = Mutex(State())
    private let file: Int32
    private let queue = DispatchQueue(label: "recording")

    /// Makes a new file, mode 0600, whose name is `path` with the time of now behind it.
    ///
    /// A second start within a second gets a number behind that.
    init(startingAt path: String) throws(Fault) {
        let first = "\(path)-\(time(nil))"
        var name = first
        for attempt in 1...Self.attemptsMax {
            let made = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if made >= 0 {
                file = made
                return
            }
            guard errno == EEXIST else { break }
            name = "\(first).\(attempt)"
        }
        throw Fault(description: "recording.path: \(name): \(String(cString: strerror(errno)))")
    }

    deinit {
        close(file)
    }

    func record(_ request: LedgerRequest, reference: Reference, at microseconds: Int64) {
        guard let role = reference.terminals[request.key.terminal]?.role else { return }
        let text = state.withLock { state -> String? in
            var writer = state.writer ?? RecordingWriter(start: microseconds)
            state.writer = nil
            state.waiting += writer.lines(
                request.command, key: request.key, role: role, hasPIN: request.command.hasPIN,
                time: microseconds
            ) { index, version in
                guard let version, let catalog = reference.catalog(version: version),
                    Int(index) < catalog.entries.count
                else { return nil }
                return catalog.entries[Int(index)].code
            }
            state.writer = writer
            guard
                state.waiting.utf8.count >= Self.waitingBytesMax
                    || microseconds - state.lastWrite >= Self.waitMicroseconds
            else { return nil }
            state.lastWrite = microseconds
            return state.takeWaiting()
        }
        if let text { queue.async { self.write(text) } }
    }

    func finish() {
        queue.sync { write(state.withLock { $0.takeWaiting() }) }
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(file, rest.baseAddress, rest.count)
                // A full disk ends the recording, never the service.
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}

extension Command {
    fileprivate var hasPIN: Bool {
        switch self {
        case .settle(let command), .quote(let command): command.proof != .absent
        case .inquire(let inquiry): inquiry.proof != .absent
        case .card, .family, .query, .contribute, .inpatient, .claim, .void, .refund, .reverse,
            .status,
            .copyReceipt, .closeDay, .register:
            false
        }
    }
}
