import Yams

/// A YAML file's tree with the place of every value.
enum YAMLFile {
    /// The longest file.
    static let bytesMax = 1_048_576

    /// The root of a file's single document.
    static func root(path: String) throws(SiteFileFault) -> Node {
        let source = try ByteSource(path: path)
        var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
        var count = 0
        while count < bytes.count {
            let free = count..<bytes.count
            let read = bytes.withUnsafeMutableBytes { bytes in
                Result { () throws(SiteFileFault) in
                    try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[free]))
                }
            }
            let more = try read.get()
            if more == 0 { break }
            count += more
        }
        bytes.removeLast(bytes.count - count)
        return try root(name: path, bytes: bytes)
    }

    /// The root of a single document in memory, under a name for errors.
    static func root(name: String, bytes: [UInt8]) throws(SiteFileFault) -> Node {
        guard bytes.count <= bytesMax else {
            throw refused(name, Defect(line: 0, reason: "is longer than \(bytesMax) bytes"))
        }
        let text: String
        do {
            text = String(copying: try UTF8Span(validating: bytes.span))
        } catch {
            let line = 1 + bytes[..<error.byteOffsets.lowerBound].count { $0 == 0x0a }
            throw refused(name, Defect(line: line, reason: "is not UTF-8; save it as UTF-8"))
        }
        do {
            guard let root = try Yams.compose(yaml: text) else {
                throw refused(name, Defect(line: 1, reason: "is empty"))
            }
            return root
        } catch let fault as SiteFileFault {
            throw fault
        } catch {
            throw refused(name, defect(of: error))
        }
    }

    private static func refused(_ name: String, _ defect: Defect) -> SiteFileFault {
        var defects = DefectList(file: name)
        defects.add(defect)
        return .refused(defects)
    }

    private static func defect(of error: any Error) -> Defect {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let context = context.map { $0.text + " " } ?? ""
            return Defect(
                line: mark.line, column: mark.column, reason: "is no YAML: \(context)\(problem)")
        case .reader(let problem, _, _, _):
            return Defect(line: 0, reason: "is no YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            return Defect(
                line: context.mark.line, column: context.mark.column,
                reason: "is no YAML: a key occurs twice here: "
                    + keys.sorted().joined(separator: ", "))
        default:
            return Defect(line: 0, reason: "is no YAML: \(error)")
        }
    }
}
