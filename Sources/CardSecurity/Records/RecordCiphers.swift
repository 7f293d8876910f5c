import COpenSSL

/// The ciphers of the record keys that were needed so far, and the nonces of what is sealed.
///
/// Not Sendable: whoever owns it has it to themselves.
struct RecordCiphers {
    private struct Cipher {
        let id: UInt16
        let sealing: GCMCipher
        let opening: GCMCipher

        init(_ key: KeyStoreContents.RecordKey) throws(CardSecurityFault) {
            let secret = HMACSHA256(key: key.secret).derivedKey("settled record 1", count: 32)
            id = key.id
            sealing = try GCMCipher(key: secret, direction: .encrypt)
            opening = try GCMCipher(key: secret, direction: .decrypt)
        }
    }

    private var ciphers: [Cipher] = []
    private var nonces: RecordNonces

    init(nonces: RecordNonces) {
        self.nonces = nonces
    }

    mutating func seal(
        _ record: BorrowedBytes, place: UInt64, under id: UInt16, of store: SealedKeyStore
    ) throws(CardSecurityFault) -> [UInt8] {
        let record = record.bytes
        let cipher = try ciphers[index(of: id, store)].sealing
        let nonce = try nonces.next()
        var isSealed = false
        let sealed = [UInt8](
            unsafeUninitializedCapacity: record.count + RecordCipher.sealedBytesMore
        ) { target, count in
            guard let start = target.baseAddress else { return }
            let raw = UnsafeMutableRawPointer(start)
            raw.storeBytes(of: id.bigEndian, as: UInt16.self)
            raw.storeBytes(of: nonce.prefix.bigEndian, toByteOffset: 2, as: UInt64.self)
            raw.storeBytes(of: nonce.counter.bigEndian, toByteOffset: 10, as: UInt32.self)
            isSealed = Self.withClear(id, place) { clear in
                cipher.seal(record, nonce: start + 2, clear: clear, to: start + 14)
            }
            count = isSealed ? record.count + RecordCipher.sealedBytesMore : 0
        }
        guard isSealed else { throw LibraryFailure.take("AES-256-GCM") }
        return sealed
    }

    /// At least `sealedBytesMore` bytes; nil where they are not authentic.
    mutating func open(
        _ sealed: BorrowedBytes, place: UInt64, of store: SealedKeyStore
    ) throws(CardSecurityFault) -> [UInt8]? {
        let sealed = sealed.bytes
        let id = UInt16(bigEndian: sealed.loadUnaligned(as: UInt16.self))
        let cipher = try ciphers[index(of: id, store)].opening
        let bytes = sealed.bindMemory(to: UInt8.self)
        let recordBytes = sealed.count - RecordCipher.sealedBytesMore
        var isAuthentic = false
        // Room for one byte at least, so that there is an address.
        let record = [UInt8](unsafeUninitializedCapacity: max(recordBytes, 1)) { target, count in
            guard let start = bytes.baseAddress, let to = target.baseAddress else { return }
            let message = UnsafeRawBufferPointer(start: start + 14, count: recordBytes)
            isAuthentic = Self.withClear(id, place) { clear in
                cipher.open(
                    message, tag: start + 14 + recordBytes, nonce: start + 2, clear: clear, to: to)
            }
            if isAuthentic {
                count = recordBytes
            } else {
                OPENSSL_cleanse(to, recordBytes)
            }
        }
        return isAuthentic ? record : nil
    }

    /// Where a key's cipher is; made of the vault's key where there is none yet.
    private mutating func index(
        of id: UInt16, _ store: SealedKeyStore
    ) throws(CardSecurityFault) -> Int {
        if let index = ciphers.firstIndex(where: { $0.id == id }) { return index }
        var key = store.contents.recordKeys.first { $0.id == id }
        if key == nil, try store.reloadIfChanged() {
            key = store.contents.recordKeys.first { $0.id == id }
        }
        guard let key else { throw .recordKeyUnknown(id) }
        ciphers.append(try Cipher(key))
        return ciphers.count - 1
    }

    /// What is authenticated with a record, 10 bytes: the key's number and the record's place.
    private static func withClear(
        _ id: UInt16, _ place: UInt64, _ body: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var clear: (UInt64, UInt64) = (0, 0)
        return withUnsafeMutableBytes(of: &clear) { clear in
            clear.storeBytes(of: id.bigEndian, as: UInt16.self)
            clear.storeBytes(of: place.bigEndian, toByteOffset: 2, as: UInt64.self)
            return body(UnsafeRawBufferPointer(rebasing: clear[..<10]))
        }
    }
}

/// A caller's bytes, taken across a lock.
///
/// `@unchecked Sendable`: they are read on the caller's own thread, until its call returns, and no
/// pointer to them is kept.
struct BorrowedBytes: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
}
