import Foundation
import Glibc

/// A file system in memory that is soon full; it goes with this.
public final class SmallDisk: Sendable {
    /// Where it is mounted.
    public let path: String

    /// Whether this process may mount one: as root, unless a container forbids it.
    public static let isPermitted: Bool = {
        let path = NSTemporaryDirectory() + "settled-mount-\(UUID().uuidString)"
        return (try? SmallDisk(at: path, bytes: 1 << 20)) != nil
    }()

    /// Makes the folder and mounts an empty file system of so many bytes there.
    public init(at path: String, bytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes),mode=0700") == 0 else {
            let problem = String(cString: strerror(errno))
            try FileManager.default.removeItem(atPath: path)
            throw ProcessFault("\(path) cannot be mounted: \(problem)")
        }
    }

    deinit {
        unmount()
    }

    /// Takes the file system away with all that is in it.
    public func unmount() {
        // Whoever still has a file open there keeps it until it is closed.
        if umount2(path, Int32(MNT_DETACH)) == 0 {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Takes all room that is left.
    public func fill() throws {
        let file = open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { throw ProcessFault("\(filler): \(errno)") }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        var count = zeros.count
        while count > 0 {
            if write(file, zeros, count) < count { count /= 2 }
        }
    }

    /// Gives the room back.
    public func free() {
        unlink(filler)
    }

    private var filler: String { path + "/filler" }
}
