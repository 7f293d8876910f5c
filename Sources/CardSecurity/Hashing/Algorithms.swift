import COpenSSL

/// The algorithms of libcrypto's providers, fetched once for the process.
///
/// `@unchecked Sendable`: fetched algorithm objects are immutable and reference counted by atomics
/// (crypto(7), "Algorithm fetching"); none of these is ever freed.
struct Algorithms: @unchecked Sendable {
    let cmac: OpaquePointer?
    let aes128: OpaquePointer?
    let sm4: OpaquePointer?
    let aes128Wrap: OpaquePointer?
    let aes192Wrap: OpaquePointer?
    let aes256Wrap: OpaquePointer?
    let aes256GCM: OpaquePointer?

    static let shared = Algorithms()

    private init() {
        cmac = EVP_MAC_fetch(nil, "CMAC", nil)
        aes128 = EVP_CIPHER_fetch(nil, "AES-128-ECB", nil)
        sm4 = EVP_CIPHER_fetch(nil, "SM4-ECB", nil)
        aes128Wrap = EVP_CIPHER_fetch(nil, "AES-128-WRAP", nil)
        aes192Wrap = EVP_CIPHER_fetch(nil, "AES-192-WRAP", nil)
        aes256Wrap = EVP_CIPHER_fetch(nil, "AES-256-WRAP", nil)
        aes256GCM = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
        // A provider without SM4 is reported where SM4 is asked for, not by a stale queue entry.
        ERR_clear_error()
    }
}
