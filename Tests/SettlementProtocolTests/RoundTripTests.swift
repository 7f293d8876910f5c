import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Messages both ways")
struct RoundTripTests {
    @Test("a settle comes to the daemon as the terminal meant it", arguments: [true, false])
    func settle(_ quotes: Bool) throws {
        let lines = try Samples.lines()
        let sent = try Samples.command(lines: lines)
        let body = RequestEncoder.settle(try Samples.header(), sent, pinBlock: nil)
        let message = try ledgerMessage(quotes ? .quote : .settle, body)
        let command: SettleCommand
        switch message.command {
        case .quote(let read):
            #expect(quotes)
            command = read
        case .settle(let read):
            #expect(!quotes)
            command = read
        default: throw RequestFault(code: .notSupported, reason: .kindUnknown, detail: "")
        }
        #expect(message.header == (try Samples.header()))
        #expect(command.card == sent.card)
        #expect(command.proof == .absent)
        #expect(command.visitType == sent.visitType)
        #expect(command.total == sent.total)
        #expect(command.catalogVersion == sent.catalogVersion)
        #expect(command.lines == lines)
        #expect(command.serviceDate == sent.serviceDate)
        #expect(command.partialAllowed)
        #expect(command.accountLimit == .zero)
        #expect(command.quoteDigest == sent.quoteDigest)
    }

    @Test("what a settle leaves out is not there, and a quantity left out is one unit")
    func defaults() throws {
        var wire = WireSettle()
        wire.businessDate = 2026_11_23
        wire.stan = 1
        wire.card = .init(try Samples.card().bcd)
        wire.visitType = .inpatient
        wire.lines = [
            .with {
                $0.code = "A"
                $0.amount = -5
            }
        ]
        guard case .settle(let command) = try ledgerMessage(.settle, wire.bodyBytes).command
        else { throw RequestFault(code: .notSupported, reason: .kindUnknown, detail: "") }
        #expect(command.catalogVersion == nil)
        #expect(command.serviceDate == nil)
        #expect(command.accountLimit == nil)
        #expect(command.quoteDigest == 0)
        #expect(!command.partialAllowed)
        #expect(command.lines.first?.quantity == .one)
        #expect(command.lines.first?.courseDays == nil)
        // What is wrong with an amount is the ledger's to say, and is recorded.
        #expect(command.lines.first?.amount == Money(fen: -5))
    }

    @Test("a card of good form whose check digit is wrong is left to the ledger")
    func checkDigit() throws {
        for digits in ["9999000000000000013f", "1234567890", "123456789012345f"] {
            var wire = WireCardInquiry()
            wire.businessDate = 2026_11_23
            wire.stan = 1
            wire.card = .init(try Hex.bytes(digits))
            guard
                case .inquire(let inquiry) =
                    try ledgerMessage(.cardInquiry, wire.bodyBytes).command
            else { throw RequestFault(code: .notSupported, reason: .kindUnknown, detail: "") }
            #expect(inquiry.card == nil)
        }
    }

    @Test("0, 201 and 1000 lines are left to the ledger", arguments: [0, 201, 1000])
    func lineCounts(_ count: Int) throws {
        let lines = [RequestLine](repeating: try Samples.lines()[0], count: count)
        let body = RequestEncoder.settle(
            try Samples.header(), try Samples.command(lines: lines), pinBlock: nil)
        guard case .settle(let command) = try ledgerMessage(.settle, body).command else {
            throw RequestFault(code: .notSupported, reason: .kindUnknown, detail: "")
        }
        #expect(command.lines.count == count)
    }

    @Test("a sign-on that offers only unknown PIN algorithms says so, none at all means AES-128")
    func pinAlgorithms() throws {
        var wire = WireSignOn()
        wire.terminal = "T0000001"
        #expect(try algorithms(wire) == [.aes128])
        wire.pinAlgorithms = [.UNRECOGNIZED(9)]
        #expect(try algorithms(wire) == [])
        wire.pinAlgorithms = [.UNRECOGNIZED(9), .sm4]
        #expect(try algorithms(wire) == [.sm4])
    }

    @Test("a sign-on comes to the daemon as the terminal meant it")
    func signOn() throws {
        let terminal = try #require(TerminalID("P0000001"))
        for checkValue in [[], [0xfb, 0x8c, 0xbd]] as [[UInt8]] {
            let sent = SignOnRequest(
                header: try Samples.header(), terminal: terminal, pinAlgorithms: [.sm4, .aes128],
                software: "Example POS 1.0", masterKeyCheckValue: checkValue)
            let body = ByteBuffer(bytes: RequestEncoder.signOn(sent))
            guard case .signOn(let read) = try RequestDecoder.decode(.signOn, body) else {
                throw RequestFault(code: .notSupported, reason: .kindUnknown, detail: "")
            }
            #expect(read == sent)
        }
    }

    private func algorithms(_ wire: WireSignOn) throws -> [PINKeyAlgorithm] {
        let request = try RequestDecoder.decode(.signOn, ByteBuffer(bytes: wire.bodyBytes))
        guard case .signOn(let signOn) = request else { return [] }
        return signOn.pinAlgorithms
    }

    @Test("a status request becomes a question about the signed-on terminal's own key")
    func status() throws {
        let sent = SettlementStatusRequest(
            header: try Samples.header(), originalDate: try Samples.date(2026_11_20),
            originalSTAN: 999_999)
        let body = ByteBuffer(bytes: RequestEncoder.settlementStatus(sent))
        guard case .settlementStatus(let read) = try RequestDecoder.decode(0x16, body) else {
            throw RequestFault(code: .notSupported, reason: .kindUnknown, detail: "")
        }
        #expect(read == sent)
        let terminal = try #require(TerminalID("T0000001"))
        guard case .status(let key) = read.command(of: terminal) else { return }
        #expect(key == RequestKey(terminal: terminal, date: sent.originalDate, stan: 999_999))
    }

    @Test("kinds of later versions and numbers of none are not supported")
    func kinds() {
        for number in UInt8.min...UInt8.max {
            let kind = RequestKind(rawValue: number)
            if let kind, kind.isServed {
                #expect(throws: Never.self) { try RequestDecoder.kind(number) }
            } else {
                let fault = #expect(throws: RequestFault.self) { try RequestDecoder.kind(number) }
                #expect(fault?.code == .notSupported)
                #expect(fault?.reason == .kindUnknown)
            }
        }
    }

    @Test("numbers of codes and reasons are those of settlement.proto")
    func numbers() {
        for code in ResponseCode.allCases {
            #expect(WireResponseCode.allCases.contains { $0.rawValue == Int(code.rawValue) })
        }
        #expect(WireResponseCode.allCases.count == ResponseCode.allCases.count)
        for reason in Reason.allCases {
            #expect(WireReason.allCases.contains { $0.rawValue == Int(reason.rawValue) })
        }
        #expect(WireReason.allCases.count == Reason.allCases.count)
        #expect(WireVisitType.allCases.count == VisitType.allCases.count + 1)
        #expect(WireItemKind.allCases.count == ItemKind.allCases.count + 1)
        #expect(WireNonTreatment.allCases.count == NonTreatmentCategory.allCases.count + 1)
        #expect(WireItemClass.allCases.count == ItemClass.allCases.count + 1)
        #expect(WireRole.allCases.count == Role.allCases.count + 1)
        #expect(WirePersonCategory.allCases.count == PersonCategory.allCases.count + 1)
        #expect(WireBenefitCategory.allCases.count == BenefitCategory.allCases.count + 1)
    }
}
