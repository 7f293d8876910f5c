/// The keys of a store, and the changes that it allows.
///
/// All times are seconds since 1970 UTC.
public struct KeyStoreContents: Sendable {
    /// Most terminals of a store.
    public static let terminalsMax = 100_000
    /// Most verification keys that are kept at a time.
    public static let verificationKeysMax = 16
    /// Bytes of a verification key.
    static let verificationKeyBytes = 32

    struct VerificationKey: Sendable {
        var id: UInt16
        var created: Int64
        var secret: SecretBytes
    }

    struct MasterKey: Sendable {
        var created: Int64
        var secret: SecretBytes
    }

    /// In the order of their making; never empty.
    var verificationKeys: [VerificationKey]
    var currentID: UInt16
    /// In the order of their making, their numbers ascending; empty in what an earlier version made.
    var recordKeys: [RecordKey]
    /// The record key that records are sealed under; 0 where there is none.
    var currentRecordID: UInt16
    var masterKeys: [String: MasterKey]
    /// Keys that take the place of `masterKeys` once their terminals sign on with them.
    var nextMasterKeys: [String: MasterKey] = [:]

    /// A store with one verification key and one record key, both number 1, and no terminal.
    init(created: Int64) throws(CardSecurityFault) {
        let secret = try SecretBytes.random(count: Self.verificationKeyBytes)
        verificationKeys = [VerificationKey(id: 1, created: created, secret: secret)]
        currentID = 1
        recordKeys = [try .random(id: 1, created: created)]
        currentRecordID = 1
        masterKeys = [:]
    }

    init(
        verificationKeys: [VerificationKey], currentID: UInt16, recordKeys: [RecordKey],
        currentRecordID: UInt16, masterKeys: [String: MasterKey],
        nextMasterKeys: [String: MasterKey]
    ) {
        self.verificationKeys = verificationKeys
        self.currentID = currentID
        self.recordKeys = recordKeys
        self.currentRecordID = currentRecordID
        self.masterKeys = masterKeys
        self.nextMasterKeys = nextMasterKeys
    }

    /// The terminals that have a master key, in order.
    public var terminals: [String] { masterKeys.keys.sorted() }

    /// The master key of a terminal, to be printed as components or written sealed.
    public func masterKey(of terminal: String) throws(CardSecurityFault) -> SecretBytes {
        guard let entry = masterKeys[terminal] else { throw .terminalUnknown(terminal) }
        return entry.secret
    }

    /// When a terminal's master key was made.
    public func created(terminal: String) throws(CardSecurityFault) -> Int64 {
        guard let entry = masterKeys[terminal] else { throw .terminalUnknown(terminal) }
        return entry.created
    }

    /// Gives a terminal a new random master key.
    ///
    /// - Parameters:
    ///   - terminal: 1 to 32 printable ASCII characters.
    ///   - existing: what to do with a key that the terminal has.
    ///   - created: the time now.
    /// - Returns: the key, to be shown or injected once.
    /// - Throws: `terminalMalformed`, `terminalExists`, `full`, or `library`.
    @discardableResult
    public mutating func register(
        terminal: String, existing: ExistingKey = .refuse, created: Int64
    ) throws(CardSecurityFault) -> SecretBytes {
        let key = try TerminalMasterKey.generate()
        try register(terminal: terminal, key: key, existing: existing, created: created)
        return key
    }

    /// Gives a terminal a master key that comes from elsewhere, 16 bytes.
    public mutating func register(
        terminal: String, key: SecretBytes, existing: ExistingKey = .refuse, created: Int64
    ) throws(CardSecurityFault) {
        try TerminalMasterKey.check(key)
        try Self.check(terminal: terminal)
        let isKnown = masterKeys[terminal] != nil
        guard existing == .replace || !isKnown else { throw .terminalExists(terminal) }
        guard isKnown || masterKeys.count < Self.terminalsMax else {
            throw .full("terminals", limit: Self.terminalsMax)
        }
        masterKeys[terminal] = MasterKey(created: created, secret: key)
        nextMasterKeys[terminal] = nil
    }

