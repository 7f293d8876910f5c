import Foundation
import NIOCore
import SwiftProtobuf
import Testing

import Ledger
import SettlementDomain
@testable import SettlementProtocol

@Suite("Golden vectors of Protocol/Vectors/frames")
struct GoldenVectorTests {
    @Test("every file of vectors is read")
    func everyFileIsRead() throws {
        let folder = Vectors.protocolFolder.appendingPathComponent("Vectors/frames")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }
        for file in files {
            let data = try Data(contentsOf: folder.appendingPathComponent(file))
            if file.hasPrefix("malformed") {
                _ = try JSONDecoder().decode([FaultVector].self, from: data)
            } else {
                _ = try JSONDecoder().decode([MessageVector].self, from: data)
            }
        }
        #expect(files.count == 20)
        #expect(Vectors.messages.count > 50)
        #expect(Vectors.malformedFrames.count > 10)
        #expect(Vectors.malformedBodies.count > 25)
        #expect(Set(Vectors.messages.map(\.name)).count == Vectors.messages.count)
    }

    @Test("every kind of this version has a request and a response")
    func everyKindOccurs() {
        for kind in RequestKind.allCases where kind.isServed && kind.rawValue < 0x60 {
            #expect(Vectors.requests.contains { $0.kindNumber == kind.rawValue })
            #expect(Vectors.responses.contains { $0.kindNumber == kind.responseKind })
        }
    }

    @Test("a frame's header and body are as the vector says", arguments: Vectors.messages)
    func headers(_ vector: MessageVector) throws {
        let decoder = FrameReader(vector.kindNumber < 0x80 ? .requests : .responses)
        decoder.append(ByteBuffer(bytes: vector.frame))
        let frame = try #require(try decoder.next())
        #expect(frame.kind == vector.kindNumber)
        #expect(frame.requestID == vector.requestID)
        #expect(frame.flags == 0)
        #expect(frame.body.readableBytes == vector.bodyBytes)
        #expect(try decoder.next() == nil)
        #expect(decoder.waitingBytes == 0)
        var encoded = ByteBuffer()
        FrameEncoder.append(frame, to: &encoded)
        #expect(Array(encoded.readableBytesView) == vector.frame)
    }

    @Test("a body is the message that the vector writes out", arguments: Vectors.messages)
    func bodies(_ vector: MessageVector) throws {
        switch vector.message {
        case "SignOn": try check(vector, WireSignOn.self)
        case "SignOff": try check(vector, WireSignOff.self)
        case "Echo": try check(vector, WireEcho.self)
        case "CatalogPage": try check(vector, WireCatalogPage.self)
        case "CardInquiry": try check(vector, WireCardInquiry.self)
        case "Settle": try check(vector, WireSettle.self)
        case "CardService": try check(vector, WireCardService.self)
        case "Family": try check(vector, WireFamily.self)
        case "FamilyResponse": try check(vector, WireFamilyResponse.self)
        case "FamilyListResponse": try check(vector, WireFamilyListResponse.self)
        case "ContributionRecordsResponse":
            try check(vector, WireContributionRecordsResponse.self)
        case "PersonQuery": try check(vector, WirePersonQuery.self)
        case "ContributionPayment": try check(vector, WireContributionPayment.self)
        case "ContributionDeclaration":
            try check(vector, WireContributionDeclaration.self)
        case "ContributionDeclarationResponse":
            try check(vector, WireContributionDeclarationResponse.self)
        case "ContributionPaymentResponse":
            try check(vector, WireContributionPaymentResponse.self)
        case "CardServiceResponse": try check(vector, WireCardServiceResponse.self)
        case "TransactionListResponse": try check(vector, WireTransactionListResponse.self)
        case "MonthlyEntriesResponse": try check(vector, WireMonthlyEntriesResponse.self)
        case "AnnualStatementResponse": try check(vector, WireAnnualStatementResponse.self)
        case "AccessLogResponse": try check(vector, WireAccessLogResponse.self)
        case "ClaimSubmit": try check(vector, WireClaimSubmit.self)
        case "ClaimReview": try check(vector, WireClaimReview.self)
        case "ClaimDecide": try check(vector, WireClaimDecide.self)
        case "ClaimPay": try check(vector, WireClaimPay.self)
        case "ClaimResponse": try check(vector, WireClaimResponse.self)
        case "ClaimListResponse": try check(vector, WireClaimListResponse.self)
        case "Admit": try check(vector, WireAdmit.self)
        case "FeeUpload": try check(vector, WireFeeUpload.self)
        case "FeeCancel": try check(vector, WireFeeCancel.self)
        case "Discharge": try check(vector, WireDischarge.self)
        case "AdmissionDetails": try check(vector, WireAdmissionDetails.self)
        case "AdmissionResponse": try check(vector, WireAdmissionResponse.self)
        case "AdmissionDetailsResponse": try check(vector, WireAdmissionDetailsResponse.self)
        case "Void": try check(vector, WireVoid.self)
        case "Refund": try check(vector, WireRefund.self)
        case "Reversal": try check(vector, WireReversal.self)
        case "SettlementStatus": try check(vector, WireSettlementStatus.self)
        case "ReceiptCopy": try check(vector, WireReceiptCopy.self)
        case "ReconciliationTotals": try check(vector, WireReconciliationTotals.self)
        case "ReconciliationDetails": try check(vector, WireReconciliationDetails.self)
        case "ReconciliationDifferences": try check(vector, WireReconciliationDifferences.self)
        case "Result": try check(vector, WireResult.self)
        case "SignOnResponse": try check(vector, WireSignOnResponse.self)
        case "EchoResponse": try check(vector, WireEchoResponse.self)
        case "CatalogPageResponse": try check(vector, WireCatalogPageResponse.self)
        case "CardInquiryResponse": try check(vector, WireCardInquiryResponse.self)
        case "SettleResponse": try check(vector, WireSettleResponse.self)
        case "SettlementStatusResponse": try check(vector, WireSettlementStatusResponse.self)
        case "UndoResponse": try check(vector, WireUndoResponse.self)
        case "ReceiptCopyResponse": try check(vector, WireReceiptCopyResponse.self)
        case "ReconciliationTotalsResponse":
            try check(vector, WireReconciliationTotalsResponse.self)
        case "ReconciliationDetailsResponse":
            try check(vector, WireReconciliationDetailsResponse.self)
        case "ReconciliationDifferencesResponse":
            try check(vector, WireReconciliationDifferencesResponse.self)
        default: Issue.record("unknown message \(vector.message)")
        }
    }

    private func check<Wire: Message & Equatable>(_ vector: MessageVector, _: Wire.Type) throws {
        let written = try Wire(jsonString: vector.decoded)
        let read = try #require(Wire(body: vector.body))
        #expect(read == written)
        if vector.isCanonical {
            #expect(Hex.text(written.bodyBytes) == Hex.text(vector.body.readableBytesView))
        }
    }

    @Test("a request that is read and written again is the same", arguments: Vectors.requests)
    func requestsBothWays(_ vector: MessageVector) throws {
        let request = try RequestDecoder.decode(vector.kindNumber, vector.body)
        #expect(request.kind.rawValue == vector.kindNumber)
        let body =
            switch request {
            case .signOn(let request): RequestEncoder.signOn(request)
            case .signOff(let header): RequestEncoder.signOff(header)
            case .echo(let header): RequestEncoder.echo(header)
            case .catalogPage(let request): RequestEncoder.catalogPage(request)
            case .ledger(let message): try encode(message)
            case .reversal(let request): try encode(request)
            case .settlementStatus(let request): RequestEncoder.settlementStatus(request)
            case .receiptCopy(let request): RequestEncoder.receiptCopy(request)
            case .admissionDetails(let request): RequestEncoder.admissionDetails(request)
            case .reconciliationTotals(let request): RequestEncoder.reconciliationTotals(request)
            case .reconciliationDetails(let request): encode(request)
            case .reconciliationDifferences(let request): encode(request)
            case .operatorApply, .operatorQuery, .operatorMaintenance, .dayClose: [UInt8]()
            }
        #expect(Hex.text(body) == Hex.text(vector.body.readableBytesView))
    }

    private func encode(_ message: LedgerMessage) throws -> [UInt8] {
        switch message.command {
        case .inquire(let inquiry):
            RequestEncoder.cardInquiry(
                message.header, card: try #require(inquiry.card), pinBlock: message.pinBlock)
        case .settle(let command), .quote(let command):
            RequestEncoder.settle(message.header, command, pinBlock: message.pinBlock)
        case .card(let command):
            RequestEncoder.cardService(
                message.header, command, pinBlock: message.pinBlock,
                newPINBlock: message.newPINBlock)
        case .family(let command):
            RequestEncoder.family(message.header, command, pinBlock: message.pinBlock)
        case .query(let query):
            RequestEncoder.personQuery(message.header, query, pinBlock: message.pinBlock)
        case .contribute(.declare(let page)):
            RequestEncoder.contributionDeclaration(message.header, page)
        case .contribute(.pay(let line)):
            RequestEncoder.contributionPayment(message.header, line)
        case .inpatient(let command): encode(command, message)
        case .claim(let command):
            RequestEncoder.claim(message.header, command, pinBlock: message.pinBlock)
        case .void(let command): RequestEncoder.void(message.header, command)
        case .refund(let command): RequestEncoder.refund(message.header, command)
        case .reverse, .status, .copyReceipt, .closeDay, .register: []
        }
    }

    private func encode(_ command: InpatientCommand, _ message: LedgerMessage) -> [UInt8] {
        let header = message.header
        return switch command {
        case .admit(let command):
            RequestEncoder.admit(header, command, pinBlock: message.pinBlock)
        case .upload(let command): RequestEncoder.feeUpload(header, command)
        case .cancel(let id, let upload): RequestEncoder.feeCancel(header, id, upload: upload)
        case .discharge(let command, _):
            RequestEncoder.discharge(header, command, pinBlock: message.pinBlock)
        case .details: []
        }
    }

    private func encode(_ request: ReversalRequest) throws -> [UInt8] {
        RequestEncoder.reversal(
            request.header, originalDate: request.originalDate,
            originalSTAN: request.originalSTAN, card: try #require(request.card),
            total: request.total)
    }

    private func encode(_ request: ReconciliationDetailsRequest) -> [UInt8] {
        let terminal = Samples.terminal
        let resolved = request.resolved(at: terminal, today: Samples.today)
        return RequestEncoder.reconciliationDetails(
            request.header, date: request.date, scope: request.scope, after: resolved.after,
            count: request.count, terminal: terminal)
    }

    private func encode(_ request: ReconciliationDifferencesRequest) -> [UInt8] {
        let terminal = Samples.terminal
        let resolved = request.resolved(at: terminal, today: Samples.today)
        return RequestEncoder.reconciliationDifferences(
            request.header, date: request.date, scope: request.scope, ranges: resolved.ranges,
            terminal: terminal)
    }

    @Test("a response is read with its code, reason and payload", arguments: Vectors.responses)
    func responses(_ vector: MessageVector) throws {
        let response = try ResponseDecoder.decode(
            vector.kindNumber, vector.body, terminal: Samples.terminal)
        let written = try #require(WireResult(body: vector.body))
        #expect(Int(response.result.code.rawValue) == written.code.rawValue)
        #expect(Int(response.result.reason.rawValue) == written.reason.rawValue)
        #expect(response.result.detail == written.detail)
        #expect(response.result.time == written.time)
        let carries =
            switch response.payload {
            case .none: "Result"
            case .signOn: "SignOnResponse"
            case .echo: "EchoResponse"
            case .catalogPage: "CatalogPageResponse"
            case .inquiry: "CardInquiryResponse"
            case .cardService: "CardServiceResponse"
            case .declaration: "ContributionDeclarationResponse"
            case .contribution: "ContributionPaymentResponse"
            case .transactions: "TransactionListResponse"
            case .months: "MonthlyEntriesResponse"
            case .annual: "AnnualStatementResponse"
            case .accesses: "AccessLogResponse"
            case .contributionRecords: "ContributionRecordsResponse"
            case .family: "FamilyResponse"
            case .familyList: "FamilyListResponse"
            case .admission: "AdmissionResponse"
            case .admissionDetails: "AdmissionDetailsResponse"
            case .claims: vector.kindNumber == 0xcc ? "ClaimListResponse" : "ClaimResponse"
            case .settlement: "SettleResponse"
            case .status: "SettlementStatusResponse"
            case .undone: "UndoResponse"
            case .receiptCopy: "ReceiptCopyResponse"
            case .reconciliationTotals: "ReconciliationTotalsResponse"
            case .reconciliationDetails: "ReconciliationDetailsResponse"
            case .reconciliationDifferences: "ReconciliationDifferencesResponse"
            case .registered, .page, .maintained: "OperatorResponse"
            }
        #expect(carries == (vector.bodyBytes == 12 ? "Result" : vector.message))
    }

    @Test("every split in a vector keeps the identities", arguments: Vectors.responses)
    func identities(_ vector: MessageVector) throws {
        let response = try ResponseDecoder.decode(
            vector.kindNumber, vector.body, terminal: Samples.terminal)
        // The parts of a stay are read page by page.
        guard case .settlement(let settlement) = response.payload, settlement.admission == nil
        else { return }
        var split = settlement.split
        #expect(settlement.family.map(\.amount.fen).reduce(0, +) == split.family.fen)
        // Owners are told by name only; a stand-in lets the identities be asked for.
        let owner = try #require(PersonID(rawValue: 1))
        split.owners = settlement.family.map { FamilyShare(owner: owner, amount: $0.amount) }
        #expect(split.brokenIdentity() == nil)
        for part in split.parts { #expect(part.itemClass == part.reason.itemClass) }
    }

    @Test("a malformed frame is refused with its reason", arguments: Vectors.malformedFrames)
    func malformedFrames(_ vector: FaultVector) throws {
        let decoder = FrameReader(vector.direction == "requests" ? .requests : .responses)
        decoder.append(ByteBuffer(bytes: try Hex.bytes(vector.frame)))
        let fault = try #require(throws: FrameFault.self) { try decoder.next() }
        #expect(fault.code.rawValue == vector.expect.code)
        #expect(fault.reason.rawValue == vector.expect.reason)
        #expect(fault.detail == vector.expect.detail)
    }

    @Test("a malformed body is refused with its reason", arguments: Vectors.malformedBodies)
    func malformedBodies(_ vector: FaultVector) throws {
        let decoder = FrameReader(.requests)
        decoder.append(ByteBuffer(bytes: try Hex.bytes(vector.frame)))
        let frame = try #require(try decoder.next())
        let fault = try #require(throws: RequestFault.self) {
            try RequestDecoder.decode(frame.kind, frame.body)
        }
        #expect(fault.code.rawValue == vector.expect.code)
        #expect(fault.reason.rawValue == vector.expect.reason)
        #expect(fault.detail == vector.expect.detail)
    }
}
