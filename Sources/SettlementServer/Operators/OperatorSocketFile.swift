#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file of the operator's socket: private to the daemon's user, and nobody else's.
enum OperatorSocketFile {
    /// What stands in the way of listening.
    enum Fault: Error, Equatable, CustomStringConvertible {
        /// Another daemon answers on it.
        case inUse(String)
        /// There is a file that is no socket.
        case notASocket(String)
        /// The system refuses.
        case system(String, String)

        var description: String {
            switch self {
            case .inUse(let path): "\(path): another daemon answers on this socket"
            case .notASocket(let path): "\(path): is there already and is no socket"
            case .system(let path, let why): "\(path): \(why)"
            }
        }
    }

    /// Removes a socket that a dead daemon left behind.
    ///
    /// - Throws: where a daemon still answers on it, or the file is something else.
    static func clear(path: String) throws(Fault) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw system(path) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
        if isAnswered(path) { throw .inUse(path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw system(path) }
    }

    /// Makes the socket's file, which only its owner may open, from its first moment on.
    ///
    /// - Returns: a bound socket, not listening yet; the caller closes it.
    static func bind(path: String) throws(Fault) -> Int32 {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw system(path) }
        // The file gets the mode that the socket has when it is bound (unix_bind in Linux).
        let result = withAddress(path) { address, length in
            fchmod(descriptor, 0o600) == 0 && Glibc.bind(descriptor, address, length) == 0
        }
        guard result == true else {
            let fault = system(path)
            close(descriptor)
            throw fault
        }
        return descriptor
    }

    /// Takes the file away at the end.
    static func remove(path: String) {
        unlink(path)
    }

    private static func isAnswered(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withAddress(path) { connect(descriptor, $0, $1) == 0 } == true
    }

    /// Nil for a path that no socket can have.
    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return nil
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func system(_ path: String) -> Fault {
        .system(path, String(cString: strerror(errno)))
    }
}
