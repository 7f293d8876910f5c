import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Void, refund, reversal, receipt copy, both ways")
struct UndoingTests {
    private static func settlementID() throws -> SettlementID {
        SettlementID(try Samples.key(stan: 103))
    }

    private static func refund() throws -> RefundCommand {
        RefundCommand(
            settlement: try settlementID(), card: try Samples.card(),
            lines: [
                RefundLine(line: 0, quantity: nil, traceCodes: []),
                RefundLine(
                    line: 199, quantity: Quantity(thousandths: 2500),
                    traceCodes: [
                        try #require(TraceCode("81234567890123456789")),
                        try #require(TraceCode("81234567890123456790")),
                    ]),
            ], total: Money(fen: 2580))
    }

    // MARK: Requests

    @Test("a void comes to the daemon as the terminal meant it, its voucher the kind and the body")
    func void() throws {
        let sent = VoidCommand(
            settlement: try Self.settlementID(), card: try Samples.card(), total: Money(fen: 7210))
        let body = RequestEncoder.void(try Samples.header(), sent)
        let message = try ledgerMessage(.void, body)
        guard case .void(let read) = message.command else {
            Issue.record("\(message.command.kind)")
            return
        }
        #expect(read == sent)
        #expect(message.header == (try Samples.header()))
        #expect(message.voucher == [0x13] + body)
        #expect(message.pinBlock == nil)
    }

    @Test("a refund comes to the daemon as the terminal meant it", arguments: [0, 2580])
    func refund(_ fen: Int64) throws {
        var sent = try Self.refund()
        sent.total = fen == 0 ? nil : Money(fen: fen)
        let body = RequestEncoder.refund(try Samples.header(), sent)
        let message = try ledgerMessage(.refund, body)
        guard case .refund(let read) = message.command else {
            Issue.record("\(message.command.kind)")
            return
        }
        #expect(read == sent)
        #expect(message.voucher == [0x14] + body)
    }

