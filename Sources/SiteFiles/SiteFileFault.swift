/// Why a file gave nothing.
public enum SiteFileFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system does not give the file's bytes.
    case unreadable(file: String, reason: String)
    /// The system does not take the file's bytes.
    case unwritable(file: String, reason: String)
    /// Something in the file is wrong; nothing of it may be used.
    case refused(DefectList)
    /// Another program changed the file between its check and its reading.
    case changed(file: String)

    /// One line, or one a defect.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
        case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
        case .refused(let defects): defects.description
        case .changed(let file): "\(file): was changed while it was read; read it again"
        }
    }
}
