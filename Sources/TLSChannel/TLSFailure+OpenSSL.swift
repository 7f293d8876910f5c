import COpenSSL

extension TLSFailure {
    /// Sorts the failure that libssl just reported for this connection, and empties the queue.
    ///
    /// - Parameter ssl: the connection; its verify result says what was wrong with a certificate.
    init(takingErrorOf ssl: OpaquePointer) {
        guard let error = OpenSSLError.take() else {
            self = .other("libssl gave no reason")
            return
        }
        guard error.library == ERR_LIB_SSL else {
            // A signature that does not hold leaves the algorithm's words in the queue first.
            let verified = SSL_get_verify_result(ssl)
            if verified == X509_V_OK {
                self = .other(error.text)
            } else {
                self.init(verifyResult: verified)
            }
            return
        }
        if error.reason >= SSL_AD_REASON_OFFSET,
            let alert = UInt8(exactly: error.reason - SSL_AD_REASON_OFFSET)
        {
            self = .refusedByPeer(TLSAlert(rawValue: alert))
            return
        }
        switch error.reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            self.init(verifyResult: SSL_get_verify_result(ssl))
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            self = .noCertificate
        case SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_CALLBACK_FAILED:
            // Our only failing callback is the one that looks for an ALPN offer.
            self = .alpnMismatch
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_SSL_VERSION, SSL_R_VERSION_TOO_LOW,
            SSL_R_UNKNOWN_PROTOCOL, SSL_R_NO_PROTOCOLS_AVAILABLE:
            self = .protocolVersion
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            self = .notTLS
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            self = .truncated
        default:
            self = .other(error.text)
        }
    }

    /// Sorts a result of chain verification (X509_STORE_CTX_get_error(3)).
    init(verifyResult: Int) {
        let text = String(cString: X509_verify_cert_error_string(verifyResult))
        switch Int32(truncatingIfNeeded: verifyResult) {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_CERT_REVOKED: self = .revoked
        case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_HAS_EXPIRED,
            X509_V_ERR_CRL_NOT_YET_VALID, X509_V_ERR_CRL_SIGNATURE_FAILURE,
            X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, X509_V_ERR_DIFFERENT_CRL_SCOPE:
            self = .revocationUnknown
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .wrongServerName
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_SIGNATURE_FAILURE,
            X509_V_ERR_CERT_UNTRUSTED:
            self = .unknownAuthority
        case X509_V_ERR_INVALID_PURPOSE, X509_V_ERR_EE_KEY_TOO_SMALL,
            X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK,
            X509_V_ERR_CERT_CHAIN_TOO_LONG, X509_V_ERR_PATH_LENGTH_EXCEEDED,
            X509_V_ERR_INVALID_CA, X509_V_ERR_CERT_REJECTED:
            self = .unsuitableCertificate(text)
        default: self = .other(text)
        }
    }
}
