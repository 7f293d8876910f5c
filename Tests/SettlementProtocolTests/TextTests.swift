import Foundation
import Ledger
import NIOCore
import SwiftProtobuf
import Testing

@testable import SettlementProtocol

@Suite("Texts with U+0000, which not every store can keep")
struct TextTests {
    /// A field that takes any text, and a body with a text in it.
    private struct Field {
        var kind: RequestKind
        var path: String
        var body: @Sendable (String) throws -> [UInt8]

        init(
            _ kind: RequestKind, _ path: String,
            _ body: @escaping @Sendable (String) throws -> [UInt8]
        ) {
            self.kind = kind
            self.path = path
            self.body = body
        }
    }

    private static func golden<Wire: Message>(_ name: String) throws -> Wire {
        try #require(Wire(body: try Vectors.message(name).body))
    }

    private static func settle(_ name: String, _ billNumber: String) throws -> [UInt8] {
        var wire: WireSettle = try golden(name)
        wire.billNumber = billNumber
        return wire.bodyBytes
    }

    private static func discharge(_ name: String, _ billNumber: String) throws -> [UInt8] {
        var wire: WireDischarge = try golden(name)
        wire.billNumber = billNumber
        return wire.bodyBytes
    }

    /// Fields that no golden request has.
    private static let rareFields = [
        Field(.quote, "quote.bill_number") { try settle("quote_request", $0) },
        Field(.settle, "settle.bill_number") { try settle("settle_request", $0) },
        Field(.discharge, "discharge.bill_number") { try discharge("discharge_request", $0) },
        Field(.dischargeQuote, "discharge_quote.bill_number") {
            try discharge("discharge_quote_request", $0)
        },
        Field(.pinChange, "card_service.gateway_session") { text in
            var wire: WireCardService = try golden("pin_change_request")
            wire.pinBlock = Data()
            wire.gatewaySession = text
            return wire.bodyBytes
        },
        Field(.claimDecide, "claim_decide.text") { text in
            var wire: WireClaimDecide = try golden("claim_decide_request")
            wire.approve = false
            wire.text = text
            return wire.bodyBytes
        },
        Field(.operatorMaintenance, "operator_maintenance.task") { text in
            var wire = WireOperatorMaintenance()
            wire.task = text
            return wire.bodyBytes
        },
        Field(.operatorMaintenance, "operator_maintenance.argument") { text in
            var wire = WireOperatorMaintenance()
            wire.task = "verify"
            wire.argument = text
            return wire.bodyBytes
        },
    ]

    @Test(
        "a text is refused by its field with U+0000, and read without",
        arguments: rareFields.indices)
    func rareField(_ index: Int) throws {
        let field = Self.rareFields[index]
        let body = ByteBuffer(bytes: try field.body("No. 7"))
        #expect(throws: Never.self) { try RequestDecoder.decode(field.kind, body) }
        for text in ["\u{0}", "No.\u{0}7", "No. 7\u{0}"] {
            let body = ByteBuffer(bytes: try field.body(text))
            let fault = #expect(throws: RequestFault.self) {
                try RequestDecoder.decode(field.kind, body)
            }
            #expect(fault == RequestFault.outOfRange(field.path, "must have no U+0000"))
        }
    }

    @Test("a bill's number is refused where nothing but spaces is in it")
    func blankBillNumber() throws {
        for field in Self.rareFields where field.path.hasSuffix("bill_number") {
            for text in [" ", "\u{3000}", " \t "] {
                let body = ByteBuffer(bytes: try field.body(text))
                let fault = #expect(throws: RequestFault.self) {
                    try RequestDecoder.decode(field.kind, body)
                }
                #expect(fault == .outOfRange(field.path, "must have more than spaces"))
            }
        }
    }

    @Test(
        "a golden request is refused with U+0000 in any of its texts", arguments: Vectors.requests)
    func goldenRequest(_ vector: MessageVector) throws {
        for body in try Self.bodiesWithNUL(vector) {
            let fault = #expect(throws: RequestFault.self) {
                try RequestDecoder.decode(vector.kindNumber, ByteBuffer(bytes: body))
            }
            #expect(fault?.code == .formatError)
            #expect(fault?.reason == .fieldOutOfRange)
        }
    }

    @Test("every kind of request that has texts is tried")
    func kinds() throws {
        // These have none, but for terminals' names.
        let textless: Set<RequestKind> = [
            .signOff, .echo, .catalogPage, .cardInquiry, .reversal, .settlementStatus,
            .contributionPayment, .reconciliationTotals, .reconciliationDetails,
            .reconciliationDifferences, .operatorApply, .operatorQuery, .dayClose,
        ]
        var tried = Set(Self.rareFields.map(\.kind))
        for vector in Vectors.requests {
            guard try !Self.bodiesWithNUL(vector).isEmpty else { continue }
            tried.insert(try RequestDecoder.kind(vector.kindNumber))
        }
        #expect(tried == Set(RequestKind.allCases.filter(\.isServed)).subtracting(textless))
    }

    /// The vector's body with U+0000 behind one of its texts, for each of them.
    private static func bodiesWithNUL(_ vector: MessageVector) throws -> [[UInt8]] {
        let type = try type(of: vector.message)
        let decoded = try JSONDecoder().decode(JSONValue.self, from: Data(vector.decoded.utf8))
        return try decoded.withNUL().compactMap { changed in
            let json = String(decoding: try JSONEncoder().encode(changed), as: UTF8.self)
            // Numbers, bytes and names of cases are texts in JSON too, and cannot be read with it.
            return (try? type.init(jsonString: json))?.bodyBytes
        }
    }

    private static func type(of message: String) throws -> any Message.Type {
        let types: [any Message.Type] = [
            WireSignOn.self, WireSignOff.self, WireEcho.self, WireCatalogPage.self,
            WireCardInquiry.self, WireSettle.self, WireCardService.self, WireFamily.self,
            WirePersonQuery.self, WireContributionPayment.self, WireContributionDeclaration.self,
            WireClaimSubmit.self, WireClaimReview.self, WireClaimDecide.self, WireClaimPay.self,
            WireAdmit.self, WireFeeUpload.self, WireFeeCancel.self, WireDischarge.self,
            WireAdmissionDetails.self, WireVoid.self, WireRefund.self, WireReversal.self,
            WireSettlementStatus.self, WireReceiptCopy.self, WireReconciliationTotals.self,
            WireReconciliationDetails.self, WireReconciliationDifferences.self,
        ]
        return try #require(types.first { $0.protoMessageName.hasSuffix(".\(message)") })
    }
}

extension JSONValue {
    /// This with U+0000 behind one of its texts, for each of them.
    fileprivate func withNUL() -> [JSONValue] {
        switch self {
        case .text(let text): [.text(text + "\u{0}")]
        case .list(let items):
            items.indices.flatMap { index in
                items[index].withNUL().map { changed in
                    var items = items
                    items[index] = changed
                    return .list(items)
                }
            }
        case .object(let fields):
            fields.keys.sorted().flatMap { key in
                (fields[key]?.withNUL() ?? []).map { changed in
                    var fields = fields
                    fields[key] = changed
                    return .object(fields)
                }
            }
        case .flag, .number: []
        }
    }
}
