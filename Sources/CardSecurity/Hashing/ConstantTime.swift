import COpenSSL

/// Whether two runs of bytes are equal, in a time that depends on their lengths only.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in
            left.count == right.count
                && CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
        }
    }
}

/// Whether two secrets are equal, in a time that depends on their lengths only.
public func constantTimeEqual(_ left: SecretBytes, _ right: SecretBytes) -> Bool {
    left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in
            left.count == right.count
                && CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
        }
    }
}
