import COpenSSL

extension CertificateAuthority {
    /// Issues a certificate for a daemon.
    ///
    /// - Parameters:
    ///   - name: the common name, 1-64 bytes; clients do not look at it.
    ///   - names: what clients check, at least one.
    ///   - key: a new key, or that of a request.
    ///   - validity: ends no later than the authority's certificate.
    /// - Returns: the certificate, recorded in the index.
    /// - Throws: ``CertificateAuthorityFault``; then none was issued.
    public func issueServerCertificate(
        name: String,
        names: [ServerName],
        key: SubjectKey = .generated(.ecP256),
        validity: ValidityInterval = .days(397)
    ) throws(CertificateAuthorityFault) -> IssuedCertificate {
        try NameRule.commonName.check(name)
        guard !names.isEmpty else {
            throw .name(field: "server names", value: "", problem: "at least one is needed")
        }
        for name in names {
            switch name {
            case .dns(let name): try NameRule.dns.check(name)
            case .address(let address): try NameRule.checkAddress(address)
            }
        }
        return try issue(
            .server, subject: .entries([("CN", name)]),
            extensions: [CertificateProfile.alternativeNames(names)], key: try made(key),
            validity: validity)
    }

    /// Issues a certificate for a terminal.
    ///
    /// - Parameters:
    ///   - terminal: its id and its institution's.
    ///   - key: a new key, or that of a request.
    ///   - validity: ends no later than the authority's certificate.
    /// - Returns: the certificate, recorded in the index.
    /// - Throws: ``CertificateAuthorityFault``; then none was issued.
    public func issueTerminalCertificate(
        _ terminal: TerminalSubject,
        key: SubjectKey = .generated(.ecP256),
        validity: ValidityInterval = .days(397)
    ) throws(CertificateAuthorityFault) -> IssuedCertificate {
        try issue(
            .terminal,
            subject: .entries([("O", terminal.institution), ("CN", terminal.terminal)]),
            extensions: [CertificateProfile.alternativeName(terminal)], key: try made(key),
            validity: validity)
    }

    /// Issues a certificate for the same subject again; the old one stays good until it expires
    /// or is revoked.
    ///
    /// - Parameters:
    ///   - serialHex: the old certificate, which is not revoked.
    ///   - key: the old key or another.
    ///   - validity: ends no later than the authority's certificate.
    /// - Returns: the new certificate, recorded in the index.
    /// - Throws: ``CertificateAuthorityFault/unknownSerial(_:)``,
    ///   ``CertificateAuthorityFault/alreadyRevoked(_:)`` or another; then none was issued.
    public func renew(
        serialHex: String,
        key: RenewalKey = .other(.generated(.ecP256)),
        validity: ValidityInterval = .days(397)
    ) throws(CertificateAuthorityFault) -> IssuedCertificate {
        let record = try AuthorityIndex(readingFrom: indexPath).record(serialHex)
        guard record.revocation == nil else { throw .alreadyRevoked(serialHex) }
        let old = try Certificate(at: issuedPath(serialHex: serialHex))
        let made: MadeKey =
            switch key {
            case .same: MadeKey(key: try old.publicKey(), isGenerated: false)
            case .other(let subjectKey): try self.made(subjectKey)
            }
        return try issue(
            record.kind, subject: .same(as: old), extensions: [], key: made, validity: validity)
    }

    /// A key to be certified, and whether its private half is ours to hand over.
    private struct MadeKey {
        let key: KeyPair
        let isGenerated: Bool
    }

    private func made(_ key: SubjectKey) throws(CertificateAuthorityFault) -> MadeKey {
        switch key {
        case .generated(let kind):
            return MadeKey(key: try KeyPair.generate(kind), isGenerated: true)
        case .request(let pem):
            return MadeKey(key: try Self.publicKey(ofRequest: pem), isGenerated: false)
        }
    }

    private static func publicKey(
        ofRequest pem: String
    ) throws(CertificateAuthorityFault) -> KeyPair {
        let memory = try PEM.memory(holding: Array(pem.utf8))
        defer { BIO_free(memory) }
        ERR_clear_error()
        guard let request = PEM_read_bio_X509_REQ(memory, nil, nil, nil) else {
            let fault = CertificateAuthorityFault.libcrypto()
            throw .request(problem: "is not PKCS #10 in PEM form; \(fault)")
        }
        defer { X509_REQ_free(request) }
        guard let pointer = X509_REQ_get_pubkey(request) else {
            throw .request(problem: "holds no usable key; \(CertificateAuthorityFault.libcrypto())")
        }
        let key = KeyPair(owning: pointer)
        guard X509_REQ_verify(request, key.pointer) == 1 else {
            ERR_clear_error()
            throw .request(problem: "its signature is wrong")
        }
        try key.requireAccepted()
        return key
    }

    private func issue(
        _ kind: IssuedRecord.Kind,
        subject: CertificateForm.Subject,
        extensions: [CertificateForm.Extension],
        key: MadeKey,
        validity: ValidityInterval
    ) throws(CertificateAuthorityFault) -> IssuedCertificate {
        let (authority, signer) = try signingPair()
        guard validity.start < validity.end else { throw .validity(problem: "is empty") }
        let limit = try authority.notAfter()
        guard validity.end <= limit else {
            throw .validity(
                problem: "ends at \(validity.end), after the authority itself at \(limit)")
        }
        let serialHex = CertificateForm.randomSerialHex()
        let form = CertificateForm(
            subject: subject, serialHex: serialHex, validity: validity,
            extensions: CertificateProfile.endEntity(kind) + extensions)
        let certificate = try form.signed(publicKey: key.key, issuer: authority, signer: signer)
        let issued = IssuedCertificate(
            record: IssuedRecord(
                serialHex: serialHex, kind: kind, subject: try certificate.subjectText(),
                validity: validity, revocation: nil),
            certificatePEM: try certificate.pem(),
            privateKeyPEM: key.isGenerated ? try key.key.privateKeyPEM() : nil)
        // Into the index first: no certificate may exist that could not be revoked.
        try AuthorityIndex.extend(indexPath) { append throws(CertificateAuthorityFault) in
            try append(
                .issued(
                    serial: serialHex, kind: kind, validity, subject: issued.record.subject))
            try DurableFile.write(
                Array(issued.certificatePEM.utf8), to: issuedPath(serialHex: serialHex),
                mode: 0o644, existing: .refuse)
        }
        return issued
    }
}
