import Foundation

/// Reads the files of a credentials folder, each at most `bytesMax` long.
enum SmallFile {
    static let bytesMax = 65_536

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a folder, sorted.
    static func names(in directory: String) throws(CredentialsFault) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            throw .unreadable(path: directory, problem: "no such folder")
        }
    }

    /// Finds the file readable, and closed to others where it is private.
    static func check(_ path: String, isPrivate: Bool = false) throws(CredentialsFault) {
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
            throw .unreadable(path: path, problem: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, problem: "not a file")
        }
        let mode = UInt32(status.st_mode & 0o777)
        if isPrivate, mode & 0o077 != 0 {
            throw .permissionsTooOpen(path: path, mode: mode)
        }
    }

    static func bytes(_ path: String) throws(CredentialsFault) -> [UInt8] {
        try check(path)
        guard let file = fopen(path, "rb") else {
            throw .unreadable(path: path, problem: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard count <= bytesMax else {
            throw .unreadable(path: path, problem: "longer than \(bytesMax) bytes")
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    static func text(_ path: String) throws(CredentialsFault) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw .unreadable(path: path, problem: "not UTF-8")
        }
        return text
    }
}
