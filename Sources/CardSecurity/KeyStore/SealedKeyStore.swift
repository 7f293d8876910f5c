import Dispatch
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
    /// Where master keys are taken over, off the event loops.
    private let takingOver = DispatchQueue(label: "key-store")

    private struct State {
        var contents: KeyStoreContents
        var verifier: PINVerifier
        var source: KeyEncryptionSource
        var header: SealedHeader
        /// What the contents are sealed under.
        var key: SecretBytes
        var stamp: FileStamp?
    }

    private init(path: String, state: State) {
        self.path = path
        self.state = Mutex(state)
    }

    /// Writes a new store with one verification key, one record key and no terminal; refuses to
    /// overwrite.
    public static func create(
        at path: String, source: KeyEncryptionSource, cost: ScryptCost = .standard,
        created: Int64 = now()
    ) throws(CardSecurityFault) -> SealedKeyStore {
        let contents = try KeyStoreContents(created: created)
        let key = try SecretBytes.random(count: SealedHeader.contentKeyBytes)
        let header = SealedHeader(slots: [try .new(for: key, under: source, cost)])
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
    /// On a fault the contents stay as they were: `recordKeysDiffer` where the file lacks a record
    /// key that these contents have, since records may have been sealed under it.
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

    /// Lets another key-encryption key or passphrase open the store too.
    ///
    /// Who has the store open goes on, and so does who opens it with an old one, until
    /// `seal(under:)` leaves one.
    public func admit(
        _ source: KeyEncryptionSource, cost: ScryptCost = .standard
    ) throws(CardSecurityFault) {
        try replacing { (state: inout State) throws(CardSecurityFault) in
            guard state.header.slots.count < SealedHeader.slotsMax else {
                throw .full("key-encryption keys", limit: SealedHeader.slotsMax)
            }
            if state.header.version == 1 { state = try Self.write(state, to: path) }
            state.header.slots.append(try .new(for: state.key, under: source, cost))
        }
    }

    /// Seals the store under one key-encryption key or passphrase; no other opens it any more.
    ///
    /// The contents get another key too, so that an old copy of the file and its old key-encryption
    /// key tell nothing of what is written from now on.
    ///
    /// - Returns: how many others opened it before.
    @discardableResult
    public func seal(
        under source: KeyEncryptionSource, cost: ScryptCost = .standard
    ) throws(CardSecurityFault) -> Int {
        try replacing { (state: inout State) throws(CardSecurityFault) in
            let before = state.header.slots.count
            let known = try? state.header.slot(openedBy: source, path: path)
            state.key = try SecretBytes.random(count: SealedHeader.contentKeyBytes)
            state.header = SealedHeader(slots: [try .new(for: state.key, under: source, cost)])
            state.source = source
            return known == nil ? before : before - 1
        }
    }

    /// How many key-encryption keys and passphrases open the store.
    public var openers: Int { state.withLock { $0.header.slots.count } }

    /// Makes a random PIN key for a terminal's session, wrapped under its master key.
    ///
    /// A terminal that holds its next master key has that one from then on, and no other; the file
    /// follows on a queue of its own. Where it cannot be written both keys stay good until the
    /// terminal signs on again.
    public func openSession(
        terminal: String, algorithm: PINAlgorithm, masterKey checkValue: KeyCheckValue?
    ) throws(CardSecurityFault) -> sending any PINSession {
        let contents = state.withLock { $0.contents }
        let (masterKey, isNext) = try contents.masterKey(of: terminal, checkValue: checkValue)
        let session = try LocalPINSession(masterKey: masterKey, algorithm: algorithm) {
            [self] in state.withLock { $0.verifier }
        }
        if isNext {
            takingOver.async {
                try? self.update {
                    (contents: inout KeyStoreContents) throws(CardSecurityFault) -> Void in
                    // Another next key may have been made in the meantime.
                    guard
                        try contents.masterKey(of: terminal, checkValue: checkValue).isNext
                    else { return }
                    contents.takeOverMasterKey(terminal: terminal)
                }
            }
        }
        return session
    }

    /// Waits until what sign-ons have set off is in the file, for tests of this module.
    func waitUntilTakenOver() { takingOver.sync {} }

    /// The verification value of a PIN in clear digits under the current key.
    public func verificationValue(
        pin: String, card: CardDigits
    ) throws(CardSecurityFault) -> VerificationValue {
        try state.withLock { $0.verifier }.verificationValue(pin: pin, card: card)
    }

    /// The number of the current verification key.
    public var verificationKeyID: UInt16 { state.withLock { $0.verifier.keyID } }

    /// The number of the record key that records are sealed under; 0 where there is none.
    var recordKeyID: UInt16 { state.withLock { $0.contents.currentRecordID } }

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

    private static func read(
        _ path: String, source: KeyEncryptionSource, known: State?
    ) throws(CardSecurityFault) -> State {
        // Taken first: a replacement while the file is read is then seen as a change later.
        let stamp = SystemCall.stamp(path)
        let bytesMax =
            SealedHeader.contentsBytesMax + SealedHeader.bytesMax + SealedHeader.tagBytes
        let file = try SystemCall.read(path, bytesMax: bytesMax, audience: .owner)
        let header = try SealedHeader.decode(file, path: path)
        let opened = try open(file, header, path: path, source: source, known: known)
        guard let contents = KeyStoreContents(decoding: opened.clear, version: header.version)
        else { throw .notAKeyStore(path: path) }
        if let known, !contents.keepsRecordKeys(of: known.contents) {
            throw .recordKeysDiffer(path: path)
        }
        return State(
            contents: contents, verifier: try contents.verifier(), source: source, header: header,
            key: opened.key, stamp: stamp)
    }

    /// By the key that opened it before, as long as that is good: the key-encryption key may have
    /// been changed meanwhile, and a credential is not renewed in a service that runs.
    private static func open(
        _ file: [UInt8], _ header: SealedHeader, path: String, source: KeyEncryptionSource,
        known: State?
    ) throws(CardSecurityFault) -> (clear: SecretBytes, key: SecretBytes) {
        if let key = known?.key,
            let clear = try? Sealing.unseal(file, key: key, header: header, path: path)
        {
            return (clear, key)
        }
        let key = try header.slot(openedBy: source, path: path).contentKey
        return (try Sealing.unseal(file, key: key, header: header, path: path), key)
    }

    private static func write(_ state: State, to path: String) throws(CardSecurityFault) -> State {
        var written = state
        if written.header.version == 1 {
            // Its contents were sealed under the key-encryption key itself.
            let old = written.header.slots[0]
            written.key = try SecretBytes.random(count: SealedHeader.contentKeyBytes)
            let wrapped = try KeyWrap.wrap(written.key, under: state.key)
            written.header = SealedHeader(slots: [
                SealedHeader.Slot(
                    kind: old.kind, cost: old.cost, salt: old.salt, wrappedKey: wrapped)
            ])
        }
        written.header.version = SealedHeader.presentVersion
        let clear = state.contents.encoded
        written.header.nonce = try SecureRandom.bytes(12)
        written.header.contentsBytes = clear.count
        let sealed = try Sealing.seal(clear, key: written.key, header: written.header)
        try SystemCall.replace(path, with: written.header.encoded + sealed)
        written.stamp = SystemCall.stamp(path)
        return written
    }
}
