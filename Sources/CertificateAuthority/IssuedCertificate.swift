/// A certificate just issued, with its private key if the authority made one.
public struct IssuedCertificate: Sendable {
    /// Whether files that are there already may be replaced.
    public enum ExistingFiles: Sendable {
        /// They stay, and nothing is written.
        case refuse
        /// They are replaced, each in one step.
        case replace
    }

    /// What the index holds of it.
    public let record: IssuedRecord
    /// The certificate, PEM.
    public let certificatePEM: String
    /// The new private key, PEM (PKCS #8, no passphrase); `nil` if the key was not made here.
    ///
    /// The authority keeps no copy.
    public let privateKeyPEM: String?

    /// Writes both to files, the key first and with mode 0600.
    ///
    /// - Parameters:
    ///   - certificatePath: where the certificate goes, mode 0644.
    ///   - privateKeyPath: where the key goes; not touched if there is none.
    ///   - existing: what happens to files that are there.
    /// - Throws: ``CertificateAuthorityFault/exists(path:)`` or `file`; a key that was written
    ///   before the certificate failed is left in place.
    public func write(
        certificateTo certificatePath: String,
        privateKeyTo privateKeyPath: String,
        existing: ExistingFiles = .refuse
    ) throws(CertificateAuthorityFault) {
        let existing: DurableFile.Existing = existing == .replace ? .replace : .refuse
        if let privateKeyPEM {
            try DurableFile.write(
                Array(privateKeyPEM.utf8), to: privateKeyPath, mode: 0o600, existing: existing)
        }
        try DurableFile.write(
            Array(certificatePEM.utf8), to: certificatePath, mode: 0o644, existing: existing)
    }
}
