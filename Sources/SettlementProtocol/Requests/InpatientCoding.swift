import Foundation
import Ledger
import NIOCore
import SettlementDomain

/// Asks for one page of what a stay consists of.
public struct AdmissionDetailsRequest: Sendable, Hashable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// Which stay.
    public var admission: AdmissionID
    /// Which part of it.
    public var view: AdmissionView
    /// How many rows to pass over.
    public var from: UInt32

    /// Creates a request of its parts.
    public init(
        header: RequestHeader, admission: AdmissionID, view: AdmissionView, from: UInt32 = 0
    ) {
        self.header = header
        self.admission = admission
        self.view = view
        self.from = from
    }

    /// What the ledger is asked.
    public var command: Command { .inpatient(.details(admission, view, from: Int(from))) }
}

extension RequestDecoder {
    static func admit(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "admit"
        guard var wire = WireAdmit(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let command = AdmitCommand(
            card: try card(path, wire.card), proof: .absent,
            admittedOn: try date("\(path).admitted_on", wire.admittedOn),
            diagnosis: try diagnosis(path, wire.diagnosis))
        let block = pinBlock(wire.pinBlock)
        wire.pinBlock = Data()
        return LedgerMessage(
            header: header, command: .inpatient(.admit(command)), pinBlock: block,
            voucher: voucher(.admit, wire.bodyBytes))
    }

    static func feeUpload(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "fee_upload"
        guard let wire = WireFeeUpload(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let admission = try admission(path, wire.admission)
        let day = try date("\(path).fee_date", wire.feeDate)
        guard wire.lines.count <= linesReadMax else {
            throw .outOfRange("\(path).lines", "\(wire.lines.count) lines, at most 200")
        }
        var lines: [RequestLine] = []
        for index in wire.lines.indices {
            lines.append(try line(LineFields(wire.lines[index]), path, index))
        }
        let command = FeeUploadCommand(
            admission: admission, day: day, total: Money(fen: wire.total),
            catalogVersion: wire.catalogVersion == 0
                ? nil : CatalogVersion(rawValue: wire.catalogVersion), lines: lines)
        return LedgerMessage(
            header: header, command: .inpatient(.upload(command)), pinBlock: nil,
            voucher: voucher(.feeUpload, wire.bodyBytes))
    }

    static func feeCancel(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "fee_cancel"
        guard let wire = WireFeeCancel(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let admission = try admission(path, wire.admission)
        guard let upload = UInt16(exactly: wire.upload) else {
            throw .outOfRange("\(path).upload", "\(wire.upload), at most 65535")
        }
        return LedgerMessage(
            header: header,
            command: .inpatient(.cancel(admission, upload: upload == 0 ? nil : upload)),
            pinBlock: nil, voucher: voucher(.feeCancel, wire.bodyBytes))
    }

    static func discharge(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(RequestFault) -> LedgerMessage {
        let path = kind == .discharge ? "discharge" : "discharge_quote"
        guard var wire = WireDischarge(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let admission = try admission(path, wire.admission)
        let command = DischargeCommand(
            admission: admission, card: try card(path, wire.card),
            dischargedOn: try date("\(path).discharged_on", wire.dischargedOn),
            total: Money(fen: wire.total), partialAllowed: wire.partialAllowed,
            accountLimit: wire.hasAccountLimit ? Money(fen: wire.accountLimit) : nil,
            quoteDigest: wire.quoteDigest, billNumber: try billNumber(path, wire.billNumber))
        let block = pinBlock(wire.pinBlock)
        wire.pinBlock = Data()
        return LedgerMessage(
            header: header, command: .inpatient(.discharge(command, debits: kind == .discharge)),
            pinBlock: block, voucher: voucher(kind, wire.bodyBytes))
    }

    static func admissionDetails(
        _ body: ByteBuffer
    ) throws(RequestFault) -> AdmissionDetailsRequest {
        let path = "admission_details"
        guard let wire = WireAdmissionDetails(body: body) else { throw unreadable(path) }
        let header = try header(path, wire.businessDate, wire.stan, wire.terminalTime)
        let admission = try admission(path, wire.admission)
        guard let view = UInt8(exactly: wire.view.rawValue).flatMap(AdmissionView.init) else {
            throw .outOfRange("\(path).view", "\(wire.view.rawValue) is no view")
        }
        return AdmissionDetailsRequest(
            header: header, admission: admission, view: view, from: wire.from)
    }

    private static func admission(
        _ path: String, _ text: String
    ) throws(RequestFault) -> AdmissionID {
        guard !text.isEmpty else { throw .missing("\(path).admission") }
        guard let id = AdmissionID(text) else {
            throw .outOfRange(
                "\(path).admission",
                "must be a date, a terminal and a STAN: 20261123-T0000001-000042")
        }
        return id
    }
}

extension RequestEncoder {
    /// Begins a stay; the command's card must be given.
    public static func admit(
        _ header: RequestHeader, _ command: AdmitCommand, pinBlock: [UInt8]?
    ) -> [UInt8] {
        var wire = WireAdmit()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        if let card = command.card { wire.card = Data(card.bcd) }
        if let pinBlock { wire.pinBlock = Data(pinBlock) }
        wire.admittedOn = number(command.admittedOn)
        wire.diagnosis = command.diagnosis?.text ?? ""
        return wire.bodyBytes
    }

    /// Keeps fees with an open stay.
    public static func feeUpload(_ header: RequestHeader, _ command: FeeUploadCommand) -> [UInt8] {
        var wire = WireFeeUpload()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.admission = command.admission.description
        wire.feeDate = number(command.day)
        wire.total = command.total.fen
        wire.catalogVersion = command.catalogVersion?.rawValue ?? 0
        wire.lines = command.lines.map(line)
        return wire.bodyBytes
    }

    /// Takes back an upload, or, with nil, a stay without fees.
    public static func feeCancel(
        _ header: RequestHeader, _ admission: AdmissionID, upload: UInt16?
    ) -> [UInt8] {
        var wire = WireFeeCancel()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.admission = admission.description
        wire.upload = UInt32(upload ?? 0)
        return wire.bodyBytes
    }

    /// The body of a discharge and of its quote; the command's card must be given.
    public static func discharge(
        _ header: RequestHeader, _ command: DischargeCommand, pinBlock: [UInt8]?
    ) -> [UInt8] {
        var wire = WireDischarge()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.admission = command.admission.description
        if let card = command.card { wire.card = Data(card.bcd) }
        if let pinBlock { wire.pinBlock = Data(pinBlock) }
        wire.dischargedOn = number(command.dischargedOn)
        wire.total = command.total.fen
        wire.partialAllowed = command.partialAllowed
        if let limit = command.accountLimit { wire.accountLimit = limit.fen }
        wire.quoteDigest = command.quoteDigest
        wire.billNumber = command.billNumber ?? ""
        return wire.bodyBytes
    }

    /// Asks for one page of what a stay consists of.
    public static func admissionDetails(_ request: AdmissionDetailsRequest) -> [UInt8] {
        var wire = WireAdmissionDetails()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.admission = request.admission.description
        wire.view = WireAdmissionView(rawValue: Int(request.view.rawValue)) ?? .viewUploads
        wire.from = request.from
        return wire.bodyBytes
    }
}
