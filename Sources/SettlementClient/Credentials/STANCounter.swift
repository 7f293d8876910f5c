import Foundation
import Ledger
import SettlementDomain
import Synchronization

/// Gives out a terminal's system trace audit numbers, each once in a business date.
///
/// Where it is kept in a file, what was given out is on disk before it is used, so that neither a
/// restart nor a second process gives a number twice. The file holds 16 bytes: the date as
/// YYYYMMDD, the next free number in seven digits, a newline.
public final class STANCounter: Sendable {
    /// Reserved in the file, or in memory, and not given out yet.
    private typealias State = [CivilDate: Range<UInt32>]

    private let path: String?
    private let blockMin: UInt32
    private let state = Mutex(State())

    /// Creates a counter.
    ///
    /// - Parameters:
    ///   - path: the file in which it is kept; nil: in memory, from 1 on.
    ///   - blockMin: how many numbers are reserved in the file at once, at least 1; those that are
    ///     left when the process ends are not used any more on that date.
    public init(path: String?, blockMin: UInt32 = 1) {
        self.path = path
        self.blockMin = max(1, blockMin)
    }

    /// The counter of a terminal, kept in its folder.
    public convenience init(of credentials: TerminalCredentials, blockMin: UInt32 = 1) {
        self.init(path: credentials.directory + "/terminal.stan", blockMin: blockMin)
    }

    /// The next number of a business date.
    ///
    /// Blocks on the file once in `blockMin` calls.
    public func next(on date: CivilDate) throws(ClientFault) -> UInt32 {
        try take(1, on: date).lowerBound
    }

    /// The next numbers of a business date, one behind the other.
    ///
    /// - Parameters:
    ///   - count: how many, at least 1; fewer are given where a reserved block or the date ends.
    ///   - date: the business date; each begins at 1.
    /// - Returns: the numbers, at least one.
    /// - Throws: `stan` where none are left or the file cannot be kept.
    public func take(_ count: UInt32, on date: CivilDate) throws(ClientFault) -> Range<UInt32> {
        try state.withLock { state throws(ClientFault) in
            var reserved = state[date] ?? (path == nil ? 1..<(RequestKey.stanMax + 1) : 1..<1)
            if reserved.isEmpty, let path {
                reserved = try reserve(max(count, blockMin), on: date, in: path)
            }
            guard !reserved.isEmpty else {
                throw .stan("all STANs of \(date) are used up")
            }
            let end = reserved.lowerBound + min(max(1, count), UInt32(reserved.count))
            state[date] = end..<reserved.upperBound
            return reserved.lowerBound..<end
        }
    }

    private func reserve(
        _ count: UInt32, on date: CivilDate, in path: String
    ) throws(ClientFault) -> Range<UInt32> {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.fault(path, "cannot be opened") }
        defer { close(file) }
        guard flock(file, LOCK_EX) == 0 else { throw Self.fault(path, "cannot be locked") }
        let first = try Self.read(file, path, on: date)
        let end = min(first.advanced(by: Int(count)), RequestKey.stanMax + 1)
        guard first < end else { throw .stan("all STANs of \(date) are used up (\(path))") }
        let digits = String(end)
        let padding = String(repeating: "0", count: max(0, 7 - digits.utf8.count))
        let line = Array("\(date.yyyymmdd)\(padding)\(digits)\n".utf8)
        guard pwrite(file, line, line.count, 0) == line.count, ftruncate(file, line.count) == 0,
            fsync(file) == 0
        else { throw Self.fault(path, "cannot be written") }
        return first..<end
    }

    /// The next free number of the date; 1 where the file is empty or of another date.
    private static func read(
        _ file: Int32, _ path: String, on date: CivilDate
    ) throws(ClientFault) -> UInt32 {
        var bytes = [UInt8](repeating: 0, count: 17)
        let count = pread(file, &bytes, bytes.count, 0)
        if count == 0 { return 1 }
        let digits = bytes.prefix(15)
        guard count == 16, bytes[15] == 0x0a, digits.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw .stan("\(path): not a STAN file; remove it at the start of a business date")
        }
        let text = String(decoding: digits, as: UTF8.self)
        guard let kept = Int32(text.prefix(8)), let next = UInt32(text.suffix(7)) else { return 1 }
        guard kept <= date.yyyymmdd else {
            throw .stan("\(path): has gone on to \(kept); no numbers are left of \(date)")
        }
        return kept == date.yyyymmdd ? next : 1
    }

    private static func fault(_ path: String, _ problem: String) -> ClientFault {
        .stan("\(path): \(problem): \(String(cString: strerror(errno)))")
    }
}
