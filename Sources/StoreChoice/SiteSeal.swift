import CardSecurity
import Ledger
import SettlementDomain

/// The seal of a site's stores: its key store's record keys.
public struct SiteSeal: StoreSeal {
    private let cipher: RecordCipher

    /// Creates the seal of a key store.
    ///
    /// - Throws: `recordKeyMissing` where the key store is of an earlier version, or `library`.
    public init(_ keys: SealedKeyStore) throws(CardSecurityFault) {
        cipher = try keys.recordCipher()
    }

    /// Names the record keys.
    public var name: UInt64 { cipher.name }

    /// Seals a record under the current record key.
    public func seal(
        _ record: UnsafeRawBufferPointer, place: UInt64
    ) throws(StoreFault) -> [UInt8] {
        do {
            return try cipher.seal(record, place: place)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    /// Opens a record under the key that it was sealed with; nil where that is none of this site's:
    /// what was never sealed names any key.
    public func open(
        _ sealed: UnsafeRawBufferPointer, place: UInt64
    ) throws(StoreFault) -> [UInt8]? {
        do {
            return try cipher.open(sealed, place: place)
        } catch {
            if case .recordKeyUnknown = error { return nil }
            throw .unavailable("\(error)")
        }
    }

    /// The token of a card number.
    public func token(of number: CardNumber) -> CardToken {
        // The domain's numbers have 10 to 19 digits, as the cipher takes them.
        guard let digits = CardDigits(value: number.digits, count: number.count) else {
            preconditionFailure("a card number of \(number.count) digits")
        }
        let (high, low) = Self.sure { () throws(CardSecurityFault) in try cipher.token(of: digits) }
        return CardToken(high: high, low: low)
    }

    /// The number that a token stands for.
    public func number(of token: CardToken) -> CardNumber? {
        Self.sure { () throws(CardSecurityFault) in try cipher.card(of: (token.high, token.low)) }
            .flatMap { CardNumber(digits: $0.value, count: $0.count) }
    }

    /// One block under a key that is expanded already asks nothing of the system that may be refused.
    private static func sure<Value>(_ body: () throws(CardSecurityFault) -> Value) -> Value {
        do {
            return try body()
        } catch {
            preconditionFailure("one block of a block cipher: \(error)")
        }
    }
}
