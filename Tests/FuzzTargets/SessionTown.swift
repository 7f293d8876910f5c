import CardSecurity
import Ledger
import SettlementDomain
import SettlementProtocol
import SettlementServer
import SiteFiles
import Synchronization

/// The demonstration site as a journal, made once: ten terminals of every role, twenty persons with
/// cards, accounts and relatives, the sample catalog and the demonstration policy.
enum SessionTown {
    static let today = Samples.checked(CivilDate(yyyymmdd: 2026_11_23))
    /// 2026-11-23T02:00:00Z.
    static let start: Int64 = 1_795_399_200_000
    static let personCount = 20
    static let site = DemoSite(seed: 7, persons: personCount, terminals: 10, today: today)
    static let terminals = (0..<10).map { site.terminal(at: $0).id }
    static let cards = (0..<personCount).map { site.card(at: $0).number }
    /// The PIN of every card, as a block carries it: sixteen such bytes.
    static let pin: UInt8 = 7

    static let ledger = Ledger(sha256: Digest.sha256, encodeResponse: ResponseEncoder.encode)
    static let catalog = Result { try Self.readCatalog() }
    static let journal = Result { try Self.makeJournal() }

    /// A store in which all of it is registered.
    static func store() throws -> MemoryStore {
        let store = MemoryStore(businessDate: today)
        try store.commit(try journal.get())
        return store
    }

    private static func readCatalog() throws -> [CatalogEntry] {
        try SiteReader().catalogEntries(
            at: Repository.path("Config/catalog/sample-catalog.csv"))
    }

    private static func makeJournal() throws -> [JournalEntry] {
        let policy = try PolicyFile(path: Repository.path("Config/policies/demo-region.yaml"))
        var batches: [[Registration]] = [
            [
                .policy(PolicyRow(policy: policy.policy)),
                .catalog(
                    CatalogRow(
                        effectiveFrom: Samples.checked(CivilDate(yyyymmdd: 2026_01_01)),
                        catalog: Catalog(
                            version: CatalogVersion(rawValue: 1), entries: try catalog.get()))),
            ]
        ]
        for form in SiteFileForm.allCases {
            try site.forEachBatch(
                of: form, size: 100,
                pinVerifier: { _, _ in PINVerification(keyID: 1, high: UInt64(pin), low: 0) }
            ) { batches.append($0) }
        }
        let store = MemoryStore(businessDate: today)
        var journal: [JournalEntry] = []
        for batch in batches {
            let request = LedgerRequest.byOperator(.register(batch, dryRun: false), on: today)
            var keys = LoadKeys()
            let reference = try store.loadReference()
            ledger.keys(of: request, reference: reference, into: &keys)
            var rows = try store.load(keys, reference: reference)
            let decision = ledger.decide(request, at: start, on: &rows)
            precondition(decision.code == .approved, "the demonstration site is refused")
            try store.commit(rows.entries)
            journal += rows.entries
        }
        return journal
    }
}

/// A clock that stands where it is put.
final class StandingClock: WallClock {
    private let now = Mutex(SessionTown.start)

    var milliseconds: Int64 { now.withLock { $0 } }

    func advance(seconds: Int) { now.withLock { $0 += Int64(seconds) * 1_000 } }
}

/// A vault whose PIN blocks are sixteen equal bytes, the PIN each; no other can be opened.
struct OpenVault: KeyVault {
    let verificationKeyID: UInt16 = 1

    func openSession(
        terminal: String, algorithm: PINAlgorithm, masterKey: KeyCheckValue?
    ) throws(CardSecurityFault) -> sending any PINSession {
        OpenPINSession(algorithm: algorithm)
    }

    func verificationValue(
        pin: String, card: CardDigits
    ) throws(CardSecurityFault) -> VerificationValue {
        VerificationValue(keyID: 1, high: UInt64(pin) ?? 0, low: 0)
    }
}

private final class OpenPINSession: PINSession {
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
            current: VerificationValue(keyID: 1, high: UInt64(pin), low: 0))
    }
}
