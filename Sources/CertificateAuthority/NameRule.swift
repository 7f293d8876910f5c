#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Which characters, and how many, a field of a certificate may have.
struct NameRule: Sendable {
    let field: String
    let bytes: ClosedRange<Int>
    let admits: @Sendable (UInt8) -> Bool
    let alphabet: String

    static let terminal = NameRule(
        field: "terminal", bytes: 8...8, admits: isCapitalOrDigit, alphabet: "A-Z 0-9")
    static let institution = NameRule(
        field: "institution", bytes: 12...12, admits: isCapitalOrDigit, alphabet: "A-Z 0-9")
    static let dns = NameRule(
        field: "DNS name", bytes: 1...253,
        admits: { isAlphanumeric($0) || "-.*".utf8.contains($0) }, alphabet: "A-Z a-z 0-9 . - *")
    /// Free text: any UTF-8 without control characters, at most what X.520 allows a common name.
    static let commonName = NameRule(
        field: "name", bytes: 1...64, admits: { $0 >= 0x20 && $0 != 0x7F },
        alphabet: "any but control characters")

    /// Fails unless the value is as this rule says.
    func check(_ value: String) throws(CertificateAuthorityFault) {
        guard bytes.contains(value.utf8.count) else {
            let count = bytes.count == 1 ? "\(bytes.upperBound)" : "1 to \(bytes.upperBound)"
            throw .name(field: field, value: value, problem: "must have \(count) bytes")
        }
        guard value.utf8.allSatisfy(admits) else {
            throw .name(field: field, value: value, problem: "may hold only \(alphabet)")
        }
    }

    /// Fails unless the text is an IPv4 or IPv6 address.
    static func checkAddress(_ address: String) throws(CertificateAuthorityFault) {
        var bytes = in6_addr()
        guard inet_pton(AF_INET, address, &bytes) == 1 || inet_pton(AF_INET6, address, &bytes) == 1
        else {
            throw .name(field: "IP address", value: address, problem: "is neither IPv4 nor IPv6")
        }
    }

    private static func isCapitalOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isCapitalOrDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
