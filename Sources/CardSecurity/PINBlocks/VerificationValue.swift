/// What stands for a card's PIN in the ledger: the first 16 bytes of an HMAC under a verification key.
///
/// HMAC-SHA-256(verification key, card ‖ PIN); without the key it tells nothing of the PIN.
public struct VerificationValue: Sendable, Hashable {
    /// Which verification key made it.
    public var keyID: UInt16
    /// Bytes 0 to 7, big-endian.
    public var high: UInt64
    /// Bytes 8 to 15, big-endian.
    public var low: UInt64

    /// Creates a value of its parts.
    public init(keyID: UInt16, high: UInt64, low: UInt64) {
        self.keyID = keyID
        self.high = high
        self.low = low
    }

    /// Whether both were made by the same key of the same card and PIN, in constant time.
    public static func == (left: VerificationValue, right: VerificationValue) -> Bool {
        (left.high ^ right.high) | (left.low ^ right.low) | UInt64(left.keyID ^ right.keyID) == 0
    }

    /// Feeds the first word, which is random enough.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(high)
    }

    init(keyID: UInt16, code: Digest32) {
        self.init(keyID: keyID, high: code.words.0, low: code.words.1)
    }
}

/// The values of one card and PIN under every verification key at hand.
public struct VerificationValues: Sendable, Hashable {
    /// Under the current key.
    public var current: VerificationValue
    /// Under each other key; empty except while keys are rotated.
    public var others: [VerificationValue]

    /// Creates the values of all keys.
    public init(current: VerificationValue, others: [VerificationValue] = []) {
        self.current = current
        self.others = others
    }
}
