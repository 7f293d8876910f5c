import COpenSSL
import Synchronization

/// Seals records and makes card tokens under a vault's record keys, on any thread.
///
/// It follows the vault: records are sealed under the key that is current there at that time, and
/// those under any key of the vault open. Card tokens are made under the first key for ever.
///
/// A sealed record is the key's number (2), a nonce (12), the encrypted record and the tag (16);
/// integers are big-endian. The key's number and the record's place (8) are authenticated with it.
///
/// | derived by HMAC-SHA-256 | of | label | bytes |
/// | --- | --- | --- | --- |
/// | sealing key, AES-256-GCM | each record key | `settled record 1` | 32 |
/// | token key, AES-128 | the first record key | `settled card token 1` | 16 |
/// | name | the first record key | `settled record keys 1` | 8 |
public final class RecordCipher: Sendable {
    /// How many bytes a sealed record has more than the record.
    public static let sealedBytesMore = 2 + GCMCipher.nonceBytes + GCMCipher.tagBytes
    /// Most bytes of a record.
    public static let recordBytesMax = 1 << 30

    /// Names the vault's record keys: the same of every copy of them, and after each rotation.
    public let name: UInt64

    private let store: SealedKeyStore
    private let records: Mutex<RecordCiphers>
    private let tokens: Mutex<TokenCiphers>

    init(_ store: SealedKeyStore) throws(CardSecurityFault) {
        guard let first = store.contents.recordKeys.first else {
            throw .recordKeyMissing(path: store.path)
        }
        let code = HMACSHA256(key: first.secret)
        name = Array("settled record keys 1".utf8).withUnsafeBytes {
            code.authenticate($0).words.0
        }
        self.store = store
        records = Mutex(RecordCiphers(nonces: try RecordNonces()))
        tokens = Mutex(try TokenCiphers(key: code.derivedKey("settled card token 1", count: 16)))
    }

    /// Seals a record under the vault's current key; the same bytes are never sealed alike twice.
    ///
    /// - Parameters:
    ///   - record: at most `recordBytesMax` bytes.
    ///   - place: what it is opened with again.
    /// - Returns: `sealedBytesMore` bytes more than the record.
    /// - Throws: `lengthWrong`, or `library`.
    public func seal(
        _ record: UnsafeRawBufferPointer, place: UInt64
    ) throws(CardSecurityFault) -> [UInt8] {
        guard record.count <= Self.recordBytesMax else {
            throw .lengthWrong(
                of: "a record", bytes: record.count, expected: "at most \(Self.recordBytesMax)")
        }
        let record = BorrowedBytes(bytes: record)
        let current = store.recordKeyID
        return try records.withLock { (records) throws(CardSecurityFault) in
            try records.seal(record, place: place, under: current, of: store)
        }
    }

    /// Opens what was sealed; nil where it is too short, was changed, or was sealed for another
    /// place.
    ///
    /// Where the key is none of the vault's, its file is looked at once more, which blocks.
    ///
    /// - Throws: `recordKeyUnknown` where the vault does not have the key, the fault of its file, or
    ///   `library`.
    public func open(
        _ sealed: UnsafeRawBufferPointer, place: UInt64
    ) throws(CardSecurityFault) -> [UInt8]? {
        guard (0...Self.recordBytesMax).contains(sealed.count - Self.sealedBytesMore) else {
            return nil
        }
        let sealed = BorrowedBytes(bytes: sealed)
        return try records.withLock { (records) throws(CardSecurityFault) in
            try records.open(sealed, place: place, of: store)
        }
    }

    /// What stands for a card number: always the same, and for no other number.
    ///
    /// - Returns: 16 bytes, big-endian.
    public func token(
        of card: CardDigits
    ) throws(CardSecurityFault) -> (high: UInt64, low: UInt64) {
        let clear = (high: UInt64(card.count), low: card.value)
        return try tokens.withLock { (tokens) throws(CardSecurityFault) in
            try tokens.making.transformed(clear)
        }
    }

    /// The card number that a token stands for; nil where it is none of these keys'.
    public func card(
        of token: (high: UInt64, low: UInt64)
    ) throws(CardSecurityFault) -> CardDigits? {
        let clear = try tokens.withLock { (tokens) throws(CardSecurityFault) in
            try tokens.reading.transformed(token)
        }
        return UInt8(exactly: clear.high).flatMap { CardDigits(value: clear.low, count: $0) }
    }
}

extension SealedKeyStore {
    /// What seals records and makes card tokens under this store's record keys.
    ///
    /// - Throws: `recordKeyMissing` where an earlier version made the store, or `library`.
    public func recordCipher() throws(CardSecurityFault) -> RecordCipher {
        try RecordCipher(self)
    }
}

/// One block cipher in each direction: a token is one block of the count of digits, as eight bytes,
/// and the digits as a number of eight bytes.
private struct TokenCiphers {
    let making: BlockCipher
    let reading: BlockCipher

    init(key: SecretBytes) throws(CardSecurityFault) {
        making = try BlockCipher(key: key, algorithm: .aes128, direction: .encrypt)
        reading = try BlockCipher(key: key, algorithm: .aes128, direction: .decrypt)
    }
}

extension BlockCipher {
    /// The block of two big-endian words, transformed.
    fileprivate func transformed(
        _ words: (high: UInt64, low: UInt64)
    ) throws(CardSecurityFault) -> (high: UInt64, low: UInt64) {
        var block = (words.high.bigEndian, words.low.bigEndian)
        let done = withUnsafeMutableBytes(of: &block) { block in
            block.bindMemory(to: UInt8.self).baseAddress.map(transform) ?? false
        }
        guard done else { throw LibraryFailure.take("AES-128") }
        return (UInt64(bigEndian: block.0), UInt64(bigEndian: block.1))
    }
}
