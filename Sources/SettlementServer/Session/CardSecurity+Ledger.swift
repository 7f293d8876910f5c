import CardSecurity
import Ledger

extension PINVerification {
    /// The value as the ledger keeps it.
    init(_ value: VerificationValue) {
        self.init(keyID: value.keyID, high: value.high, low: value.low)
    }
}

extension Digest {
    /// SHA-256 by libcrypto, as the ledger's rules and a request's content need it.
    public static let sha256: SHA256Function = { bytes in
        Digest(words: SHA256.digest(bytes).words)
    }
}
