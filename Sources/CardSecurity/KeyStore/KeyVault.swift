/// What the daemon needs of whoever keeps its keys: a sealed file, or a PKCS#11 HSM in its place.
///
/// No key and no clear PIN crosses this protocol.
public protocol KeyVault: Sendable {
    /// Makes a random PIN key for a terminal's session and wraps it under its master key.
    ///
    /// Does not block on a file. The session belongs to the event loop that asks. Its verification
    /// keys are those that the vault has when a PIN comes, not those of the sign-on.
    ///
    /// - Parameters:
    ///   - terminal: who signs on.
    ///   - algorithm: of the PIN key.
    ///   - masterKey: the check value of the master key that the terminal holds; nil where it does
    ///     not say. While a master key is changed, this tells which of the two to wrap under.
    /// - Returns: the session, with its wrapped PIN key.
    /// - Throws: `terminalUnknown`, `masterKeyDiffers`, or `library` where the algorithm is not
    ///   available.
    func openSession(
        terminal: String, algorithm: PINAlgorithm, masterKey: KeyCheckValue?
    ) throws(CardSecurityFault) -> sending any PINSession

    /// Turns a PIN that an operator imports into its verification value under the current key.
    func verificationValue(
        pin: String, card: CardDigits
    ) throws(CardSecurityFault) -> VerificationValue

    /// The number of the verification key that new values are made under.
    var verificationKeyID: UInt16 { get }
}

/// One terminal session's PIN key, from sign-on to the end of the connection.
public protocol PINSession: AnyObject {
    /// What the sign-on answer says of the key's cipher.
    var algorithm: PINAlgorithm { get }
    /// What the sign-on answer carries of the key.
    var wrappedKey: WrappedPINKey { get }

    /// Opens a PIN block bound to a card into verification values; the clear PIN is wiped.
    ///
    /// - Throws: one fault, the same in text and time, for whatever is wrong with the block.
    func verificationValues(
        pinBlock: [UInt8], card: CardDigits
    ) throws(PINBlockFault) -> VerificationValues
}

/// A session whose PIN key is in this process.
final class LocalPINSession: PINSession {
    let algorithm: PINAlgorithm
    let wrappedKey: WrappedPINKey
    private let opener: PINOpener
    private let verifier: @Sendable () -> PINVerifier

    init(
        masterKey: SecretBytes, algorithm: PINAlgorithm,
        verifier: @escaping @Sendable () -> PINVerifier
    ) throws(CardSecurityFault) {
        let key = try SecretBytes.random(count: PINAlgorithm.keyBytes)
        self.algorithm = algorithm
        self.verifier = verifier
        opener = try PINOpener(key: key, algorithm: algorithm)
        wrappedKey = try WrappedPINKey(
            wrapping: key, masterKey: masterKey, algorithm: algorithm)
    }

    func verificationValues(
        pinBlock: [UInt8], card: CardDigits
    ) throws(PINBlockFault) -> VerificationValues {
        try verifier().verificationValues(pinBlock: pinBlock, card: card, opener: opener)
    }
}
