import Foundation

/// Where the files of simulated stores are: in memory, where there is such a place, in a folder that
/// bears its process's number.
///
/// A process that was killed leaves its folders behind; the next one that starts removes them.
public enum SimulationFolder {
    private static let prefix = "settled-simulation-"

    private static let parent: URL = {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let parent =
            FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        removeLeftovers(in: parent)
        return parent
    }()

    /// Makes a folder for one store.
    static func make() throws -> URL {
        let folder = parent.appendingPathComponent(
            "\(prefix)\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Removes the folders of processes that are no more.
    public static func removeLeftovers(in parent: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(prefix) {
            guard let word = name.dropFirst(prefix.count).split(separator: "-").first,
                let process = Int32(word), kill(process, 0) != 0, errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(at: parent.appendingPathComponent(name))
        }
    }
}
