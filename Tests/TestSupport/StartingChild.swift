import Foundation

/// What a child of this process holds between fork and exec: another descriptor of a file that is
/// open here; nil where it is not open.
public func descriptorOfStartingChild(of path: String) throws -> Int32? {
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
        let link = try? FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/self/fd/\(name)")
        if link == path, let descriptor = Int32(name) { return dup(descriptor) }
    }
    return nil
}
