import COpenSSL
import Glibc

/// Where the key comes from that a key store is sealed under.
public enum KeyEncryptionSource: Sendable {
    /// A file, mode 0600 or less, of 32 bytes or 64 hexadecimal digits.
    case keyFile(path: String)
    /// The same, as a credential that the service manager passes: `$CREDENTIALS_DIRECTORY/name`.
    case credential(name: String)
    /// A passphrase, stretched by scrypt with the parameters in the store's header.
    case passphrase(SecretBytes)
    /// A file, mode 0600 or less, whose text less the line end after it is a passphrase.
    case passphraseFile(path: String)

    /// Fewest bytes of a passphrase.
    public static let passphraseBytesMin = 12

    /// Writes a new random key file, mode 0600; refuses to overwrite.
    public static func generateKeyFile(at path: String) throws(CardSecurityFault) {
        guard !SystemCall.exists(path) else { throw .fileExists(path: path) }
        let key = try SecretBytes.random(count: 32)
        var text = key.withUnsafeBytes { Hexadecimal.digits(of: $0) }
        defer { Wiping.wipe(&text) }
        text.append(0x0a)
        try SystemCall.replace(path, with: text)
    }

    /// Gives a new key file to the owner of the one whose place it will take, where root made it.
    public static func keepOwner(
        of path: String, on new: String
    ) throws(CardSecurityFault) {
        try SystemCall.keepOwner(of: path, on: new)
    }

    var kind: SealedHeader.Kind {
        switch self {
        case .keyFile, .credential: .key
        case .passphrase, .passphraseFile: .passphrase
        }
    }

    /// The key-encryption key, 32 bytes, of a slot of the same kind; read anew from its file.
    func key(for slot: SealedHeader.Slot) throws(CardSecurityFault) -> SecretBytes {
        switch self {
        case .keyFile(let file):
            return try Self.readKey(file, audience: .owner)
        case .credential(let name):
            let directory = getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
            let file = try Self.credentialPath(name, directory: directory)
            return try Self.readKey(file, audience: .ownerAndGroup)
        case .passphrase(let passphrase):
            return try Self.stretch(passphrase, slot)
        case .passphraseFile(let file):
            return try Self.stretch(try Self.readPassphrase(file), slot)
        }
    }

    static func credentialPath(
        _ name: String, directory: String?
    ) throws(CardSecurityFault) -> String {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw .credentialNameMalformed
        }
        guard let directory else { throw .credentialsUnavailable(name: name) }
        return directory + "/" + name
    }

    private static func readKey(
        _ path: String, audience: SystemCall.Audience
    ) throws(CardSecurityFault) -> SecretBytes {
        var bytes = try SystemCall.read(path, bytesMax: 4096, audience: audience)
        defer { Wiping.wipe(&bytes) }
        if bytes.count == 32 { return bytes.withUnsafeBytes { SecretBytes(copying: $0) } }
        let end = bytes.lastIndex { $0 != 0x0a && $0 != 0x0d && $0 != 0x20 } ?? -1
        guard end == 63, var key = Hexadecimal.bytes(of: bytes[...end]) else {
            throw .keyFileMalformed(path: path)
        }
        return SecretBytes(wiping: &key)
    }

    private static func readPassphrase(_ path: String) throws(CardSecurityFault) -> SecretBytes {
        var bytes = try SystemCall.read(path, bytesMax: 4096, audience: .owner)
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .passphraseFileMalformed(path: path) }
        return SecretBytes(wiping: &bytes)
    }

    private static func stretch(
        _ passphrase: SecretBytes, _ slot: SealedHeader.Slot
    ) throws(CardSecurityFault) -> SecretBytes {
        guard passphrase.count >= passphraseBytesMin else {
            throw .passphraseTooShort(bytesMin: passphraseBytesMin)
        }
        return try slot.cost.derive(from: passphrase, salt: slot.salt, count: 32)
    }
}

/// How much work scrypt does: memory 128 · 2^logN · r bytes.
///
/// - Source: RFC 7914.
public struct ScryptCost: Sendable, Hashable {
    /// Binary logarithm of N, 10...20.
    public var logN: UInt8
    /// Block size r, 1...16.
    public var blockSize: UInt8
    /// Parallelization p, 1...4.
    public var parallelization: UInt8

    /// 128 MiB and about half a second on a server of 2020.
    public static let standard = ScryptCost(logN: 17, blockSize: 8, parallelization: 1)

    /// Creates a cost of its parameters.
    public init(logN: UInt8, blockSize: UInt8, parallelization: UInt8) {
        self.logN = logN
        self.blockSize = blockSize
        self.parallelization = parallelization
    }

    /// Whether each parameter is in its range: a changed header must not exhaust the memory.
    var isAcceptable: Bool {
        (10...20).contains(logN) && (1...16).contains(blockSize)
            && (1...4).contains(parallelization)
    }

    func derive(
        from passphrase: SecretBytes, salt: [UInt8], count: Int
    ) throws(CardSecurityFault) -> SecretBytes {
        let memoryMax: UInt64 = 2 << 30
        return try SecretBytes(count: count) { key throws(CardSecurityFault) in
            let done = passphrase.withUnsafeBytes { phrase in
                EVP_PBE_scrypt(
                    phrase.bindMemory(to: CChar.self).baseAddress, phrase.count, salt, salt.count,
                    1 << UInt64(logN), UInt64(blockSize), UInt64(parallelization), memoryMax,
                    key.bindMemory(to: UInt8.self).baseAddress, count)
            }
            guard done == 1 else { throw LibraryFailure.take("scrypt") }
        }
    }
}
