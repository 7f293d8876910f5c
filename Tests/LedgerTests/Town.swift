import Ledger
import SettlementDomain
import Synchronization

/// A small invented town, its rows all in one working set: the ledger's rules without any store.
struct Town {
    static let today = date(20_261_123)
    static let pharmacy = terminal("T0000001")
    static let hospital = terminal("T0000002")
    static let vaccination = terminal("T0000003")
    static let person = person(101)
    static let owner = person(102)
    static let card = card("622848000000000")
    static let pin = PINVerification(keyID: 1, high: 7, low: 9)

    var rows = WorkingSet(reference: Reference(businessDate: Town.today))
    var stan: UInt32 = 0
    let last = LastOutcome()
    let ledger: Ledger

    init() {
        let last = last
        ledger = Ledger(
            sha256: Town.digest,
            encodeResponse: { outcome, kind in
                last.outcome.withLock { $0 = outcome }
                return [kind.rawValue, outcome.code.rawValue]
            })
        registerTown()
    }

    /// Not cryptographic: the rules only need different bytes to give different digests.
    static let digest: SHA256Function = { bytes in
        var words: (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15)
        for byte in bytes {
            words.0 = (words.0 ^ UInt64(byte)) &* 0x100_0000_01b3
            words.1 = (words.1 &+ words.0) &* 0xff51_afd7_ed55_8ccd
        }
        return Digest(words: (words.0, words.1, ~words.0, ~words.1))
    }

    private mutating func registerTown() {
        register([
            .institution(Town.institution("P99010000001", "Spring Pharmacy", .pharmacy, .unrated)),
            .institution(Town.institution("H99010000001", "North Hospital", .hospital, .level3)),
            .institution(Town.institution("V99010000001", "Clinic", .vaccinationClinic, .level1)),
            .terminal(Town.terminalRow(Town.pharmacy, "P99010000001", .pharmacy)),
            .terminal(Town.terminalRow(Town.hospital, "H99010000001", .hospital)),
            .terminal(Town.terminalRow(Town.vaccination, "V99010000001", .vaccination)),
            .policy(PolicyRow(policy: Town.policy)),
            .catalog(CatalogRow(effectiveFrom: Town.date(20_260_101), catalog: Town.catalog)),
            .person(Town.insured(Town.person, "99010019800101001")),
            .person(Town.insured(Town.owner, "99010019550505003")),
            .card(
                CardRow(
                    number: Town.card, person: Town.person, state: .active,
                    expires: Town.date(20_301_231), verification: Town.pin, triesFailed: 0)),
            .credit(Town.credit(Town.person, 10_000, "opening")),
        ])
    }

    /// Applies registrations that must all be accepted.
    mutating func register(_ registrations: [Registration]) {
        precondition(results(of: registrations).allSatisfy { !$0.isRefused })
    }

    mutating func results(
        of registrations: [Registration], dryRun: Bool = false
    ) -> [RegistrationResult] {
        _ = decide(.register(registrations, dryRun: dryRun), at: Town.pharmacy)
        guard case .registered(let results) = outcome.payload else { return [] }
        return results
    }

    /// Decides a command under the next STAN and gives the outcome.
    @discardableResult
    mutating func decide(
        _ command: Command, at terminal: TerminalID, on date: CivilDate = Town.today
    ) -> Outcome {
        stan += 1
        _ = decide(command, key: RequestKey(terminal: terminal, date: date, stan: stan))
        return outcome
    }

    mutating func decide(
        _ command: Command, key: RequestKey, content: UInt64 = 1
    ) -> Decision {
        return ledger.decide(
            LedgerRequest(
                key: key, terminalTime: 0, content: Digest(words: (content, 0, 0, 0)), voucher: [],
                command: command),
            at: 1_700_000_000_000, on: &rows)
    }

    /// The outcome that was encoded last.
    var outcome: Outcome {
        guard let outcome = last.outcome.withLock({ $0 }) else {
            preconditionFailure("nothing was encoded yet")
        }
        return outcome
    }

    /// The person's balance in fen.
    var balance: Int64 { rows.accounts[Town.person]?.balance.fen ?? -1 }
}

/// What the ledger encoded last.
final class LastOutcome: Sendable {
    let outcome = Mutex<Outcome?>(nil)
}