    /// Takes a terminal's master key away: it cannot sign on any more.
    public mutating func remove(terminal: String) throws(CardSecurityFault) {
        nextMasterKeys[terminal] = nil
        guard masterKeys.removeValue(forKey: terminal) != nil else {
            throw .terminalUnknown(terminal)
        }
    }

    /// The verification keys, oldest first: number, time of making, whether it is the current one.
    public var verificationKeyList: [VerificationKeyInfo] {
        verificationKeys.map { key in
            VerificationKeyInfo(id: key.id, created: key.created, isCurrent: key.id == currentID)
        }
    }

    /// Makes a new verification key current; the one before stays, to verify and then replace the
    /// values that were made under it.
    ///
    /// Where daemons serve, every one of them must have the key before any makes values under it:
    /// `addVerificationKey`, then `activateVerificationKey`.
    ///
    /// - Returns: the new key's number.
    @discardableResult
    public mutating func rotateVerificationKey(created: Int64) throws(CardSecurityFault) -> UInt16 {
        let id = try addVerificationKey(created: created)
        try activateVerificationKey(id)
        return id
    }

    /// Makes a new verification key that verifies, and under which no values are made yet.
    ///
    /// - Returns: the new key's number, larger than every other.
    public mutating func addVerificationKey(created: Int64) throws(CardSecurityFault) -> UInt16 {
        let last = verificationKeys.map(\.id).max() ?? 0
        guard verificationKeys.count < Self.verificationKeysMax, last < UInt16.max else {
            throw .full("verification keys", limit: Self.verificationKeysMax)
        }
        let secret = try SecretBytes.random(count: Self.verificationKeyBytes)
        verificationKeys.append(VerificationKey(id: last + 1, created: created, secret: secret))
        return last + 1
    }

    /// Has values made under a key that was added after the current one.
    public mutating func activateVerificationKey(_ id: UInt16) throws(CardSecurityFault) {
        guard verificationKeys.contains(where: { $0.id == id }) else {
            throw .verificationKeyUnknown(id)
        }
        guard id > currentID else { throw .verificationKeyOlder(id) }
        currentID = id
    }

    /// Deletes a verification key: values still made under it can never be verified again.
    public mutating func retireVerificationKey(_ id: UInt16) throws(CardSecurityFault) {
        guard id != currentID else { throw .verificationKeyInUse(id) }
        guard let index = verificationKeys.firstIndex(where: { $0.id == id }) else {
            throw .verificationKeyUnknown(id)
        }
        verificationKeys.remove(at: index)
    }

    static func check(terminal: String) throws(CardSecurityFault) {
        guard (1...32).contains(terminal.utf8.count),
            terminal.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .terminalMalformed }
    }

    /// The verifier of the current key and of every other one.
    func verifier() throws(CardSecurityFault) -> PINVerifier {
        guard let current = verificationKeys.first(where: { $0.id == currentID }) else {
            throw .verificationKeyUnknown(currentID)
        }
        let others = verificationKeys.filter { $0.id != currentID }
        return PINVerifier(
            current: current.secret, keyID: current.id, others: others.map { ($0.id, $0.secret) })
    }
}

/// What to do with a master key that a terminal has already.
public enum ExistingKey: Sendable {
    /// Refuse the new one.
    case refuse
    /// Replace it: the terminal needs the new one before its next sign-on.
    case replace
}

/// What a list of verification keys shows; no key.
public struct VerificationKeyInfo: Sendable, Hashable {
    /// Its number, kept with each value that it made.
    public var id: UInt16
    /// When it was made, seconds since 1970 UTC.
    public var created: Int64
    /// Whether new values are made under it.
    public var isCurrent: Bool
}
