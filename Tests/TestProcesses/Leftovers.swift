import Foundation
import Glibc
import Synchronization

/// What must not outlive the test process: daemons that a test has not ended, sites' folders.
public enum Leftovers {
    private static let all = Mutex<(processes: Set<pid_t>, folders: Set<String>)>(([], []))

    /// Kills the process when this one ends, unless `reap` was called before.
    static func add(process: pid_t) {
        _ = atExit
        all.withLock { _ = $0.processes.insert(process) }
    }

    /// Signals a process that was added and not reaped; another may have the id of one that was.
    static func send(_ signal: Int32, to process: pid_t) {
        all.withLock { if $0.processes.contains(process) { _ = kill(process, signal) } }
    }

    /// Does what gives the id of a process back.
    static func reap(_ process: pid_t, _ body: () -> Void) {
        all.withLock { all in
            body()
            all.processes.remove(process)
        }
    }

    /// Removes the folder when this process ends, at the latest.
    public static func add(folder: String) {
        _ = atExit
        all.withLock { _ = $0.folders.insert(folder) }
    }

    /// Removes a folder now.
    public static func remove(folder: String) {
        try? FileManager.default.removeItem(atPath: folder)
        all.withLock { _ = $0.folders.remove(folder) }
    }

    private static let atExit: Void = {
        atexit {
            Leftovers.all.withLock { all in
                for process in all.processes { _ = kill(process, SIGKILL) }
                for folder in all.folders { try? FileManager.default.removeItem(atPath: folder) }
            }
        }
    }()
}
