/// The first 48 bytes of a key store, in clear and authenticated.
///
/// | offset | bytes | content |
/// | --- | --- | --- |
/// | 0 | 8 | ASCII `settleKS` |
/// | 8 | 1 | version, 1 |
/// | 9 | 1 | sealed under: 1 key, 2 passphrase |
/// | 10 | 3 | scrypt: log2 N, r, p; zero under a key |
/// | 13 | 3 | zero |
/// | 16 | 16 | salt: new with every new key-encryption key |
/// | 32 | 12 | nonce of AES-256-GCM: new with every write |
/// | 44 | 4 | bytes of the sealed contents, big-endian |
///
/// The contents, encrypted, follow, then the tag of 16 bytes over header and contents.
struct SealedHeader: Sendable, Hashable {
    /// What the store is sealed under.
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

    static let bytes = 48
    static let tagBytes = 16
    static let contentsBytesMax = 32 << 20
    private static let magic = Array("settleKS".utf8)
    private static let version: UInt8 = 1

    var kind: Kind
    var cost: ScryptCost
    var salt: [UInt8]
    var nonce: [UInt8]
    var contentsBytes: Int

    /// Whether both are sealed under the same derivation of a key-encryption key.
    func hasSameKey(as other: SealedHeader) -> Bool {
        kind == other.kind && cost == other.cost && salt == other.salt
    }

    var encoded: [UInt8] {
        var result = Self.magic + [Self.version, kind.rawValue]
        result += [cost.logN, cost.blockSize, cost.parallelization, 0, 0, 0]
        result += salt + nonce
        for shift in [24, 16, 8, 0] {
            result.append(UInt8(truncatingIfNeeded: contentsBytes >> shift))
        }
        return result
    }

    /// Reads the header of a whole file.
    static func decode(
        _ file: [UInt8], path: String
    ) throws(CardSecurityFault) -> SealedHeader {
        guard file.count >= bytes + tagBytes, Array(file[..<8]) == magic else {
            throw .notAKeyStore(path: path)
        }
        guard file[8] == version else { throw .versionUnknown(path: path, version: file[8]) }
        let cost = ScryptCost(
            logN: file[10], blockSize: file[11], parallelization: file[12])
        let contentsBytes = file[44..<48].reduce(0) { $0 << 8 | Int($1) }
        guard let kind = Kind(rawValue: file[9]), Array(file[13..<16]) == [0, 0, 0],
            kind == .passphrase ? cost.isAcceptable : Array(file[10..<13]) == [0, 0, 0],
            contentsBytes <= contentsBytesMax, file.count == bytes + contentsBytes + tagBytes
        else { throw .notAKeyStore(path: path) }
        return SealedHeader(
            kind: kind, cost: cost, salt: Array(file[16..<32]), nonce: Array(file[32..<44]),
            contentsBytes: contentsBytes)
    }
}
