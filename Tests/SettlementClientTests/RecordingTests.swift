import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import Testing

@testable import settle_replay

@Suite("A recorded workload")
struct RecordingTests {
    private func example() throws -> Recording {
        let lines = [
            RecordedLine(
                code: try Made.code("XA01"), quantity: Quantity(thousandths: 2500),
                unitPrice: UnitPrice(tenThousandths: 258_000), amount: Money(fen: 6450),
                courseDays: 7, traceCodes: 2),
            RecordedLine(
                code: try Made.code("a,b=c/d"), quantity: .one,
                unitPrice: UnitPrice(tenThousandths: 0), amount: Money(fen: 1)),
        ]
        return Recording(
            terminals: [.pharmacy, .hospital],
            requests: [
                RecordedRequest(offset: 0, terminal: 1, content: .echo),
                RecordedRequest(
                    offset: 10, terminal: 2, content: .inquiry(RecordedCard(number: 1))),
                RecordedRequest(
                    offset: 10, terminal: 1,
                    content: .settle(
                        RecordedSale(
                            card: RecordedCard(number: 2, hasPIN: false), visitType: .outpatient,
                            partialAllowed: true, accountLimit: Money(fen: 500),
                            serviceDaysBefore: 3, lines: lines))),
                RecordedRequest(
                    offset: 5_000_000_000, terminal: 2,
                    content: .quote(
                        RecordedSale(
                            card: RecordedCard(number: 1), visitType: .pharmacyPurchase,
                            partialAllowed: false, lines: Array(lines.prefix(1))))),
                RecordedRequest(offset: 5_000_000_001, terminal: 1, content: .status(back: 1)),
            ])
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        let recording = try example()
        #expect(try Recording(text: recording.text) == recording)
    }

    @Test("the example of Recording.md is a recording")
    func document() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Protocol/Recording.md").path
        guard FileManager.default.fileExists(atPath: path) else { return }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let example = try #require(text.components(separatedBy: "## Example").last)
        let block = try #require(example.components(separatedBy: "```\n").dropFirst().first)
        let recording = try Recording(text: block)
        #expect(recording.terminals == [.pharmacy, .hospital])
        #expect(recording.requests.count == 11)
        let kinds = Set(recording.requests.map(\.content.kind))
        #expect(kinds == Set(TransactionKind.allCases).subtracting([.echo]))
    }

    @Test("each wrong line is told with its number and what it must be")
    func wrong() {
        let cases: [(String, Int, String)] = [
            ("", 1, "settle-recording 2"),
            ("settle-recording 3\n", 1, "settle-recording 2"),
            ("settle-recording 1\nterminal 2 pharmacy\n", 2, "1 is next"),
            ("settle-recording 1\nterminal 1 shop\n", 2, "a role"),
            ("settle-recording 1\n0 1 echo\n", 2, "1...0"),
            ("settle-recording 1\nterminal 1 pharmacy\n5 1 echo\n4 1 echo\n", 4, "not before 5"),
            ("settle-recording 1\nterminal 1 pharmacy\n\n0 1 dance\n", 4, "a kind"),
            ("settle-recording 1\nterminal 1 pharmacy\n0 1 inquiry 0\n", 3, "a card's number"),
            (
                "settle-recording 1\nterminal 1 pharmacy\n0 1 settle 1 outpatient -\n", 3,
                "at least one line"
            ),
            (
                "settle-recording 1\nterminal 1 pharmacy\n0 1 settle 1 outpatient - 1,2,3,4\n", 3,
                "quantity,unit_price"
            ),
            (
                "settle-recording 1\nterminal 1 pharmacy\n0 1 settle 1 outpatient x 1,1,1,0,0,A\n",
                3, "options"
            ),
            ("settle-recording 1\nterminal 1 pharmacy\n0 1 echo again\n", 3, "the end"),
            ("settle-recording 2\nterminal 1 pharmacy\n0 1/0.0 echo\n", 3, "a request's name"),
            ("settle-recording 2\nterminal 1 pharmacy\n0 1/1 echo\n", 3, "a request's name"),
            ("settle-recording 2\nterminal 1 pharmacy\n0 2/0.1 echo\n", 3, "1...1"),
            ("settle-recording 2\nterminal 1 pharmacy\n0 1 void 1/0.1 1 -\n", 3, "a total"),
            ("settle-recording 2\nterminal 1 pharmacy\n0 1 void 1/0.1 0 1\n", 3, "a card's"),
            ("settle-recording 2\nterminal 1 pharmacy\n0 1 refund 1/0.1 1 -\n", 3, "one line"),
            (
                "settle-recording 2\nterminal 1 pharmacy\n0 1 refund 1/0.1 1 5 0,x,0\n", 3,
                "line,quantity"
            ),
            ("settle-recording 2\nterminal 1 pharmacy\n0 1 copy 3/0.1\n", 3, "1...1"),
        ]
        for (text, line, part) in cases {
            do {
                _ = try Recording(text: text)
                Issue.record("read: \(text)")
            } catch {
                #expect(error.line == line)
                #expect(error.problem.contains(part))
            }
        }
    }

    @Test("live requests are recorded with terminals, cards, indexes and trace codes replaced")
    func writer() throws {
        let catalog = try Made.catalog()
        var writer = RecordingWriter(start: 1000)
        var sale = try Made.sale().command
        sale.lines[0].traceCodes = [try #require(TraceCode("81234567890123456789"))]
        let lookup: (UInt32, CatalogVersion?) -> ItemCode? = { index, _ in
            catalog.entry(at: Int(index))?.code
        }
        let key = try Made.key(5)
        var text = RecordingWriter.heading
        text += writer.lines(
            .settle(sale), key: key, role: .pharmacy, hasPIN: true, time: 1500, code: lookup)
        text += writer.lines(
            .inquire(CardInquiry(card: sale.card, proof: .absent)), key: key, role: .pharmacy,
            hasPIN: false, time: 1400, code: lookup)
        sale.card = nil
        text += writer.lines(
            .settle(sale), key: key, role: .pharmacy, hasPIN: true, time: 1600, code: lookup)
        #expect(
            text == """
                settle-recording 2
                terminal 1 pharmacy
                500 1/0.5 settle 1 pharmacyPurchase partial 2000,258000,5160,0,1,XA01 1000,10000,100,0,0,XB02
                500 1/0.5 inquiry 1/nopin

                """)
        let card = try Made.card()
        #expect(!text.contains(card.clearText))
        _ = try Recording(text: text)
    }

    @Test("a replay uses its own cards, the catalog in force and new trace codes, by role")
    func replayed() throws {
        let card = try Made.card()
        let cards = [TestCard(number: card, bcd: card.bcd, pin: "1234")]
        let workload = try RecordedWorkload(
            try example(), cards: cards, catalog: try Made.catalog(),
            on: try Made.date(20_261_123), mark: 9)
        #expect(workload.count == 5)
        #expect(workload.entries[.pharmacy]?.map(\.item.kind) == [.echo, .settle, .status])
        #expect(workload.entries[.hospital]?.map(\.item.kind) == [.inquiry, .quote])
        #expect(workload.entries[.pharmacy]?[1].item.hasPIN == false)
        #expect(workload.templates[.pharmacy]?.settles.count == 1)
        #expect(workload.templates[.hospital]?.quotes.count == 1)
    }
}
