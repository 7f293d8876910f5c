/// The block cipher of a session's PIN key, agreed at sign-on; both take keys of 16 bytes.
///
/// - Source: Protocol/PINBlock.md; the raw values are those of `PINAlgorithm` in the schema.
public enum PINAlgorithm: UInt8, Sendable, CaseIterable {
    /// AES-128 (FIPS 197).
    case aes128 = 1
    /// SM4 (GB/T 32907).
    case sm4 = 2

    /// Bytes of a PIN key under either.
    public static let keyBytes = 16

    /// Whether the installed libcrypto can do it: a FIPS-only set of providers has no SM4.
    public var isAvailable: Bool { cipher != nil }

    var cipher: OpaquePointer? {
        switch self {
        case .aes128: Algorithms.shared.aes128
        case .sm4: Algorithms.shared.sm4
        }
    }

    /// The name of the cipher as CMAC takes it.
    var chainedCipherName: String {
        switch self {
        case .aes128: "AES-128-CBC"
        case .sm4: "SM4-CBC"
        }
    }
}
