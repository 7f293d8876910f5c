/// What stands before the sealed contents of a key store, in clear and authenticated.
///
/// The contents are sealed under a random key, which is wrapped under each key-encryption key that
/// opens the store: one, or the old and the new one while they are changed.
///
/// | offset | bytes | content |
/// | --- | --- | --- |
/// | 0 | 8 | ASCII `settleKS` |
/// | 8 | 1 | version, 3 |
/// | 9 | 1 | count of slots, 1...8 |
/// | 10 | 2 | zero |
/// | 12 | 12 | nonce of AES-256-GCM: new with every write |
/// | 24 | 4 | bytes of the sealed contents, big-endian |
/// | 28 | 4 | zero |
/// | 32 | 60 each | slots |
///
/// A slot: kind (1: 1 key, 2 passphrase), scrypt's log2 N, r, p (3; zero under a key), salt (16),
/// the wrapped key (40, RFC 3394). The contents, encrypted, follow, then the tag of 16 bytes over
/// header and contents.
///
/// Version 2, which is read and not written, is the same with contents that have no record keys.
/// Version 1, which is read and not written, has 48 bytes: magic, version, kind (1), scrypt (3),
/// zero (3), salt (16), nonce (12), bytes of the contents (4). Its contents are sealed under the
/// key-encryption key itself.
struct SealedHeader: Sendable {
    /// What a slot's key is.
    enum Kind: UInt8, Sendable {
        case key = 1
        case passphrase = 2

        var name: String {
            switch self {
            case .key: "a key from a file or a credential"
            case .passphrase: "a passphrase"
            }
        }
    }

    /// One key-encryption key's way in.
    struct Slot: Sendable, Hashable {
        static let bytes = 60
        static let wrappedKeyBytes = 40

        var kind: Kind
        var cost: ScryptCost
        var salt: [UInt8]
        /// Empty in version 1.
        var wrappedKey: [UInt8]

        init(kind: Kind, cost: ScryptCost, salt: [UInt8], wrappedKey: [UInt8]) {
            self.kind = kind
            self.cost = cost
            self.salt = salt
            self.wrappedKey = wrappedKey
        }

        /// Kind, scrypt's parameters and what follows; nil where they are none.
        init?(kind: UInt8, scrypt: ArraySlice<UInt8>, salt: ArraySlice<UInt8>, wrapped: [UInt8]) {
            let parameters = Array(scrypt)
            cost = ScryptCost(
                logN: parameters[0], blockSize: parameters[1], parallelization: parameters[2])
            guard let kind = Kind(rawValue: kind),
                kind == .passphrase ? cost.isAcceptable : parameters == [0, 0, 0]
            else { return nil }
            self.kind = kind
            self.salt = Array(salt)
            wrappedKey = wrapped
        }
    }

    static let contentKeyBytes = 32
    static let tagBytes = 16
    static let slotsMax = 8
    static let contentsBytesMax = 32 << 20
    static let bytesMax = fixedBytes + slotsMax * Slot.bytes
    private static let fixedBytes = 32
    private static let magic = Array("settleKS".utf8)

    /// The version that is written.
    static let presentVersion: UInt8 = 3

    /// 1 or 2 of an old file that was not written since.
    var version = presentVersion
    var slots: [Slot]
    var nonce: [UInt8] = []
    var contentsBytes = 0

    /// How many bytes it has in the file.
    var bytes: Int { version == 1 ? 48 : Self.fixedBytes + slots.count * Slot.bytes }

    /// As it stands in a file of the present version.
    var encoded: [UInt8] {
        var result = Self.magic + [Self.presentVersion, UInt8(slots.count), 0, 0] + nonce
        for shift in [24, 16, 8, 0] {
            result.append(UInt8(truncatingIfNeeded: contentsBytes >> shift))
        }
        result += [0, 0, 0, 0]
        for slot in slots {
            result += [slot.kind.rawValue]
            result += [slot.cost.logN, slot.cost.blockSize, slot.cost.parallelization]
            result += slot.salt + slot.wrappedKey
        }
        return result
    }

    /// Reads the header of a whole file.
    static func decode(
        _ file: [UInt8], path: String
    ) throws(CardSecurityFault) -> SealedHeader {
        guard file.count >= fixedBytes + tagBytes, Array(file[..<8]) == magic else {
            throw .notAKeyStore(path: path)
        }
        let header: SealedHeader?
        switch file[8] {
        case 1: header = first(file)
        case 2, presentVersion: header = second(file)
        default: throw .versionUnknown(path: path, version: file[8])
        }
        guard let header, header.contentsBytes <= contentsBytesMax,
            file.count == header.bytes + header.contentsBytes + tagBytes
        else { throw .notAKeyStore(path: path) }
        return header
    }

    private static func first(_ file: [UInt8]) -> SealedHeader? {
        guard file.count >= 48 + tagBytes, Array(file[13..<16]) == [0, 0, 0],
            let slot = Slot(
                kind: file[9], scrypt: file[10..<13], salt: file[16..<32], wrapped: [])
        else { return nil }
        return SealedHeader(
            version: 1, slots: [slot], nonce: Array(file[32..<44]),
            contentsBytes: number(file[44..<48]))
    }

    private static func second(_ file: [UInt8]) -> SealedHeader? {
        let count = Int(file[9])
        guard (1...slotsMax).contains(count), Array(file[10..<12]) == [0, 0],
            Array(file[28..<32]) == [0, 0, 0, 0],
            file.count >= fixedBytes + count * Slot.bytes + tagBytes
        else { return nil }
        var slots: [Slot] = []
        for index in 0..<count {
            let start = fixedBytes + index * Slot.bytes
            let wrapped = Array(file[(start + 20)..<(start + Slot.bytes)])
            guard
                let slot = Slot(
                    kind: file[start], scrypt: file[(start + 1)..<(start + 4)],
                    salt: file[(start + 4)..<(start + 20)], wrapped: wrapped)
            else { return nil }
            slots.append(slot)
        }
        return SealedHeader(
            version: file[8], slots: slots, nonce: Array(file[12..<24]),
            contentsBytes: number(file[24..<28]))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }
}
