import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Responses")
struct ResponseTests {
    private static func result(_ code: ResponseCode = .approved) throws -> ResultFields {
        ResultFields(code: code, businessDate: try Samples.date(2026_11_23), time: 7)
    }

    @Test("a settlement comes to the terminal as the ledger made it", arguments: [true, false])
    func settlement(_ quotes: Bool) throws {
        let kind: RequestKind = quotes ? .quote : .settle
        let answer = try Samples.settlement()
        let outcome = try Samples.outcome(.settlement(answer))
        let read = try response(kind, ResponseEncoder.encode(outcome, kind))
        #expect(read.result == ResultFields(outcome))
        guard case .settlement(let settlement) = read.payload else {
            Issue.record("no settlement")
            return
        }
        var split = answer.split
        split.owners = []
        #expect(settlement.split == split)
        #expect(settlement.family == [FamilyPayment(ownerMasked: "李*", amount: Money(fen: 500))])
        #expect(settlement.id == answer.id)
        #expect(settlement.catalogVersion == answer.catalogVersion)
        #expect(settlement.policyVersion == answer.policyVersion)
        #expect(settlement.policyRegion == answer.policyRegion)
        #expect(settlement.benefitCategory == .outpatient)
        #expect(settlement.balance == answer.balance)
        #expect(settlement.nameMasked == "欧**华")
        #expect(settlement.quoteDigest == .max)
        #expect(
            settlement.accumulator
                == YearlyUse(
                    year: 2026, category: .outpatient, deductibleUsed: Money(fen: 180_000),
                    pooledUsed: Money(fen: 28_140), largeUsed: Money(fen: 3)))
    }

    @Test("an amount beyond what amounts may be is no answer", arguments: [Int64.min, .max])
    func amounts(_ fen: Int64) throws {
        var answer = try Samples.settlement()
        answer.split.cash = Money(fen: fen)
        let body = ResponseEncoder.encode(try Samples.outcome(.settlement(answer)), .settle)
        #expect(throws: ResponseFault.self) { try response(.settle, body) }
    }

    @Test("a card inquiry comes to the terminal as the ledger made it")
    func inquiry() throws {
        let person = try Samples.person()
        let answer = InquiryAnswer(
            nameMasked: "欧**华", person: person, balance: Money(fen: 120_034),
            accumulators: [try Samples.accumulator(), try Samples.accumulator(.inpatient)])
        let outcome = try Samples.outcome(.inquiry(answer))
        let read = try response(.cardInquiry, ResponseEncoder.encode(outcome, .cardInquiry))
        guard case .inquiry(let inquiry) = read.payload else {
            Issue.record("no inquiry")
            return
        }
        #expect(inquiry.nameMasked == "欧**华")
        #expect(inquiry.insuranceType == person.insuranceType)
        #expect(inquiry.category == person.category)
        #expect(inquiry.coverage == person.coverage)
        #expect(inquiry.hasAccount)
        #expect(inquiry.balance == Money(fen: 120_034))
        #expect(inquiry.region == person.region)
        #expect(inquiry.accumulators.map(\.category) == [.outpatient, .inpatient])
    }

    @Test("a status carries the recorded response unchanged")
    func status() throws {
        let recorded = ResponseEncoder.encode(
            try Samples.outcome(.settlement(Samples.settlement())), .settle)
        let outcome = try Samples.outcome(
            .status(StatusAnswer(state: .approved, kind: .settle, response: recorded)))
        let read = try response(
            .settlementStatus, ResponseEncoder.encode(outcome, .settlementStatus))
        guard case .status(let status) = read.payload else {
            Issue.record("no status")
            return
        }
        #expect(status.state == .approved)
        #expect(status.kind == .settle)
        #expect(status.response == recorded)
    }

    @Test("a sign-on's grant, an echo's versions come as they were")
    func session() throws {
        let grant = SignOnGrant(
            wrappedPINKey: [UInt8](0..<24), pinKeyCheckValue: [1, 2, 3], pinAlgorithm: .sm4,
            catalogVersion: CatalogVersion(rawValue: 3), catalogEntries: 420, policyVersion: nil,
            role: .vaccination, institution: try #require(InstitutionID("H99990000001")),
            institutionName: "康宁医院", idleSeconds: 120, frameBytesMax: 65_536, inFlightMax: 256)
        let signOn = try response(.signOn, ResponseEncoder.signOn(grant, try Self.result()))
        guard case .signOn(let read) = signOn.payload else {
            Issue.record("no grant")
            return
        }
        #expect(read == grant)
        let versions = VersionsInForce(catalog: nil, policy: PolicyVersion(rawValue: 9))
        let echo = try response(.echo, ResponseEncoder.echo(versions, try Self.result()))
        guard case .echo(let answered) = echo.payload else {
            Issue.record("no echo")
            return
        }
        #expect(answered == versions)
    }

    @Test("a replayed answer is the recorded one, but for the flag")
    func replayed() throws {
        var body = ResponseEncoder.encode(
            try Samples.outcome(.settlement(Samples.settlement())), .settle)
        let first = try response(.settle, body)
        ResponseEncoder.markReplayed(&body)
        let second = try response(.settle, body)
        #expect(!first.result.replayed)
        #expect(second.result.replayed)
        var result = second.result
        result.replayed = false
        #expect(result == first.result)
        guard case .settlement(let one) = first.payload, case .settlement(let two) = second.payload
        else {
            Issue.record("no settlement")
            return
        }
        #expect(one == two)
    }

    @Test("any response can be read as a Result, and a refusal carries no payload")
    func anyIsResult() throws {
        for vector in Vectors.responses {
            #expect(WireResult(body: vector.body) != nil)
        }
        for kind in RequestKind.allCases where kind.isServed {
            let body = ResponseEncoder.result(
                code: .unavailable, reason: .overloaded, businessDate: nil, time: 0)
            let read = try response(kind, body)
            #expect(read.result.code == .unavailable)
            guard case .none = read.payload else {
                Issue.record("\(kind) has a payload")
                return
            }
        }
    }

    @Test("clocks less than five minutes apart are not reported, far ones fit 32 bits")
    func clockDifference() throws {
        let cases: [(Int64, Int64)] = [
            (0, 0), (299, 0), (-299, 0), (300, 300), (-300, -300), (.max, Int64(Int32.max)),
            (.min, Int64(Int32.min)),
        ]
        for (difference, reported) in cases {
            var result = try Self.result()
            result.clockDifference = difference
            let read = try response(.signOff, ResponseEncoder.result(result))
            #expect(read.result.clockDifference == reported)
        }
    }

    @Test("a long detail is cut between characters")
    func longDetail() throws {
        var result = try Self.result(.formatError)
        result.detail = String(repeating: "药", count: 67)
        let read = try response(.signOff, ResponseEncoder.result(result))
        #expect(read.result.detail == String(repeating: "药", count: 66))
        #expect(read.result.detail.utf8.count == 198)
    }

    @Test("a code that this version does not know is a fault, a reason is none")
    func unknownNumbers() throws {
        #expect(throws: ResponseFault.code) { try response(.settle, [0x08, 0x62]) }
        let read = try response(.settle, [0x08, 0x60, 0x10, 0xff, 0x7f])
        #expect(read.result.code == .malfunction)
        #expect(read.result.reason == .none)
    }
}
