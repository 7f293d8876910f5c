#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files of the checkout and of its neighbourhood, found from this file's own place.
enum RepositoryFiles {
    /// The checkout's root.
    static let root: String = {
        // Symbolic links are followed, so that the checkout is found from wherever it is built.
        var file = #filePath
        if let real = realpath(#filePath, nil) {
            file = String(cString: real)
            free(real)
        }
        return file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            .joined(separator: "/")
    }()

    /// The folder of published rules: `SETTLED_SHARED_DATA`, or `../shared/data` beside the
    /// checkout; nil where there is none.
    static let sharedData: String? = {
        let told = getenv("SETTLED_SHARED_DATA").map { String(cString: $0) }
        let folder = told ?? root + "/../shared/data"
        return access(folder + "/drug-rules.csv", R_OK) == 0 ? folder : nil
    }()

    /// A folder of its own for one test, which `body` fills; removed with its plain files after.
    static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        var template = Array("/tmp/site-files-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw NoFolder() }
        let folder = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { remove(folder) }
        return try body(folder)
    }

    struct NoFolder: Error {}

    /// Writes a file.
    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "w") else { throw NoFolder() }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw NoFolder() }
    }

    /// All bytes of a file.
    static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw NoFolder() }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    private static func remove(_ folder: String) {
        if let directory = opendir(folder) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { unlink("\(folder)/\(name)") }
            }
            closedir(directory)
        }
        rmdir(folder)
    }
}
