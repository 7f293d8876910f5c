import CardSecurity
import SettlementDomain
import SettlementProtocol
import Synchronization

/// Makes PIN blocks under a session's PIN key, for any thread.
final class SessionSealer: Sendable {
    private let sealer: Mutex<PINSealer>

    /// Unwraps the PIN key of a sign-on and proves its check value; nil where the session has none.
    init?(_ grant: SignOnGrant, masterKey: SecretBytes) throws(ClientFault) {
        guard let made = try Self.sealer(grant, masterKey: masterKey) else { return nil }
        sealer = Mutex(made)
    }

    /// A sealer of the session's PIN key, for one loop; nil where the session has none.
    static func sealer(
        _ grant: SignOnGrant, masterKey: SecretBytes
    ) throws(ClientFault) -> sending PINSealer? {
        guard let agreed = grant.pinAlgorithm else { return nil }
        guard let algorithm = PINAlgorithm(rawValue: agreed.rawValue), algorithm.isAvailable else {
            throw .pinKey("the installed libcrypto does not have \(agreed)")
        }
        do throws(CardSecurityFault) {
            return try PINSealer(
                unwrapping: WrappedPINKey(
                    wrapped: grant.wrappedPINKey, checkValue: grant.pinKeyCheckValue),
                masterKey: masterKey, algorithm: algorithm)
        } catch {
            throw .pinKey(error.description)
        }
    }

    /// The PIN block, 16 bytes.
    func block(pin: String, card: CardNumber) throws(ClientFault) -> [UInt8] {
        guard let digits = CardDigits(value: card.digits, count: card.count) else {
            throw .pinUnusable("the card number has not 10 to 19 digits")
        }
        do throws(CardSecurityFault) {
            return try sealer.withLock { (sealer) throws(CardSecurityFault) in
                try sealer.block(pin: pin, card: digits)
            }
        } catch {
            throw .pinUnusable(error.description)
        }
    }
}
