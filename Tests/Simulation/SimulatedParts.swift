import CardSecurity
import SettlementServer
import Synchronization

/// A daemon's clock: that of the simulation, and as wrong as the simulation makes it.
final class SimulatedClock: WallClock {
    /// 2026-12-29T08:00:00Z.
    private static let start: Int64 = 1_798_531_200_000
    private let state = Mutex<(now: Int64, error: Int64)>((start, 0))

    var milliseconds: Int64 { state.withLock { $0.now + $0.error } }

    func advance(to elapsed: Int64) { state.withLock { $0.now = Self.start + elapsed } }

    /// Jumps, forwards or back.
    func jump(by milliseconds: Int64) { state.withLock { $0.error += milliseconds } }
}

/// A vault whose PIN blocks are sixteen equal bytes, the PIN each; anything else cannot be opened.
struct SimulatedVault: KeyVault {
    let verificationKeyID: UInt16 = 1

    func openSession(
        terminal: String, algorithm: PINAlgorithm, masterKey: KeyCheckValue?
    ) throws(CardSecurityFault) -> sending any PINSession {
        SimulatedPINSession(algorithm: algorithm)
    }

    func verificationValue(
        pin: String, card: CardDigits
    ) throws(CardSecurityFault) -> VerificationValue {
        VerificationValue(keyID: 1, high: UInt64(pin) ?? 0, low: card.value)
    }

    static func block(_ pin: Int?) -> [UInt8] {
        pin.map { Array(repeating: UInt8($0), count: 16) } ?? Array(0..<16)
    }
}

private final class SimulatedPINSession: PINSession {
    let algorithm: PINAlgorithm
    let wrappedKey = WrappedPINKey(wrapped: Array(repeating: 1, count: 24), checkValue: [1, 2, 3])

    init(algorithm: PINAlgorithm) {
        self.algorithm = algorithm
    }

    func verificationValues(
        pinBlock: [UInt8], card: CardDigits
    ) throws(PINBlockFault) -> VerificationValues {
        guard pinBlock.count == 16, let pin = pinBlock.first, pinBlock.allSatisfy({ $0 == pin })
        else { throw PINBlockFault() }
        return VerificationValues(
            current: VerificationValue(keyID: 1, high: UInt64(pin), low: card.value))
    }
}
