import CardSecurity
import Ledger
import Logging
import NIOCore
import NIOEmbedded
import SettlementDomain
import SettlementProtocol
import Synchronization

@testable import SettlementServer

/// A small invented site: two institutions, some terminals, one card, one catalog, one policy.
enum Site {
    static let today = make(CivilDate(yyyymmdd: 20_261_123))
    static let millis: Int64 = 1_795_392_000_000
    static let pharmacy = make(TerminalID("T0000001"))
    static let hospital = make(TerminalID("T0000002"))
    static let collector = make(TerminalID("T0000003"))
    static let blocked = make(TerminalID("T0000004"))
    static let suspended = make(TerminalID("T0000005"))
    static let terminated = make(TerminalID("T0000006"))
    static let keyless = make(TerminalID("T0000007"))
    static let orphan = make(TerminalID("T0000008"))
    static let disguised = make(TerminalID("T0000009"))
    static let card = make(CardNumber.completing("622848000000000"))
    static let person = make(PersonID(rawValue: 101))
    static let medicine = make(ItemCode("XA01AA000A001010100001"))
    static let region = make(RegionCode(rawValue: 990_100))
    static let verification = PINVerification(keyID: 1, high: 7, low: 9)

    /// The value, which this file wrote itself and so must be one.
    static func make<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a fixture is not valid") }
        return value
    }

    static func institution(
        _ id: String, _ kind: InstitutionKind, _ contract: ContractState = .active
    ) -> InstitutionRow {
        InstitutionRow(
            institution: Institution(
                id: make(InstitutionID(id)), name: "institution \(id)", kind: kind,
                level: kind == .hospital ? .level3 : .unrated, contract: contract, region: region))
    }

    static func terminal(
        _ id: TerminalID, _ institution: String, _ role: Role, blocked: Bool = false
    ) -> TerminalRow {
        TerminalRow(
            id: id, institution: make(InstitutionID(institution)), role: role, blocked: blocked)
    }

    static let institutions = [
        institution("P99010000001", .pharmacy), institution("H99010000001", .hospital),
        institution("B99010000001", .bank), institution("P99010000002", .pharmacy, .suspended),
        institution("P99010000003", .pharmacy, .terminated),
    ]

    static let terminals = [
        terminal(pharmacy, "P99010000001", .pharmacy),
        terminal(hospital, "H99010000001", .hospital),
        terminal(collector, "B99010000001", .collector),
        terminal(blocked, "P99010000001", .pharmacy, blocked: true),
        terminal(suspended, "P99010000002", .pharmacy),
        terminal(terminated, "P99010000003", .pharmacy),
        terminal(keyless, "P99010000001", .pharmacy),
    ]

    static let catalog = Catalog(
        version: CatalogVersion(rawValue: 7),
        entries: [
            CatalogEntry(
                code: medicine, name: "medicine", kind: .westernMedicine, level: .a,
                effectiveFrom: make(CivilDate(yyyymmdd: 20_260_101)))
        ])

    static let policy = Policy(
        region: region, version: PolicyVersion(rawValue: 3),
        effectiveFrom: make(CivilDate(yyyymmdd: 20_260_101)),
        visitBenefits: [.outpatient: .outpatient],
        benefits: [
            BenefitRule(deductible: .zero, ratio: make(Ratio(tenThousandths: 7_000)))
        ],
        caps: [
            CapRule(
                pooledCap: Money(fen: 100_000), largeRatio: make(Ratio(tenThousandths: 5_000)),
                largeCap: Money(fen: 100_000))
        ])

    /// Everything that must be registered before a terminal can settle.
    static var registrations: [Registration] {
        let idNumber = make(
            "0123456789X".lazy.compactMap { IDNumber("99010019800101001" + String($0)) }.first)
        return institutions.map(Registration.institution) + terminals.map(Registration.terminal)
            + [
                .catalog(
                    CatalogRow(
                        effectiveFrom: catalog.entries[0].effectiveFrom, catalog: catalog)),
                .policy(PolicyRow(policy: policy)),
                .person(
                    PersonRow(
                        person: Person(
                            id: person, sex: idNumber.sex, birthDate: idNumber.birthDate,
                            insuranceType: .employee, category: .active, region: region),
                        name: "测试人", idNumber: idNumber, frozen: false)),
                .card(
                    CardRow(
                        number: card, person: person, state: .active,
                        expires: make(CivilDate(yyyymmdd: 20_301_231)),
                        verification: verification, triesFailed: 0)),
                .credit(
                    CreditRow(
                        key: CreditKey(person: person, reference: "opening"),
                        amount: Money(fen: 10_000), collector: "opening")),
            ]
    }

    /// Reference data of the site, with rows that the ledger would not register.
    static var reference: Reference {
        var reference = Reference(businessDate: today)
        for row in institutions { reference.apply(.institution(row)) }
        for row in terminals { reference.apply(.terminal(row)) }
        reference.apply(.terminal(terminal(orphan, "P99010000009", .pharmacy)))
        reference.apply(.terminal(terminal(disguised, "P99010000001", .operator)))
        reference.apply(.policy(PolicyRow(policy: policy)))
        reference.apply(
            .catalog(
                CatalogRow(effectiveFrom: catalog.entries[0].effectiveFrom, catalog: catalog)))
        return reference
    }

    /// The rules with real hashing and real bodies.
    static let ledger = Ledger(sha256: Digest.sha256, encodeResponse: ResponseEncoder.encode)

    /// A memory store with everything registered.
    static func store() -> MemoryStore {
        let store = MemoryStore(businessDate: today)
        let request = LedgerRequest.byOperator(
            .register(registrations, dryRun: false), on: today)
        do throws(StoreFault) {
            var keys = LoadKeys()
            let reference = try store.loadReference()
            ledger.keys(of: request, reference: reference, into: &keys)
            var rows = try store.load(keys, reference: reference)
            let decision = ledger.decide(request, at: millis, on: &rows)
            precondition(decision.code == .approved, "a fixture was refused")
            try store.commit(rows.entries)
        } catch {
            preconditionFailure("a memory store does not fail")
        }
        return store
    }

    static func header(stan: UInt32) -> RequestHeader {
        RequestHeader(businessDate: today, stan: stan, terminalTime: millis / 1_000)
    }

    /// A purchase of one package.
    static func purchase(fen: Int64 = 1_000) -> SettleCommand {
        SettleCommand(
            card: card, proof: .absent, visitType: .pharmacyPurchase, total: Money(fen: fen),
            catalogVersion: nil,
            lines: [
                RequestLine(
                    item: .code(medicine), quantity: Quantity(thousandths: 1_000),
                    unitPrice: UnitPrice(tenThousandths: fen * 100), amount: Money(fen: fen),
                    courseDays: nil, traceCodes: [])
            ],
            serviceDate: nil, partialAllowed: false, accountLimit: nil, quoteDigest: 0)
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// A clock that stands where a test puts it.
final class FakeClock: WallClock {
    private let now: Mutex<Int64>

    init(_ milliseconds: Int64 = Site.millis) {
        now = Mutex(milliseconds)
    }

    var milliseconds: Int64 { now.withLock { $0 } }

    func advance(by milliseconds: Int64) { now.withLock { $0 += milliseconds } }
}

/// A vault whose PIN sessions open a block of sixteen equal bytes, and nothing else.
///
/// The byte is the PIN: 7 is the fixture's.
struct FakeVault: KeyVault {
    let verificationKeyID: UInt16 = 1
    /// The check value of every terminal's master key.
    static let masterKey: [UInt8] = [4, 5, 6]

    func openSession(
        terminal: String, algorithm: PINAlgorithm, masterKey: KeyCheckValue?
    ) throws(CardSecurityFault) -> sending any PINSession {
        if terminal == Site.keyless.text || terminal == Site.collector.text {
            throw .terminalUnknown(terminal)
        }
        if let masterKey, masterKey.bytes != Self.masterKey { throw .masterKeyDiffers(terminal) }
        return FakePINSession(algorithm: algorithm)
    }

    func verificationValue(
        pin: String, card: CardDigits
    ) throws(CardSecurityFault) -> VerificationValue {
        VerificationValue(keyID: 1, high: 7, low: 9)
    }
}

private final class FakePINSession: PINSession {
    let algorithm: PINAlgorithm
    let wrappedKey = WrappedPINKey(wrapped: Array(repeating: 1, count: 24), checkValue: [1, 2, 3])

    init(algorithm: PINAlgorithm) {
        self.algorithm = algorithm
    }

    func verificationValues(
        pinBlock: [UInt8], card: CardDigits
    ) throws(PINBlockFault) -> VerificationValues {
        guard pinBlock.count == 16, Set(pinBlock).count == 1, let pin = pinBlock.first else {
            throw PINBlockFault()
        }
        return VerificationValues(
            current: VerificationValue(keyID: 1, high: UInt64(pin), low: 9))
    }
}
