import Glibc
import Synchronization

/// A key vault in one sealed file, mode 0600.
///
/// Sessions are opened from memory on any thread; `update` and `reload` read and write the file and
/// block. Several processes may update the same file: each update starts from what is on disk.
///
/// - Source: Protocol/PINBlock.md; the file's form: `SealedHeader`, `KeyStoreContents`.
public final class SealedKeyStore: KeyVault {
    /// Where the file is.
    public let path: String
    private let state: Mutex<State>
    /// Held while a file is read or written and its contents are taken over.
    private let fileOrder = Mutex(())

    private struct State {
        var contents: KeyStoreContents
        var verifier: PINVerifier
        var source: KeyEncryptionSource
        var header: SealedHeader
        var key: SecretBytes
        var stamp: FileStamp?
    }

    private init(path: String, state: State) {
        self.path = path
        self.state = Mutex(state)
    }

    /// Writes a new store with one verification key and no terminal; refuses to overwrite.
    public static func create(
        at path: String, source: KeyEncryptionSource, cost: ScryptCost = .standard,
        created: Int64 = now()
    ) throws(CardSecurityFault) -> SealedKeyStore {
        let contents = try KeyStoreContents(created: created)
        let header = try newHeader(source, cost)
        let key = try source.key(for: header, path: path)
        let state = try SystemCall.exclusively(path) { () throws(CardSecurityFault) -> State in
            guard !SystemCall.exists(path) else { throw .fileExists(path: path) }
            return try write(
                State(
                    contents: contents, verifier: contents.verifier(), source: source,
                    header: header, key: key, stamp: nil), to: path)
        }
        return SealedKeyStore(path: path, state: state)
    }

    /// Opens a store, refusing a file that others may use or that was changed.
    public static func open(
        at path: String, source: KeyEncryptionSource
    ) throws(CardSecurityFault) -> SealedKeyStore {
        SealedKeyStore(path: path, state: try read(path, source: source, known: nil))
    }

    /// The time for `created`, seconds since 1970 UTC.
    public static func now() -> Int64 { Int64(time(nil)) }

    /// What the store holds now, as last read or written.
    public var contents: KeyStoreContents { state.withLock { $0.contents } }

    /// Reads the file again if it was replaced since; sessions under way keep their keys.
    ///
    /// On a fault the contents stay as they were.
    ///
    /// - Returns: whether it was read.
    @discardableResult
    public func reloadIfChanged() throws(CardSecurityFault) -> Bool {
        try fileOrder.withLock { _ throws(CardSecurityFault) in
            let known = state.withLock { $0 }
            guard SystemCall.stamp(path) != known.stamp else { return false }
            let fresh = try Self.read(path, source: known.source, known: known)
            state.withLock { $0 = fresh }
            return true
        }
    }

    /// Changes what the store holds, on disk first; nothing changes if the function throws.
    public func update<Result: Sendable>(
        _ change: (inout KeyStoreContents) throws(CardSecurityFault) -> Result
    ) throws(CardSecurityFault) -> Result {
        try replacing { (state: inout State) throws(CardSecurityFault) in
            let result = try change(&state.contents)
            state.verifier = try state.contents.verifier()
            return result
        }
    }

    /// Seals the store under another key-encryption key or passphrase.
    public func reseal(
        under source: KeyEncryptionSource, cost: ScryptCost = .standard
    ) throws(CardSecurityFault) {
        try replacing { (state: inout State) throws(CardSecurityFault) in
            state.header = try Self.newHeader(source, cost)
            state.key = try source.key(for: state.header, path: path)
            state.source = source
        }
    }

    /// Makes a random PIN key for a terminal's session, wrapped under its master key.
    public func openSession(
        terminal: String, algorithm: PINAlgorithm
    ) throws(CardSecurityFault) -> sending any PINSession {
        let (masterKey, verifier) = state.withLock {
            ($0.contents.masterKeys[terminal]?.secret, $0.verifier)
        }
        guard let masterKey else { throw .terminalUnknown(terminal) }
        return try LocalPINSession(
            masterKey: masterKey, algorithm: algorithm, verifier: verifier)
    }

    /// The verification value of a PIN in clear digits under the current key.
    public func verificationValue(
        pin: String, card: CardDigits
    ) throws(CardSecurityFault) -> VerificationValue {
        try state.withLock { $0.verifier }.verificationValue(pin: pin, card: card)
    }

    /// The number of the current verification key.
    public var verificationKeyID: UInt16 { state.withLock { $0.verifier.keyID } }

    private func replacing<Result: Sendable>(
        _ change: (inout State) throws(CardSecurityFault) -> Result
    ) throws(CardSecurityFault) -> Result {
        try fileOrder.withLock { _ throws(CardSecurityFault) in
            try SystemCall.exclusively(path) { () throws(CardSecurityFault) in
                let known = state.withLock { $0 }
                var draft =
                    SystemCall.stamp(path) == known.stamp
                    ? known : try Self.read(path, source: known.source, known: known)
                let result = try change(&draft)
                let written = try Self.write(draft, to: path)
                state.withLock { $0 = written }
                return result
            }
        }
    }

    private static func newHeader(
        _ source: KeyEncryptionSource, _ cost: ScryptCost
    ) throws(CardSecurityFault) -> SealedHeader {
        let none = ScryptCost(logN: 0, blockSize: 0, parallelization: 0)
        return SealedHeader(
            kind: source.kind, cost: source.kind == .passphrase ? cost : none,
            salt: try SecureRandom.bytes(16), nonce: [], contentsBytes: 0)
    }

    private static func read(
        _ path: String, source: KeyEncryptionSource, known: State?
    ) throws(CardSecurityFault) -> State {
        // Taken first: a replacement while the file is read is then seen as a change later.
        let stamp = SystemCall.stamp(path)
        let bytesMax = SealedHeader.contentsBytesMax + SealedHeader.bytes + SealedHeader.tagBytes
        let file = try SystemCall.read(path, bytesMax: bytesMax, audience: .owner)
        let header = try SealedHeader.decode(file, path: path)
        let key: SecretBytes
        if let known, known.header.hasSameKey(as: header) {
            key = known.key
        } else {
            key = try source.key(for: header, path: path)
        }
        let clear = try Sealing.unseal(file, key: key, header: header, path: path)
        guard let contents = KeyStoreContents(decoding: clear) else {
            throw .notAKeyStore(path: path)
        }
        return State(
            contents: contents, verifier: try contents.verifier(), source: source, header: header,
            key: key, stamp: stamp)
    }

    private static func write(_ state: State, to path: String) throws(CardSecurityFault) -> State {
        var written = state
        let clear = state.contents.encoded
        written.header.nonce = try SecureRandom.bytes(12)
        written.header.contentsBytes = clear.count
        let sealed = try Sealing.seal(clear, key: state.key, header: written.header)
        try SystemCall.replace(path, with: written.header.encoded + sealed)
        written.stamp = SystemCall.stamp(path)
        return written
    }
}
