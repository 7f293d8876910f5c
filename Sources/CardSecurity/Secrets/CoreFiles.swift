import COpenSSL
import Glibc

/// Keeps the process's memory out of core files and debuggers: keys live in libcrypto's contexts too.
public enum CoreFiles {
    /// Forbids core files, also those piped to a collector, and attaching by the same user.
    ///
    /// Call it once at start, before keys are loaded.
    ///
    /// - Returns: whether the kernel did all of it.
    @discardableResult
    public static func forbid() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        let isLimited = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
        // A collector that core_pattern pipes to ignores the limit, but not this: prctl(2).
        return COpenSSL_process_set_undumpable() == 0 && isLimited
    }

    /// Whether the kernel would still write this process's memory into a core file.
    public static var arePossible: Bool { COpenSSL_process_is_dumpable() != 0 }
}
