import Dispatch
import Foundation
import Glibc
import Synchronization

/// A program that runs as a child, with its standard output read line by line.
///
/// Children that are left when the test process ends are killed then.
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum Ending: Sendable, Hashable {
        /// By itself, with this code.
        case exited(Int32)
        /// By this signal.
        case killed(Int32)
    }

    /// Its process id; another process's, once the ending is known.
    public let id: pid_t
    private let output: Int32
    /// Entered until the ending is known.
    private let reaped = DispatchGroup()
    private let ended: Mutex<(ending: Ending?, waiting: [CheckedContinuation<Ending, Never>])>

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: its path.
    ///   - arguments: without the program's own name.
    ///   - directory: where it runs.
    ///   - errorPath: the file to which its standard error is appended.
    /// - Throws: `ProcessFault` where it cannot be started.
    public init(
        _ program: String, _ arguments: [String], in directory: String, errorPath: String
    ) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ProcessFault("pipe failed: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(
            &actions, STDERR_FILENO, errorPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Sockets of tests beside this one stay theirs: held open here, they would never end there.
        for descriptor in (STDERR_FILENO + 1)..<4096 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // env(1) changes the folder and then becomes the program, under the same process id. The
        // test runner's own setting would have a crash reported instead of carried out.
        let line =
            ["/usr/bin/env", "-C", directory, "SWIFT_BACKTRACE=enable=no", program] + arguments
        var words: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var child: pid_t = 0
        let result = posix_spawn(&child, line[0], &actions, nil, words, environ)
        guard result == 0 else {
            close(ends[0])
            throw ProcessFault("\(program) cannot be started: \(String(cString: strerror(result)))")
        }
        id = child
        output = ends[0]
        ended = Mutex((nil, []))
        Leftovers.add(process: child)
        reaped.enter()
        let thread = Thread { [self] in reap() }
        thread.start()
    }

    deinit {
        close(output)
    }

    /// Runs a program to its end; gives what it printed.
    ///
    /// - Throws: `ProcessFault` with what it complained of, unless it ended with 0.
    public static func run(
        _ program: String, _ arguments: [String], in directory: String
    ) throws -> String {
        let errors = FileManager.default.temporaryDirectory
            .appendingPathComponent("settled-run-\(UUID().uuidString)").path
        defer { unlink(errors) }
        let process = try ChildProcess(program, arguments, in: directory, errorPath: errors)
        var lines: [String] = []
        while let line = process.readLine() { lines.append(line) }
        let ending = process.waitUntilEnded()
        guard ending == .exited(0) else {
            let complaint = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
            throw ProcessFault("\(program) ended, \(ending): \(complaint)")
        }
        return lines.joined(separator: "\n")
    }

    /// Waits until the process has ended, holding up the thread.
    @discardableResult
    public func waitUntilEnded() -> Ending {
        reaped.wait()
        return ended.withLock { $0.ending } ?? .killed(0)
    }

    /// Sends a signal, unless the process has ended.
    public func send(_ signal: Int32) {
        Leftovers.send(signal, to: id)
    }

    /// Waits until the process has ended.
    public func ending() async -> Ending {
        await withCheckedContinuation { continuation in
            let known = ended.withLock { state -> Ending? in
                if state.ending == nil { state.waiting.append(continuation) }
                return state.ending
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// The next line of standard output, without its line feed; nil at its end.
    public func nextLine() async -> String? {
        await withCheckedContinuation { continuation in
            let thread = Thread { [self] in continuation.resume(returning: readLine()) }
            thread.start()
        }
    }

    func readLine() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(output, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else {
                return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
            }
            if byte == 0x0a { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
    }

    private func reap() {
        // Waits without taking the process's id away, so that `send` cannot hit another.
        var info = siginfo_t()
        while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        var status: Int32 = 0
        Leftovers.reap(id) { while waitpid(id, &status, 0) != id, errno == EINTR {} }
        let signal = status & 0x7f
        let ending: Ending = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal)
        let waiting = ended.withLock { state in
            state.ending = ending
            defer { state.waiting = [] }
            return state.waiting
        }
        reaped.leave()
        for continuation in waiting { continuation.resume(returning: ending) }
    }
}

/// Why a program could not be run: what and where.
public struct ProcessFault: Error, CustomStringConvertible {
    /// One line for the test's report.
    public var description: String

    /// Creates a fault.
    public init(_ description: String) { self.description = description }
}