    @Test("a reversal names a key of the terminal that signed on")
    func reversal() throws {
        let body = RequestEncoder.reversal(
            try Samples.header(stan: 120), originalDate: try Samples.date(2026_11_20),
            originalSTAN: 999_999, card: try Samples.card(), total: Money(fen: 7210))
        let request = try RequestDecoder.decode(0x15, ByteBuffer(bytes: body))
        guard case .reversal(let read) = request else {
            Issue.record("\(request.kind)")
            return
        }
        let message = read.message(of: Samples.terminal)
        guard case .reverse(let command) = message.command else {
            Issue.record("\(message.command.kind)")
            return
        }
        let original = RequestKey(
            terminal: Samples.terminal, date: try Samples.date(2026_11_20), stan: 999_999)
        #expect(
            command
                == ReversalCommand(
                    original: original, card: try Samples.card(), total: Money(fen: 7210)))
        #expect(message.header == (try Samples.header(stan: 120)))
        #expect(message.voucher == [0x15] + body)
    }

    @Test("a receipt copy names its settlement and needs neither date nor STAN")
    func receiptCopyRequest() throws {
        let sent = ReceiptCopyRequest(
            header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
            settlement: try Self.settlementID())
        let body = ByteBuffer(bytes: RequestEncoder.receiptCopy(sent))
        guard case .receiptCopy(let read) = try RequestDecoder.decode(.receiptCopy, body),
            case .copyReceipt(let id) = read.command
        else {
            Issue.record("no receipt copy")
            return
        }
        #expect(read == sent)
        #expect(id == sent.settlement)
    }

    @Test("a card whose check digit is wrong is left to the ledger, which answers 77")
    func checkDigit() throws {
        let card = try Hex.bytes("9999000000000000013f")
        var void = WireVoid()
        void.businessDate = 2026_11_23
        void.stan = 1
        void.settlementID = try Self.settlementID().description
        void.card = .init(card)
        guard case .void(let command) = try ledgerMessage(.void, void.bodyBytes).command else {
            Issue.record("no void")
            return
        }
        #expect(command.card == nil)
        var reversal = WireReversal()
        reversal.businessDate = 2026_11_23
        reversal.stan = 2
        reversal.originalBusinessDate = 2026_11_23
        reversal.originalStan = 1
        reversal.card = .init(card)
        let body = ByteBuffer(bytes: reversal.bodyBytes)
        guard case .reversal(let request) = try RequestDecoder.decode(.reversal, body) else {
            Issue.record("no reversal")
            return
        }
        #expect(request.card == nil)
    }

    @Test("1000 lines and amounts below zero are the ledger's to refuse, 1001 lines are 30")
    func lineCounts() throws {
        var command = try Self.refund()
        command.total = Money(fen: -1)
        command.lines = (0..<1000).map {
            RefundLine(line: $0, quantity: Quantity(thousandths: -1), traceCodes: [])
        }
        let body = RequestEncoder.refund(try Samples.header(), command)
        guard case .refund(let read) = try ledgerMessage(.refund, body).command else {
            Issue.record("no refund")
            return
        }
        #expect(read == command)
        command.lines.append(RefundLine(line: 1000, quantity: nil, traceCodes: []))
        let tooMany = RequestEncoder.refund(try Samples.header(), command)
        let fault = #expect(throws: RequestFault.self) { try ledgerMessage(.refund, tooMany) }
        #expect(fault?.code == .formatError)
        #expect(fault?.reason == .fieldOutOfRange)
        #expect(fault?.detail == "refund.lines: 1001 lines, at most 200")
    }

    // MARK: Responses

    @Test(
        "what was undone comes to the terminal as the ledger made it",
        arguments: [RequestKind.void, .refund, .reversal], [true, false])
    func undone(_ kind: RequestKind, _ remains: Bool) throws {
        let whole = try Samples.split()
        var rest = whole
        rest.total = Money(fen: 10_400)
        rest.cash = Money(fen: 400)
        let answer = UndoAnswer(
            settlement: try Self.settlementID(), state: remains ? .partlyRefunded : .voided,
            settledDate: try Samples.date(2026_11_20),
            givenBack: remains ? whole.less(rest) : whole.less(Split()),
            remaining: remains ? rest : nil, balance: Money(fen: 112_824),
            accumulator: try Samples.accumulator(), nameMasked: "欧**华",
            ownersMasked: remains ? [] : ["李*"])
        let outcome = try Samples.outcome(.undone(answer))
        let read = try response(kind, ResponseEncoder.encode(outcome, kind))
        guard case .undone(let undone) = read.payload else {
            Issue.record("nothing undone")
            return
        }
        #expect(read.result == ResultFields(outcome))
        #expect(undone.settlement == answer.settlement)
        #expect(undone.state == answer.state.asOriginalState)
        #expect(undone.settledDate == answer.settledDate)
        var givenBack = answer.givenBack
        givenBack.owners = []
        #expect(undone.givenBack == givenBack)
        #expect(undone.givenBack.cash == (remains ? Money(fen: -400) : .zero))
        #expect(
            undone.family
                == (remains ? [] : [FamilyPayment(ownerMasked: "李*", amount: Money(fen: 500))]))
        rest.owners = []
        rest.plans = []
        #expect(undone.remaining == (remains ? rest : nil))
        #expect(undone.balance == answer.balance)
        #expect(undone.accumulator?.pooledUsed == Money(fen: 28_140))
        #expect(undone.nameMasked == "欧**华")
    }

    @Test("a reversal that had nothing to undo is a result alone")
    func nothingUndone() throws {
        for reason in [Reason.originalNotSeen, .originalReversed, .originalRefused] {
            let outcome = try Samples.outcome(.none, reason: reason)
            let read = try response(.reversal, ResponseEncoder.encode(outcome, .reversal))
            #expect(read.result.code == .approved)
            #expect(read.result.reason == reason)
            guard case .none = read.payload else {
                Issue.record("\(reason) has a payload")
                return
            }
        }
    }

    /// A settlement of a few lines with as many trace codes, refunded package by package.
    private static func settlement(codes: Int, refunds: Int) throws -> SettlementRow {
        let key = try Samples.key(stan: 103)
        var lines: [BillLine] = []
        for line in 0..<4 {
            var traceCodes: [TraceCode] = []
            for index in 0..<codes {
                let text = "8123456789\(10_000_000 + line * 1_000_000 + index)"
                traceCodes.append(try #require(TraceCode(text)))
            }
            lines.append(
                BillLine(
                    code: try #require(ItemCode("XC09CAA087A001010103298")),
                    quantity: Quantity(thousandths: Int64(max(codes, 1)) * 1000),
                    unitPrice: UnitPrice(tenThousandths: 10_000),
                    amount: Money(fen: Int64(max(codes, 1)) * 100), courseDays: 7,
                    traceCodes: traceCodes))
        }
        var split = try Samples.split()
        var undone: [Undoing] = []
        for index in 0..<refunds {
            split.account = split.account - Money(fen: 1)
            split.total = split.total - Money(fen: 1)
            undone.append(
                Undoing(
                    key: try Samples.key(stan: 200 + UInt32(index)), kind: .refund, reversed: nil,
                    bookedDate: try Samples.date(2026_11_24), time: Int64(index),
                    lines: [
                        RefundedLine(
                            line: 0, quantity: .one, amount: Money(fen: 1),
                            traceCodes: Array(lines[0].traceCodes.prefix(1)))
                    ], state: .partlyRefunded, standing: split))
        }
        return SettlementRow(
            id: SettlementID(key), state: refunds == 0 ? .settled : .partlyRefunded,
            card: try Samples.card(), institution: try #require(InstitutionID("P99990000001")),
            bookedDate: key.date, time: 7, serviceDate: try Samples.date(2026_11_22),
            visitType: .outpatient, benefitCategory: .outpatient,
            catalogVersion: CatalogVersion(rawValue: 3), policyVersion: PolicyVersion(rawValue: 2),
            lines: lines, split: try Samples.split(),
            basis: SettlementBasis(
                person: try Samples.person(), institutionKind: .pharmacy,
                institutionLevel: .unrated, vaccinates: false,
                institutionRegion: try Samples.person().region, used: Accumulators(), usages: [],
                soldCodes: []),
            undone: undone)
    }

    private static func copy(_ row: SettlementRow) throws -> (body: [UInt8], copy: ReceiptCopy) {
        let recorded = ResponseEncoder.encode(
            try Samples.outcome(.settlement(Samples.settlement())), .settle)
        let outcome = try Samples.outcome(
            .receiptCopy(ReceiptCopyAnswer(settlement: row, original: recorded)))
        let body = ResponseEncoder.encode(outcome, .receiptCopy)
        guard case .receiptCopy(let copy) = try response(.receiptCopy, body).payload else {
            throw ResponseFault.field("no receipt copy")
        }
        return (body, copy)
    }

    @Test("a receipt's copy has the bill, the recorded answer and every step since")
    func receiptCopy() throws {
        let row = try Self.settlement(codes: 2, refunds: 3)
        let (body, copy) = try Self.copy(row)
        #expect(try #require(WireReceiptCopyResponse(body: ByteBuffer(bytes: body))).copy)
        #expect(copy.state == .partlyRefunded)
        #expect(copy.settledDate == row.bookedDate)
        #expect(copy.serviceDate == row.serviceDate)
        #expect(copy.visitType == .outpatient)
        #expect(copy.lines == row.lines)
        #expect(copy.original.id == SettlementID(try Samples.key()))
        #expect(copy.originalResult.code == .approved)
        #expect(copy.undone.map(\.key) == row.undone.map(\.key))
        #expect(copy.undone.map(\.givenBack.account.fen) == [1, 1, 1])
        #expect(copy.undone.map { $0.lines.first?.traceCodes.count } == [1, 1, 1])
        #expect(copy.undone.map(\.bookedDate.yyyymmdd) == [2026_11_24, 2026_11_24, 2026_11_24])
        #expect(copy.undone.map(\.time) == [0, 1, 2])
        #expect(copy.remaining?.total == Money(fen: 9997))
        #expect(!copy.isShortened)
    }

    @Test("a copy that would not fit into a frame loses trace codes, then its oldest steps")
    func shortenedCopy() throws {
        let bodyBytesMax = Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes
        for (codes, refunds, keepsAll) in [(900, 2, true), (0, 2000, false), (900, 2000, false)] {
            let row = try Self.settlement(codes: codes, refunds: refunds)
            let (body, copy) = try Self.copy(row)
            #expect(body.count <= bodyBytesMax)
            #expect(copy.isShortened)
            #expect(copy.lines.map(\.quantity) == row.lines.map(\.quantity))
            #expect(copy.lines.allSatisfy { $0.traceCodes.isEmpty })
            #expect(copy.undone.allSatisfy { $0.lines.flatMap(\.traceCodes).isEmpty })
            #expect(copy.original.id == SettlementID(try Samples.key()))
            let kept = copy.undone.count
            #expect(copy.undone.map(\.key) == row.undone.suffix(kept).map(\.key))
            #expect((kept == refunds) == keepsAll)
            #expect(keepsAll || body.count > bodyBytesMax - 200)
            #expect(copy.remaining?.total == row.standing.total)
        }
    }

    @Test("a copy of the longest bill that a settle can name fits without its trace codes")
    func longestCopy() throws {
        let most = Money(fen: 1_000_000_000_000_000)
        var copy = WireReceiptCopyResponse()
        copy.lines = [WireLine](
            repeating: .with {
                $0.code = String(repeating: "X", count: 27)
                $0.quantity = 1_000_000_000_000
                $0.unitPrice = .max
                $0.amount = most.fen
                $0.courseDays = .max
            }, count: 200)
        // Each line divided by a limit: a part in scope, a part for the account.
        let catalog = WireLinePart.with {
            $0.line = 199
            $0.itemClass = .classCatalog
            $0.sortingReason = 200
            $0.quantity = 1_000_000_000_000
            $0.amount = most.fen
            $0.overLimit = most.fen
            $0.firstSelfPay = most.fen
            $0.inScope = most.fen
            $0.pooled = most.fen
            $0.large = most.fen
            $0.supplement = most.fen
            $0.account = most.fen
            $0.family = most.fen
            $0.cash = most.fen
        }
        let account = WireLinePart.with {
            $0.line = 199
            $0.itemClass = .classAccount
            $0.sortingReason = 200
            $0.quantity = 1_000_000_000_000
            $0.amount = most.fen
            $0.fullSelfPay = most.fen
            $0.account = most.fen
            $0.family = most.fen
            $0.cash = most.fen
        }
        copy.original.parts = (0..<200).flatMap { _ in [catalog, account] }
        copy.undone = [WireUndoneStep](
            repeating: .with { $0.terminal = "T0000001" }, count: 100_000)
        let bodyBytesMax = Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes
        let body = ResponseEncoder.fitted(copy, bodyBytesMax: bodyBytesMax)
        #expect(body.count <= bodyBytesMax)
        let read = try #require(WireReceiptCopyResponse(body: ByteBuffer(bytes: body)))
        #expect(read.lines == copy.lines)
        #expect(read.original == copy.original)
        #expect(read.shortened && !read.undone.isEmpty)
    }
}
