import COpenSSL

/// Three bytes by which people and machines see that two sides hold the same key.
///
/// The first three bytes of the CMAC of one block of zeros under the key: AES-CMAC, or CMAC with SM4
/// for a PIN key of SM4.
///
/// - Source: NIST SP 800-38B; ANSI X9.24-1:2017, annex A; Protocol/PINBlock.md.
public struct KeyCheckValue: Sendable, Hashable, CustomStringConvertible {
    /// The three bytes.
    public let bytes: [UInt8]

    /// Takes three bytes; nil for another count.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 3 else { return nil }
        self.bytes = bytes
    }

    /// Reads six hexadecimal digits; nil for anything else.
    public init?(_ text: String) {
        guard let bytes = Hexadecimal.bytes(of: text.utf8) else { return nil }
        self.init(bytes: bytes)
    }

    /// Computes the check value of a key of 16 bytes.
    public init(of key: SecretBytes, algorithm: PINAlgorithm) throws(CardSecurityFault) {
        guard key.count == 16 else {
            throw .lengthWrong(of: "the key", bytes: key.count, expected: "16")
        }
        let code = try CMAC.code(
            of: [UInt8](repeating: 0, count: 16), key: key,
            cipherName: algorithm.chainedCipherName)
        bytes = Array(code.prefix(3))
    }

    /// Six upper-case hexadecimal digits.
    public var description: String { Hexadecimal.text(of: bytes).uppercased() }
}

/// CMAC of libcrypto, for check values.
enum CMAC {
    /// The 16 bytes of a CMAC.
    static func code(
        of message: [UInt8], key: SecretBytes, cipherName: String
    ) throws(CardSecurityFault) -> [UInt8] {
        guard let context = EVP_MAC_CTX_new(Algorithms.shared.cmac) else {
            throw LibraryFailure.take("CMAC")
        }
        defer { EVP_MAC_CTX_free(context) }
        var result = [UInt8](repeating: 0, count: 16)
        var written = 0
        var done = TextParameter.with(OSSL_MAC_PARAM_CIPHER, cipherName) { parameters in
            key.withUnsafeBytes { key in
                EVP_MAC_init(
                    context, key.bindMemory(to: UInt8.self).baseAddress, key.count, parameters)
            }
        }
        if done == 1 { done = EVP_MAC_update(context, message, message.count) }
        if done == 1 { done = EVP_MAC_final(context, &result, &written, 16) }
        guard done == 1, written == 16 else { throw LibraryFailure.take("CMAC \(cipherName)") }
        return result
    }
}
