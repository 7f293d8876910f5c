/// A session's PIN key as a sign-on answer carries it.
///
/// - Source: Protocol/PINBlock.md, "Session PIN key".
public struct WrappedPINKey: Sendable, Hashable {
    /// The key wrapped under the terminal master key, 24 bytes.
    public var wrapped: [UInt8]
    /// The check value of the PIN key, 3 bytes.
    public var checkValue: [UInt8]

    /// Takes what a sign-on answer carries.
    public init(wrapped: [UInt8], checkValue: [UInt8]) {
        self.wrapped = wrapped
        self.checkValue = checkValue
    }

    /// Wraps a PIN key under a terminal master key.
    public init(
        wrapping key: SecretBytes, masterKey: SecretBytes, algorithm: PINAlgorithm
    ) throws(CardSecurityFault) {
        checkValue = try KeyCheckValue(of: key, algorithm: algorithm).bytes
        wrapped = try KeyWrap.wrap(key, under: masterKey)
    }

    /// The PIN key, its check value proven.
    public func unwrap(
        masterKey: SecretBytes, algorithm: PINAlgorithm
    ) throws(CardSecurityFault) -> SecretBytes {
        let key = try KeyWrap.unwrap(wrapped, under: masterKey)
        guard try KeyCheckValue(of: key, algorithm: algorithm).bytes == checkValue else {
            throw .checkValueDiffers(of: "the session PIN key")
        }
        return key
    }
}
