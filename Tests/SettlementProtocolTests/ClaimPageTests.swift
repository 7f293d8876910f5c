import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Claims: pages fit into a frame")
struct ClaimPageTests {
    private static let room = Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes

    /// A claim with as much of everything as a claim may have.
    private static func claim(bills: Int, linesInEach: Int) throws -> ClaimRow {
        let code = try #require(ItemCode(String(repeating: "X", count: 27)))
        let amount = Money(fen: 99_999_999)
        let paper = ClaimDocument(kind: .otherPaper, sheets: 999)
        let line = BillLine(
            code: code, quantity: Quantity(thousandths: 123_456),
            unitPrice: UnitPrice(yuan: "99.99")
                ?? UnitPrice(tenThousandths: 1), amount: amount, courseDays: 30)
        let date = try Samples.date(2026_11_23)
        var split = Split()
        split.total = amount
        for position in 0..<linesInEach {
            for reason in [SortingReason.levelB, .restrictedFrequency, .notAccepted] {
                var part = LinePart(
                    line: position, itemClass: reason.itemClass, reason: reason,
                    quantity: line.quantity, amount: amount)
                part.inScope = amount
                part.pooled = amount
                part.cash = amount
                split.parts.append(part)
            }
        }
        let place = ClaimPlace(
            institution: nil, code: String(repeating: "C", count: 32),
            name: String(repeating: "N", count: 60), kind: .hospital, level: .level3)
        return ClaimRow(
            id: ClaimID(try Samples.key()), person: try Samples.person().id, state: .approved,
            agency: try #require(InstitutionID("A99990000001")),
            bills: (0..<bills).map { number in
                ClaimBill(
                    place: place, number: String(repeating: "\(number % 10)", count: 40),
                    serviceDate: date, visitType: .outpatient, diagnosis: nil,
                    lines: Array(repeating: line, count: linesInEach), total: amount)
            },
            documents: Array(repeating: paper, count: ClaimRow.documentsMax),
            payee: .bankAccount(holder: "测试人", bank: "示范银行", number: "6200000000004321"),
            events: Array(
                repeating: ClaimEvent(
                    step: .supplement, date: date, time: 1_795_396_800_250,
                    clerk: String(repeating: "c", count: 32),
                    text: String(repeating: "t", count: ClaimEvent.textBytesMax)),
                count: ClaimRow.eventsMax + 2),
            awards: try (0..<bills).map { bill in
                ClaimAward(
                    catalogVersion: CatalogVersion(rawValue: 3),
                    policyRegion: try #require(RegionCode(rawValue: 999_900)),
                    policyVersion: PolicyVersion(rawValue: 1), insuranceType: .employee,
                    benefitCategory: .outpatient, share: .one, split: split,
                    disallowed: (0..<linesInEach).map { line in
                        Disallowance(
                            bill: bill, line: line, amount: amount,
                            text: String(repeating: "d", count: Disallowance.textBytesMax))
                    })
            }, due: date)
    }

    @Test(
        "the largest claims are read page by page, every line and part once",
        arguments: [(20, 10), (1, 200), (20, 40), (3, 250)])
    func pages(_ bills: Int, _ linesInEach: Int) throws {
        let row = try Self.claim(bills: bills, linesInEach: linesInEach)
        let result = ResultFields(
            code: .approved, reason: .none, businessDate: Samples.today, time: 1)
        var from: Int?
        var lines = 0
        var parts = 0
        var pages = 0
        repeat {
            let body = ResponseEncoder.claim(row, from: from, nameMasked: "测*人", result)
            #expect(body.count <= Self.room)
            let response = try ResponseDecoder.decode(
                RequestKind.claimStatus.responseKind, ByteBuffer(bytes: body),
                terminal: Samples.terminal)
            guard case .claims(let list) = response.payload, let claim = list.claims.first else {
                Issue.record("no claim: \(response.result)")
                return
            }
            #expect(claim.bills.count == bills)
            #expect(claim.events.isEmpty == (from != nil))
            lines += claim.bills.reduce(0) { $0 + $1.lines.count }
            parts += claim.awards.reduce(0) { $0 + $1.split.parts.count }
            from = list.next.map { Int(clamping: $0) - 1 }
            pages += 1
        } while from != nil && pages < 50
        #expect(lines == bills * linesInEach && parts == 3 * lines)
        // A claim of at most 200 lines takes one page here; longer ones, which there are none of, go on.
        #expect((pages > 1) == (bills * linesInEach > ClaimRow.linesMax))
    }

    @Test("a list of claims ends where the frame does and goes on there, none twice")
    func list() throws {
        let row = try Self.claim(bills: 20, linesInEach: 1)
        let result = ResultFields(
            code: .approved, reason: .none, businessDate: Samples.today, time: 1)
        let body = ResponseEncoder.claims(
            Array(repeating: row, count: 50), next: 7, nameMasked: "测*人", result)
        #expect(body.count <= Self.room)
        let response = try ResponseDecoder.decode(
            RequestKind.claimStatus.responseKind, ByteBuffer(bytes: body),
            terminal: Samples.terminal)
        guard case .claims(let list) = response.payload else { return }
        // Positions count from the oldest: 57 come before this page's newest.
        #expect(list.claims.count < 50 && list.next == UInt64(57 - list.claims.count))
        #expect(list.claims.allSatisfy { $0.events.isEmpty && $0.bills[0].lines.isEmpty })
    }
}
