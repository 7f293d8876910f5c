import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

/// Values that several tests use; every person is invented.
enum Samples {
    static let terminal: TerminalID = {
        guard let id = TerminalID("T0000001") else { preconditionFailure("eight characters") }
        return id
    }()

    static let today: CivilDate = {
        guard let date = CivilDate(yyyymmdd: 2026_11_23) else { preconditionFailure("a date") }
        return date
    }()

    static func date(_ number: Int32) throws -> CivilDate {
        try #require(CivilDate(yyyymmdd: number))
    }

    static func card() throws -> CardNumber {
        try #require(CardNumber("9999000000000000012"))
    }

    static func header(stan: UInt32 = 42) throws -> RequestHeader {
        RequestHeader(
            businessDate: try date(2026_11_23), stan: stan, terminalTime: 1_795_396_800)
    }

    static func key(stan: UInt32 = 42) throws -> RequestKey {
        RequestKey(
            terminal: try #require(TerminalID("T0000001")), date: try date(2026_11_23), stan: stan)
    }

    static func person(_ id: UInt64 = 110_000_001) throws -> Person {
        Person(
            id: try #require(PersonID(rawValue: id)), sex: .female,
            birthDate: try date(1961_02_28), insuranceType: .employee, category: .retired,
            region: try #require(RegionCode(rawValue: 999_900)), coverage: .suspended,
            plans: [try #require(PlanID("supplement-A"))])
    }

    static func accumulator(_ category: BenefitCategory = .outpatient) throws -> AccumulatorRow {
        AccumulatorRow(
            key: AccumulatorKey(person: try person().id, year: 2026, category: category),
            used: Accumulators(
                deductibleUsed: Money(fen: 180_000), pooledUsed: Money(fen: 28_140),
                largeUsed: Money(fen: 3),
                planUsed: [
                    PlanShare(
                        plan: try #require(PlanID("supplement-A")), amount: Money(fen: 1500))
                ]))
    }

    /// A split in which everyone pays.
    static func split() throws -> Split {
        var split = Split()
        split.total = Money(fen: 10_000)
        split.inScope = Money(fen: 10_000)
        split.pooled = Money(fen: 7000)
        split.scopeSelfPay = Money(fen: 3000)
        split.supplement = Money(fen: 1500)
        split.personal = Money(fen: 1500)
        split.payable = Money(fen: 1500)
        split.account = Money(fen: 1000)
        split.family = Money(fen: 500)
        var part = LinePart(
            line: 0, itemClass: .catalog, reason: .levelB, quantity: Quantity(thousandths: 2500),
            amount: split.total)
        part.inScope = split.inScope
        part.pooled = split.pooled
        part.supplement = split.supplement
        part.account = split.account
        part.family = split.family
        split.parts = [part]
        split.plans = [
            PlanShare(plan: try #require(PlanID("supplement-A")), amount: split.supplement)
        ]
        split.owners = [
            FamilyShare(owner: try person(110_000_002).id, amount: split.family)
        ]
        return split
    }

    static func settlement() throws -> SettlementAnswer {
        SettlementAnswer(
            id: SettlementID(try key()), catalogVersion: CatalogVersion(rawValue: 3),
            policyVersion: PolicyVersion(rawValue: 2),
            policyRegion: try #require(RegionCode(rawValue: 999_900)),
            benefitCategory: .outpatient, split: try split(), balance: Money(fen: 12),
            accumulator: try accumulator(), nameMasked: "欧**华", ownersMasked: ["李*"],
            quoteDigest: .max)
    }

    static func outcome(
        _ payload: Outcome.Payload, code: ResponseCode = .approved, reason: Reason = .none
    ) throws -> Outcome {
        Outcome(
            code: code, reason: reason, detail: "where: what", businessDate: try date(2026_11_23),
            time: 1_795_396_800_250, clockDifference: -86_400, triesLeft: 2, payload: payload)
    }

    static func command(lines: [RequestLine]) throws -> SettleCommand {
        SettleCommand(
            card: try card(), proof: .absent, visitType: .chronicOutpatient,
            total: Money(fen: 7210), catalogVersion: CatalogVersion(rawValue: 3), lines: lines,
            serviceDate: try date(2026_11_22), partialAllowed: true, accountLimit: .zero,
            quoteDigest: 0x8f3c_2b1a_09e7_d6c5)
    }

    static func lines() throws -> [RequestLine] {
        [
            RequestLine(
                item: .index(0), quantity: .one, unitPrice: UnitPrice(tenThousandths: 258_000),
                amount: Money(fen: 2580), courseDays: nil, traceCodes: []),
            RequestLine(
                item: .code(try #require(ItemCode("XC09CAA087A001010103298"))),
                quantity: Quantity(thousandths: 2000),
                unitPrice: UnitPrice(tenThousandths: 231_500), amount: Money(fen: 4630),
                courseDays: 14,
                traceCodes: [
                    try #require(TraceCode("81234567890123456789")),
                    try #require(TraceCode("81234567890123456790")),
                ]),
        ]
    }
}

/// Reads a settle's or quote's message.
func ledgerMessage(_ kind: RequestKind, _ body: [UInt8]) throws -> LedgerMessage {
    let request = try RequestDecoder.decode(kind, ByteBuffer(bytes: body))
    guard case .ledger(let message) = request else {
        throw RequestFault(code: .notSupported, reason: .kindUnknown, detail: "not for the ledger")
    }
    return message
}

/// Reads what the daemon wrote as the terminal reads it.
func response(_ kind: RequestKind, _ body: [UInt8]) throws -> TerminalResponse {
    try ResponseDecoder.decode(kind.responseKind, ByteBuffer(bytes: body))
}
