#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The few things that the daemon does with files of its own: small texts, and paths.
enum FileText {
    /// The longest path of a UNIX-domain socket (unix(7)), less its terminating zero.
    static let socketPathMax = 107

    /// What the system says of the last failure.
    static var lastError: String { String(cString: strerror(errno)) }

    /// Reads a whole file of UTF-8; nil with `errno` set where it cannot be read.
    static func read(path: String) -> String? {
        readBytes(path: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads a whole file; nil with `errno` set where it cannot be read.
    static func readBytes(path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Puts a text in place of a file, whole or not at all; false with `errno` set on failure.
    static func replace(path: String, with text: String) -> Bool {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { return false }
        var text = text
        let written = text.withUTF8 { Glibc.write(file, $0.baseAddress, $0.count) == $0.count }
        close(file)
        return written && rename(temporary, path) == 0
    }

    /// Takes a file away, if it is there.
    static func remove(path: String) {
        unlink(path)
    }

    /// The path itself if it is absolute, otherwise seen from a folder.
    static func resolved(_ path: String, in directory: String) -> String {
        path.isEmpty || path.hasPrefix("/") ? path : "\(directory)/\(path)"
    }

    /// The path seen from the root.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return "\(String(cString: here))/\(path)"
    }

    /// All of an absolute path but its last part.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
