import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Testing

@testable import settle_replay

@Suite("The generated workload")
struct WorkloadTests {
    private func sales(_ role: Role, seed: UInt64, count: Int = 200) throws -> [Sale] {
        var generator = try #require(
            SaleGenerator(
                role: role, catalog: try Made.catalog(), on: try Made.date(20_261_123),
                shape: SaleShape(lines: 1...5, partialPercent: 50), seed: seed))
        let card = try Made.card()
        return (0..<count).map { _ in generator.next(card: card) }
    }

    private func bodies(_ sales: [Sale]) -> [[UInt8]] {
        let header = RequestHeader(businessDate: nil, stan: 1, terminalTime: 0)
        return sales.map { RequestEncoder.settle(header, $0.command, pinBlock: nil) }
    }

    @Test("the same seed gives the same sales, another seed others")
    func deterministic() throws {
        #expect(
            bodies(try sales(.hospital, seed: 7)) == bodies(try sales(.hospital, seed: 7)))
        #expect(
            bodies(try sales(.hospital, seed: 7)) != bodies(try sales(.hospital, seed: 8)))
    }

    @Test("a plan of faults strikes as many as it says: sales, and by some voids and refunds")
    func faults() throws {
        let plan = try FaultPlan("cut-before=0.5,cut-after=1,late=2,duplicate=3,reorder=4")
        var counts = [Fault: Int]()
        for point in 0..<1000 { counts[plan.fault(at: point), default: 0] += 1 }
        #expect(
            counts == [
                .none: 895, .cutBefore: 5, .cutAfter: 10, .late: 20, .duplicate: 30, .reorder: 40,
            ])
        var work = GeneratedWork(
            mix: .life, faults: plan, templates: 10, cards: 100, seed: 3, part: 1)
        let items = (0..<5000).compactMap { _ in work.next() }
        let struck = items.filter { $0.kind != .settle && $0.fault != .none }
        #expect(struck.allSatisfy { $0.kind == .void || $0.kind == .refund })
        #expect(struck.allSatisfy { $0.fault.strikesUndoings && $0.wrong == .none })
        #expect(items.contains { $0.wrong != .none })
        #expect(items.allSatisfy { $0.wrong == .none || $0.kind.undoes })
        #expect(Set(items.map(\.fault)) == Set(Fault.allCases))
        #expect(Set(items.map(\.kind)) == Set(TransactionKind.allCases))
    }

    @Test(
        "a plan of faults that cannot be read is named",
        arguments: ["late", "late=x", "late=101", "late=1.25", "none=1", "late=60,reorder=50"])
    func wrongFaults(text: String) {
        #expect(throws: MixFault.self) { try FaultPlan(text) }
    }

    @Test("the same seed gives the same requests in each lane, and lanes differ")
    func lanes() throws {
        let mix = try TransactionMix("settle=50,quote=20,inquiry=20,status=10")
        func items(_ part: UInt64) -> [WorkItem?] {
            var work = GeneratedWork(mix: mix, templates: 10, cards: 100, seed: 3, part: part)
            return (0..<500).map { _ in work.next() }
        }
        #expect(items(1) == items(1))
        #expect(items(1) != items(2))
        let kinds = items(1).compactMap { $0?.kind }
        for kind in [TransactionKind.settle, .quote, .inquiry, .status] {
            #expect(kinds.contains(kind))
        }
        #expect(!kinds.contains(.echo))
    }

    @Test(
        "every generated bill is valid and names only what its role supplies",
        arguments: [Role.pharmacy, .hospital, .vaccination])
    func valid(_ role: Role) throws {
        let catalog = try Made.catalog()
        for sale in try sales(role, seed: 11) {
            #expect((1...5).contains(sale.lines.count))
            let lines = try sale.lines.map { line in
                guard case .index(let index) = line.item else { throw Unindexed() }
                let entry = try #require(catalog.entry(at: Int(index)))
                #expect((entry.kind == .vaccineCategory2) == (role == .vaccination))
                #expect(entry.kind != .vaccineCategory1)
                if role == .pharmacy { #expect(entry.kind != .service) }
                return BillLine(
                    code: entry.code, quantity: line.quantity, unitPrice: line.unitPrice,
                    amount: line.amount)
            }
            #expect(Bill.problem(of: lines, total: sale.total) == nil)
        }
    }

    private struct Unindexed: Error {}

    @Test("a catalog without anything for a role gives no sales")
    func nothing() throws {
        let empty = Catalog(version: CatalogVersion(rawValue: 1), entries: [])
        #expect(
            SaleGenerator(
                role: .pharmacy, catalog: empty, on: try Made.date(20_261_123),
                shape: SaleShape(), seed: 1) == nil)
    }

    @Test(
        "a template writes the same bytes as the encoder",
        arguments: [nil, [UInt8](repeating: 9, count: 16)])
    func template(_ block: [UInt8]?) throws {
        let sale = try Made.sale()
        let header = RequestHeader(
            businessDate: try Made.date(20_261_123), stan: 999_999, terminalTime: 1_795_392_000)
        for kind in [RequestKind.settle, .quote] {
            var buffer = ByteBuffer()
            RequestTemplate(kind, sale).write(
                header, card: sale.card.bcd, pinBlock: block, to: &buffer)
            #expect(
                Array(buffer.readableBytesView)
                    == RequestEncoder.settle(header, sale.command, pinBlock: block))
        }
        var buffer = ByteBuffer()
        RequestTemplate.inquiry.write(header, card: sale.card.bcd, pinBlock: block, to: &buffer)
        #expect(
            Array(buffer.readableBytesView)
                == RequestEncoder.cardInquiry(header, card: sale.card, pinBlock: block))
    }

    @Test("a mix is read, and what is wrong with one is told")
    func mix() throws {
        let mix = try TransactionMix("settle=60,quote=10,inquiry=30")
        #expect(mix.percent == [60, 10, 30, 0, 0, 0, 0, 0, 0])
        #expect(!mix.undoes)
        #expect(try TransactionMix("settle=99,wrong=1").undoes)
        #expect(try TransactionMix("settle=99,wrong=1").kind(at: 99) == nil)
        #expect(TransactionMix.life.percent.reduce(TransactionMix.life.wrong, +) == 100)
        #expect((0..<100).count { mix.kind(at: $0) == .inquiry } == 30)
        for text in ["", "settle", "settle=101", "settle=50", "sale=100", "settle=50,quote=51"] {
            #expect(throws: MixFault.self) { try TransactionMix(text) }
        }
    }

    @Test("a card file is read by its heading, and wrong lines are told with line and column")
    func cards() throws {
        let card = try Made.card()
        let text = "name,pin,card\nZhang San,123456,\(card.clearText)\n\n# end\n"
        let cards = try CardFile.read(text, path: "cards.csv")
        #expect(cards == [TestCard(number: card, bcd: card.bcd, pin: "123456")])
        let other = "\"card\" , pin\r\n \(card.clearText),\"123456\" \r\n"
        #expect(try CardFile.read(other, path: "cards.csv") == cards)
        let wrong: [(String, String)] = [
            ("", "cards.csv: no cards"),
            ("number,pin\n", "cards.csv:1: expected a heading with card and pin"),
            ("card,pin\n12,1234\n", "cards.csv:2: 'card' must be 10 to 19 digits with check digit"),
            ("card,pin\n\(card.clearText),12x4\n", "cards.csv:2: 'pin' must be 4 to 12 digits"),
            ("card,pin\n\(card.clearText)\n", "cards.csv:2: too few columns"),
        ]
        for (text, expected) in wrong {
            #expect(throws: ReplayFault(expected)) { try CardFile.read(text, path: "cards.csv") }
        }
    }
}
