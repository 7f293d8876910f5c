import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Testing

@Suite("Receipts")
struct ReceiptTests {
    /// The worked example of domain section 4 with a family account and a plan beside.
    private func response() throws -> TerminalResponse {
        var split = Split()
        split.total = Money(fen: 94_000)
        split.fullSelfPay = Money(fen: 54_000)
        split.overLimit = Money(fen: 2000)
        split.firstSelfPay = Money(fen: 2800)
        split.inScope = Money(fen: 35_200)
        split.deductible = Money(fen: 5000)
        split.pooled = Money(fen: 21_140)
        split.scopeSelfPay = Money(fen: 9060)
        split.supplement = Money(fen: 1000)
        split.personal = Money(fen: 71_860)
        split.excluded = Money(fen: 50_000)
        split.payable = Money(fen: 21_860)
        split.account = Money(fen: 12_000)
        split.family = Money(fen: 3000)
        split.cash = Money(fen: 56_860)
        split.plans = [PlanShare(plan: try #require(PlanID("sh-plus")), amount: Money(fen: 1000))]
        var covered = LinePart(
            line: 0, itemClass: .catalog, reason: .levelA, quantity: .one,
            amount: Money(fen: 10_000))
        covered.inScope = Money(fen: 10_000)
        covered.pooled = Money(fen: 6006)
        covered.account = Money(fen: 2096)
        covered.cash = Money(fen: 1898)
        var first = LinePart(
            line: 1, itemClass: .catalog, reason: .levelB, quantity: .one,
            amount: Money(fen: 20_000))
        first.overLimit = Money(fen: 2000)
        first.firstSelfPay = Money(fen: 2800)
        first.inScope = Money(fen: 15_200)
        first.pooled = Money(fen: 15_134)
        first.family = Money(fen: 3000)
        var second = LinePart(
            line: 1, itemClass: .account, reason: .restrictedFrequency, quantity: .one,
            amount: Money(fen: 10_000))
        second.account = Money(fen: 7804)
        second.cash = Money(fen: 2196)
        var excluded = LinePart(
            line: 2, itemClass: .excluded, reason: .cosmetic, quantity: .one,
            amount: Money(fen: 50_000))
        excluded.cash = Money(fen: 50_000)
        split.parts = [covered, first, second, excluded]
        return TerminalResponse(
            result: ResultFields(
                code: .partiallyApproved, reason: .cashDue, replayed: true,
                businessDate: try Made.date(20_261_123), time: 1_795_393_812_345),
            payload: .settlement(
                SettlementResponse(
                    id: SettlementID(try Made.key(42)), catalogVersion: CatalogVersion(rawValue: 7),
                    policyVersion: PolicyVersion(rawValue: 2),
                    policyRegion: try #require(RegionCode(rawValue: 310_000)),
                    benefitCategory: .outpatient, split: split,
                    family: [FamilyPayment(ownerMasked: "李*", amount: Money(fen: 3000))],
                    balance: .zero,
                    accumulator: YearlyUse(
                        year: 2026, category: .outpatient, deductibleUsed: Money(fen: 180_000),
                        pooledUsed: Money(fen: 21_140), largeUsed: .zero),
                    nameMasked: "张*", quoteDigest: 0)))
    }

    private func receipt(_ response: TerminalResponse) throws -> Receipt {
        Receipt(
            institution: try #require(InstitutionID("H31010400001")),
            institutionName: "示范医院 Demo Hospital", key: try Made.key(42),
            visitType: .outpatient,
            lines: [
                .init(
                    code: try Made.code("XA01"), name: "阿莫西林胶囊 0.25g×24",
                    quantity: .one, unitPrice: UnitPrice(tenThousandths: 1_000_000),
                    amount: Money(fen: 10_000)),
                .init(
                    code: try Made.code("SV04"),
                    name: "Magnetic resonance imaging with contrast medium",
                    quantity: Quantity(thousandths: 2000),
                    unitPrice: UnitPrice(tenThousandths: 1_500_000), amount: Money(fen: 30_000)),
                .init(
                    code: try Made.code("NT07"), name: "牙齿美白", quantity: .one,
                    unitPrice: UnitPrice(tenThousandths: 5_000_000), amount: Money(fen: 50_000)),
            ], response: response)
    }

    @Test("a settlement's receipt shows lines, who pays what, the totals' terms and the balance")
    func golden() throws {
        let text = try receipt(response()).text
        #expect(text == Self.expected)
    }

    @Test("no line of a receipt is wider than the page")
    func width() throws {
        let text = try receipt(response()).text
        for line in text.split(separator: "\n") {
            let wide = line.unicodeScalars.count { $0.value >= 0x2e80 }
            #expect(line.unicodeScalars.count + wide <= Receipt.columns)
        }
    }

    @Test("a refusal's receipt shows the bill, code and reason, and that nothing was debited")
    func refused() throws {
        let response = TerminalResponse(
            result: ResultFields(
                code: .wrongPIN, reason: .pinWrong, businessDate: try Made.date(20_261_123),
                time: 1_795_393_812_345, triesLeft: 2), payload: .none)
        let text = try receipt(response).text
        #expect(text.hasSuffix(Self.refusedEnd))
        #expect(text.contains("阿莫西林胶囊"))
    }

    @Test("line breaks and escapes in names cannot break the page")
    func control() throws {
        var receipt = try receipt(response())
        receipt.institutionName = "A\u{1b}[2J\nB"
        let text = receipt.text
        #expect(!text.contains("\u{1b}"))
        #expect(text.contains("A [2J B"))
    }

    private static let refusedEnd = """
        ------------------------------------------------------------------------------
        ANSWER 55 wrong PIN
               PIN is wrong
               tries left: 2
               nothing was debited
        ==============================================================================

        """

    private static let expected = """
        ==============================================================================
                                          SETTLEMENT
                            示范医院 Demo Hospital (H31010400001)
        ==============================================================================
        Terminal    T0000001                   STAN           42 of 2026-11-23
        Settlement  20261123-T0000001-000042
        Patient     张*
        Visit       outpatient                 Pooled benefit outpatient
        Catalog     version 7                  Policy         310000 version 2
        Booked on   2026-11-23                 Time           2026-11-23 00:30:12 UTC
        ------------------------------------------------------------------------------
          #  Item                                  Quantity        Price        Amount
          1  阿莫西林胶囊 0.25g×24                        1     100.0000        100.00
              covered by the catalog: level A
              of it   in scope 100.00
              paid by pooled 60.06, account 20.96, cash 18.98
          2  Magnetic resonance imaging with co~          2     150.0000        300.00
              1 for 200.00: covered by the catalog: level B
              of it   over limit 20.00, first self-pay 28.00, in scope 152.00
              paid by pooled 151.34, family 30.00
              1 for 100.00: individual account: above the permitted frequency
              paid by account 78.04, cash 21.96
          3  牙齿美白                                     1     500.0000        500.00
              cash only: cosmetic
              paid by cash 500.00
        ------------------------------------------------------------------------------
        TOTAL                                                                   940.00
          full self-pay                                                         540.00
          over limit                                                             20.00
          first self-pay                                                         28.00
          in scope                                                              352.00
            deductible                                                           50.00
            pooled fund                                                         211.40
            large-amount assistance                                               0.00
            patient's share in scope                                             90.60
        ------------------------------------------------------------------------------
        PAID BY the pooled fund                                                 211.40
        PAID BY large-amount assistance                                           0.00
        PAID BY supplementary plans                                              10.00
          plan sh-plus                                                           10.00
        PERSONAL                                                                718.60
          individual account                                                    120.00
          family accounts                                                        30.00
            account of 李*                                                       30.00
          cash                                                                  568.60
            cash-only lines                                                     500.00
            accounts could not pay                                               68.60
        ------------------------------------------------------------------------------
        Balance of the individual account                                         0.00
        Used in 2026, outpatient:
          deductible                                                           1800.00
          pooled fund                                                           211.40
        ------------------------------------------------------------------------------
        ANSWER 10 partially approved
               cash is due for a part that accounts could have paid
               recorded before: nothing was executed now
        ==============================================================================

        """
}
