/// What kept the authority from doing what was asked; nothing half done is left behind.
public enum CertificateAuthorityFault: Error, Sendable, Equatable {
    /// There is something at this path already, and it is not overwritten.
    case exists(path: String)
    /// A file cannot be read or written, or is not what it should be.
    case file(path: String, problem: String)
    /// A line of the index is malformed; lines count from 1.
    case indexDamaged(path: String, line: Int, problem: String)
    /// A name cannot stand in a certificate.
    case name(field: String, value: String, problem: String)
    /// The interval is empty, or ends after the authority's own certificate does.
    case validity(problem: String)
    /// A certificate request is malformed, its signature is wrong, or its key is not accepted.
    case request(problem: String)
    /// The index knows no certificate with this serial number.
    case unknownSerial(String)
    /// The certificate with this serial number is revoked already.
    case alreadyRevoked(String)
    /// libcrypto failed, in its own words.
    case crypto(String)
}

extension CertificateAuthorityFault: CustomStringConvertible {
    /// One line for an operator; holds no key.
    public var description: String {
        switch self {
        case .exists(let path): "\(path): exists already"
        case .file(let path, let problem): "\(path): \(problem)"
        case .indexDamaged(let path, let line, let problem): "\(path):\(line): \(problem)"
        case .name(let field, let value, let problem): "\(field) \"\(value)\": \(problem)"
        case .validity(let problem): "validity: \(problem)"
        case .request(let problem): "certificate request: \(problem)"
        case .unknownSerial(let serial): "no certificate with serial number \(serial)"
        case .alreadyRevoked(let serial): "certificate \(serial) is revoked already"
        case .crypto(let text): "libcrypto: \(text)"
        }
    }
}
