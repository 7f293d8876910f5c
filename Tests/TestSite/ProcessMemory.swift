import Foundation
import Glibc

/// The memory of another process, as a debugger with every right sees it.
public struct ProcessMemory {
    /// A run of pages with the same rights.
    public struct Mapping: Sendable, Hashable, CustomStringConvertible {
        /// Its first address.
        public var start: UInt
        /// The address behind its last.
        public var end: UInt
        /// What it is of; empty: no file.
        public var name: String
        /// Whether the kernel leaves it out of core files (madvise(2), MADV_DONTDUMP).
        public var isLeftOut: Bool
        /// Whether it is locked into RAM (mlock(2)).
        public var isLocked: Bool

        /// Range, name and flags.
        public var description: String {
            let range = "\(String(start, radix: 16))-\(String(end, radix: 16))"
            return "\(range) \(name)\(isLeftOut ? " left out" : "")\(isLocked ? " locked" : "")"
        }
    }

    /// The process's mappings that it may read, but for those that only show a file.
    public let mappings: [Mapping]
    private let file: FileHandle

    /// Looks at a process; nil where the system does not allow it.
    public init?(of process: pid_t) {
        guard let file = FileHandle(forReadingAtPath: "/proc/\(process)/mem"),
            let map = Self.text("/proc/\(process)/smaps")
        else { return nil }
        self.file = file
        mappings = Self.read(map)
        if mappings.isEmpty { return nil }
    }

    /// Lets a function look at each mapping's content.
    public func forEach(_ body: (Mapping, Data) throws -> Void) rethrows {
        for mapping in mappings {
            try body(mapping, content(of: mapping))
        }
    }

    /// The bytes; zeros for pages that nobody may read, guard pages and the kernel's own.
    private func content(of mapping: Mapping) -> Data {
        let count = Int(mapping.end - mapping.start)
        var content = Data(count: count)
        content.withUnsafeMutableBytes { bytes in
            var offset = 0
            while offset < count {
                let place = Int(bitPattern: mapping.start) + offset
                let read = pread(
                    file.fileDescriptor, bytes.baseAddress?.advanced(by: offset), count - offset,
                    place)
                offset += read > 0 ? read : 4096
            }
        }
        return content
    }

    /// All of a file of the kernel's, which says that it has no bytes.
    private static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func read(_ map: String) -> [Mapping] {
        var found: [Mapping] = []
        var isReadable = false
        for line in map.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard let first = words.first else { continue }
            if first == "VmFlags:" {
                guard isReadable else { continue }
                found[found.count - 1].isLeftOut = words.contains("dd")
                found[found.count - 1].isLocked = words.contains("lo")
            } else if !first.hasSuffix(":"), words.count >= 5 {
                let ends = first.split(separator: "-").compactMap { UInt($0, radix: 16) }
                let isFile = words.count > 5 && words[5].hasPrefix("/")
                isReadable =
                    ends.count == 2 && words[1].hasPrefix("r")
                    && (words[1].hasPrefix("rw") || !isFile)
                guard isReadable else { continue }
                found.append(
                    Mapping(
                        start: ends[0], end: ends[1],
                        name: words.count > 5 ? String(words[5]) : "", isLeftOut: false,
                        isLocked: false))
            }
        }
        return found
    }
}
