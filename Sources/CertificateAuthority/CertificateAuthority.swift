#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A site's certificate authority: a directory that issues certificates and revokes them.
///
///     authority.pem      its certificate: what daemon and terminals trust
///     authority.key      its private key, mode 0600
///     crl.pem            the newest revocation list
///     index              what was issued and revoked, one line an event, append-only
///     issued/SERIAL.pem  every certificate issued
///
/// Processes may use one directory at the same time: each change is made under a lock on the
/// index, and is in the index, on disk, before anything shows it. All calls block on files.
public struct CertificateAuthority: Sendable {
    /// The directory.
    public let directory: String

    /// The authority's certificate, PEM.
    public var certificatePath: String { directory + "/authority.pem" }
    /// The newest revocation list, PEM.
    public var revocationListPath: String { directory + "/crl.pem" }
    var privateKeyPath: String { directory + "/authority.key" }
    var indexPath: String { directory + "/index" }

    /// Where a certificate that was issued is kept.
    ///
    /// - Parameter serialHex: upper-case hexadecimal.
    /// - Returns: the path of its PEM file.
    public func issuedPath(serialHex: String) -> String {
        "\(directory)/issued/\(serialHex).pem"
    }

    /// Opens an authority that ``create(in:name:validity:listValidity:)`` made.
    ///
    /// - Parameter directory: the authority's.
    /// - Throws: ``CertificateAuthorityFault`` if a file is missing or malformed, or if the key
    ///   is not that of the certificate.
    public init(openingIn directory: String) throws(CertificateAuthorityFault) {
        self.init(directory: directory)
        _ = try signingPair()
        _ = try AuthorityIndex(readingFrom: indexPath)
    }

    init(directory: String) {
        self.directory = directory
    }

    /// The DNS names and addresses by which a server's certificate may be asked for, in its order.
    ///
    /// - Throws: `file` if there is no certificate at the path.
    public static func serverNames(
        inCertificateAt path: String
    ) throws(CertificateAuthorityFault) -> [ServerName] {
        try Certificate(at: path).serverNames
    }

    /// Makes a new authority with a key on curve P-256, a self-signed certificate that admits no
    /// intermediate authority, and an empty revocation list.
    ///
    /// - Parameters:
    ///   - directory: does not exist yet, or is empty; appears complete or not at all.
    ///   - name: the common name, 1-64 bytes of UTF-8 without control characters.
    ///   - validity: of the authority's certificate; no certificate it issues lasts longer.
    ///   - listValidity: of the first revocation list.
    /// - Returns: the authority.
    /// - Throws: ``CertificateAuthorityFault/exists(path:)`` if there is something in the
    ///   directory; `name`, `validity`, `file` or `crypto`.
    public static func create(
        in directory: String,
        name: String,
        validity: ValidityInterval = .days(3_650),
        listValidity: ValidityInterval = .days(30)
    ) throws(CertificateAuthorityFault) -> CertificateAuthority {
        try NameRule.commonName.check(name)
        guard validity.start < validity.end else { throw .validity(problem: "is empty") }
        let draft = CertificateAuthority(
            directory: "\(directory).\(UInt64.random(in: .min ... .max)).tmp")
        guard mkdir(draft.directory, 0o700) == 0, mkdir(draft.directory + "/issued", 0o700) == 0
        else { throw DurableFile.fault(draft.directory) }
        do throws(CertificateAuthorityFault) {
            try draft.writeFirstFiles(name: name, validity: validity, listValidity: listValidity)
            // rename(2) replaces an empty directory and nothing else.
            guard rename(draft.directory, directory) == 0 else {
                let taken = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
                throw taken ? .exists(path: directory) : DurableFile.fault(directory)
            }
        } catch {
            draft.removeFirstFiles()
            throw error
        }
        try DurableFile.syncDirectory(of: directory)
        return CertificateAuthority(directory: directory)
    }

    /// Every certificate issued, in the order of issue; reads the index.
    ///
    /// - Returns: the records.
    /// - Throws: ``CertificateAuthorityFault`` if the index cannot be read.
    public func issued() throws(CertificateAuthorityFault) -> [IssuedRecord] {
        try AuthorityIndex(readingFrom: indexPath).records
    }

    /// The authority's certificate and private key, which belong together.
    func signingPair() throws(CertificateAuthorityFault) -> (Certificate, KeyPair) {
        let certificate = try Certificate(at: certificatePath)
        let key = try KeyPair(privateKeyAt: privateKeyPath)
        guard certificate.certifies(key) else {
            throw .file(path: privateKeyPath, problem: "is not the key of \(certificatePath)")
        }
        return (certificate, key)
    }

    private func writeFirstFiles(
        name: String, validity: ValidityInterval, listValidity: ValidityInterval
    ) throws(CertificateAuthorityFault) {
        let key = try KeyPair.generate(.ecP256)
        let form = CertificateForm(
            subject: .entries([("CN", name)]), serialHex: CertificateForm.randomSerialHex(),
            validity: validity, extensions: CertificateProfile.authority)
        let certificate = try form.signed(publicKey: key, issuer: nil, signer: key)
        try DurableFile.write(
            Array(try key.privateKeyPEM().utf8), to: privateKeyPath, mode: 0o600, existing: .refuse)
        try DurableFile.write(
            Array(try certificate.pem().utf8), to: certificatePath, mode: 0o644, existing: .refuse)
        try DurableFile.write(
            Array((AuthorityIndex.header + "\n").utf8), to: indexPath, mode: 0o600,
            existing: .refuse)
        try issueRevocationList(validity: listValidity)
    }

    private func removeFirstFiles() {
        for path in [certificatePath, privateKeyPath, indexPath, revocationListPath] {
            unlink(path)
        }
        rmdir(directory + "/issued")
        rmdir(directory)
    }
}
