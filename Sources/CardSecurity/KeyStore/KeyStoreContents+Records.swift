/// The keys that the ledger's stores keep records and card numbers under.
///
/// None is ever deleted: what was sealed under a key needs it as long as that is kept. Card tokens
/// are made under the first key for ever, since a card is found again by its token.
extension KeyStoreContents {
    /// Most record keys of a store.
    public static let recordKeysMax = 16
    /// Bytes of a record key.
    static let recordKeyBytes = 32

    struct RecordKey: Sendable {
        var id: UInt16
        var created: Int64
        var secret: SecretBytes

        static func random(id: UInt16, created: Int64) throws(CardSecurityFault) -> RecordKey {
            RecordKey(
                id: id, created: created, secret: try SecretBytes.random(count: recordKeyBytes))
        }
    }

    /// The record keys, oldest first: number, time of making, whether it is the current one.
    ///
    /// Empty in what an earlier version of this program made.
    public var recordKeyList: [RecordKeyInfo] {
        recordKeys.map { key in
            RecordKeyInfo(id: key.id, created: key.created, isCurrent: key.id == currentRecordID)
        }
    }

    /// Makes a new record key that opens, and under which nothing is sealed yet; the first one, of
    /// number 1, is current at once, and card tokens are made under it for ever.
    ///
    /// Where daemons serve, every one of them must have the key before any seals under it: then
    /// `activateRecordKey`.
    ///
    /// - Returns: the new key's number, larger than every other.
    public mutating func addRecordKey(created: Int64) throws(CardSecurityFault) -> UInt16 {
        let last = recordKeys.last?.id ?? 0
        guard recordKeys.count < Self.recordKeysMax, last < UInt16.max else {
            throw .full("record keys", limit: Self.recordKeysMax)
        }
        recordKeys.append(try .random(id: last + 1, created: created))
        if recordKeys.count == 1 { currentRecordID = last + 1 }
        return last + 1
    }

    /// Has records sealed under a key that was added after the current one; card tokens stay as they
    /// are.
    public mutating func activateRecordKey(_ id: UInt16) throws(CardSecurityFault) {
        guard recordKeys.contains(where: { $0.id == id }) else { throw .recordKeyUnknown(id) }
        guard id > currentRecordID else { throw .recordKeyOlder(id) }
        currentRecordID = id
    }

    /// Whether every record key of earlier contents is here, under its number.
    func keepsRecordKeys(of earlier: KeyStoreContents) -> Bool {
        earlier.recordKeys.allSatisfy { key in
            recordKeys.contains { $0.id == key.id && constantTimeEqual($0.secret, key.secret) }
        }
    }
}

/// What a list of record keys shows; no key.
public struct RecordKeyInfo: Sendable, Hashable {
    /// Its number, kept with each record that was sealed under it.
    public var id: UInt16
    /// When it was made, seconds since 1970 UTC.
    public var created: Int64
    /// Whether records are sealed under it now.
    public var isCurrent: Bool
}
