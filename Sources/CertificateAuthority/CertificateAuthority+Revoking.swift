extension CertificateAuthority {
    /// Revokes a certificate and issues a new revocation list that names it.
    ///
    /// Once the daemon has reloaded its files it refuses the certificate. The revocation is in
    /// the index before the list is signed: if this fails in between, the next list names it.
    ///
    /// - Parameters:
    ///   - serialHex: upper-case hexadecimal.
    ///   - reason: why.
    ///   - time: the revocation date; now, unless a test says otherwise.
    ///   - listValidity: of the new list.
    /// - Throws: ``CertificateAuthorityFault/unknownSerial(_:)``,
    ///   ``CertificateAuthorityFault/alreadyRevoked(_:)`` or another.
    public func revoke(
        serialHex: String,
        reason: RevocationReason = .unspecified,
        at time: UTCTime = .now,
        listValidity: ValidityInterval = .days(30)
    ) throws(CertificateAuthorityFault) {
        try requireOrdered(listValidity)
        try AuthorityIndex.update(indexPath) { index, append throws(CertificateAuthorityFault) in
            guard try index.record(serialHex).revocation == nil else {
                throw .alreadyRevoked(serialHex)
            }
            try append(.revoked(serial: serialHex, time, reason))
        }
        try issueRevocationList(validity: listValidity)
    }

    /// Issues a new revocation list with the next number, in the place of the old one.
    ///
    /// To be repeated before `validity` ends, as the daemon lets nobody in on an expired list.
    ///
    /// - Parameter validity: `thisUpdate` and `nextUpdate`.
    /// - Throws: ``CertificateAuthorityFault``; then the old list stays.
    public func issueRevocationList(
        validity: ValidityInterval = .days(30)
    ) throws(CertificateAuthorityFault) {
        try requireOrdered(validity)
        let (authority, signer) = try signingPair()
        try AuthorityIndex.update(indexPath) { index, append throws(CertificateAuthorityFault) in
            let list = RevocationList(
                number: index.nextListNumber, validity: validity,
                revoked: index.records.filter { $0.revocation != nil })
            let pem = try list.signedPEM(issuer: authority, signer: signer)
            try append(.list(number: list.number, validity))
            try DurableFile.write(
                Array(pem.utf8), to: revocationListPath, mode: 0o644, existing: .replace)
        }
    }

    private func requireOrdered(
        _ validity: ValidityInterval
    ) throws(CertificateAuthorityFault) {
        guard validity.start < validity.end else { throw .validity(problem: "is empty") }
    }
}
