import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Testing

@testable import settle_replay

@Suite("What the load generator reads of a response")
struct SummaryTests {
    private func outcome(_ split: Split) throws -> Outcome {
        Outcome(
            code: .partiallyApproved, reason: .cashDue, detail: "",
            businessDate: try Made.date(20_261_123), time: 5, clockDifference: 0, triesLeft: 0,
            payload: .settlement(
                SettlementAnswer(
                    id: SettlementID(try Made.key(7)), catalogVersion: CatalogVersion(rawValue: 1),
                    policyVersion: PolicyVersion(rawValue: 2),
                    policyRegion: try #require(RegionCode(rawValue: 310_000)),
                    benefitCategory: .outpatient, split: split, balance: Money(fen: 77),
                    accumulator: nil, nameMasked: "张*", ownersMasked: [], quoteDigest: 0)))
    }

    @Test("code, date and each payer's sum are those of the whole response")
    func summary() throws {
        var split = Split()
        split.total = Money(fen: 94_000)
        split.pooled = Money(fen: 21_140)
        split.large = Money(fen: 300)
        split.supplement = Money(fen: 20)
        split.account = Money(fen: 12_000)
        split.family = Money(fen: 1)
        split.cash = Money(fen: 60_539)
        var body = ResponseEncoder.encode(try outcome(split), .settle)
        let summary = try #require(ResponseSummary(ByteBuffer(bytes: body)))
        #expect(summary.code == 10)
        #expect(!summary.replayed)
        #expect(summary.businessDate == 20_261_123)
        #expect(summary.insured == 33_461)
        #expect(summary.account == 12_000)
        #expect(summary.family == 1)
        let digest = Effects.digest(ByteBuffer(bytes: body), replayed: false)
        ResponseEncoder.markReplayed(&body)
        let replay = try #require(ResponseSummary(ByteBuffer(bytes: body)))
        #expect(replay.replayed)
        #expect(replay.insured == summary.insured)
        #expect(Effects.digest(ByteBuffer(bytes: body), replayed: true) == digest)
    }

    @Test("bytes that are cut or no message give nothing, or never more than is there")
    func cut() throws {
        var split = Split()
        split.account = Money(fen: 12_000)
        let body = ResponseEncoder.encode(try outcome(split), .settle)
        for count in 0..<body.count {
            let summary = ResponseSummary(ByteBuffer(bytes: body.prefix(count)))
            #expect(summary == nil || (summary?.account ?? 0) <= 12_000)
        }
        let longest: [UInt8] = [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        for bytes in [[0xff], [0x08], [0x0b], longest] as [[UInt8]] {
            #expect(ResponseSummary(ByteBuffer(bytes: bytes)) == nil)
        }
    }
}

@Suite("Words for a person")
struct WordsTests {
    @Test("every code and every reason is told in words, not by its name in the code")
    func all() {
        for reason in Reason.allCases {
            #expect(reason.words.contains(" ") || reason.words == "settled")
        }
        for code in ResponseCode.allCases { #expect(code.words != "\(code)" || code == .approved) }
    }
}
