import Foundation
import Ledger
import NIOCore
import SettlementDomain

/// A stay as a hospital sees it.
public struct AdmissionContent: Sendable, Hashable {
    /// The stay.
    public var id: AdmissionID
    /// How far it is.
    public var state: AdmissionRow.State
    /// Its first day.
    public var admittedOn: CivilDate
    /// What for; nil where it was not said.
    public var diagnosis: DiseaseCode?
    /// The person's name, masked.
    public var nameMasked: String
    /// How many uploads were made, cancelled ones too.
    public var uploads: UInt32
    /// The lines of the uploads that stand.
    public var lineCount: UInt32
    /// The sum of the uploads that stand.
    public var total: Money
    /// The discharge that stands.
    public var settlement: SettlementID?
    /// The number of the upload that was made or cancelled; nil where it was none.
    public var upload: UInt32?
}

/// One page of what a stay consists of.
public struct AdmissionDetailsContent: Sendable, Hashable {
    /// An upload.
    public struct Upload: Sendable, Hashable {
        /// Its number, from 1.
        public var number: UInt32
        /// When the services were given.
        public var day: CivilDate
        /// How many lines.
        public var lineCount: UInt32
        /// Their sum.
        public var total: Money
        /// Whether it was taken back.
        public var isCancelled: Bool
        /// The request that made it.
        public var request: RequestKey
    }

    /// A line and where it came from.
    public struct Line: Sendable, Hashable {
        /// The number of its upload.
        public var upload: UInt32
        /// The line with its day, without trace codes.
        public var line: BillLine
    }

    /// The stay.
    public var admission: AdmissionContent
    /// Of the view `uploads`.
    public var uploads: [Upload]
    /// Of the view `lines`.
    public var lines: [Line]
    /// Of the view `parts`.
    public var parts: [LinePart]
    /// Where the next page begins; nil: this was the last.
    public var next: UInt32?
}

extension ResponseEncoder {
    static func admission(_ answer: AdmissionAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireAdmissionResponse(result)
        wire.admission = admission(answer.admission, answer.nameMasked)
        wire.upload = UInt32(answer.upload ?? 0)
        return wire.bodyBytes
    }

    static func admissionDetails(
        _ answer: AdmissionDetailsAnswer, _ result: ResultFields
    ) -> [UInt8] {
        var wire = WireAdmissionDetailsResponse(result)
        wire.admission = admission(answer.admission, answer.nameMasked)
        wire.uploads = answer.uploads.map { row in
            var upload = WireUpload()
            upload.number = UInt32(row.key.number)
            upload.feeDate = UInt32(row.day.yyyymmdd)
            upload.lineCount = UInt32(row.lines.count)
            upload.total = row.total.fen
            upload.cancelled = row.isCancelled
            upload.businessDate = UInt32(row.request.date.yyyymmdd)
            upload.terminal = row.request.terminal.text
            upload.stan = row.request.stan
            return upload
        }
        wire.lines = answer.lines.map { row in
            var line = WireAdmissionLine()
            line.upload = UInt32(row.upload)
            if let day = row.line.day { line.feeDate = UInt32(day.yyyymmdd) }
            line.line = RequestEncoder.line(
                RequestLine(
                    item: .code(row.line.code), quantity: row.line.quantity,
                    unitPrice: row.line.unitPrice, amount: row.line.amount,
                    courseDays: row.line.courseDays, traceCodes: []))
            return line
        }
        wire.parts = answer.parts.map(part)
        wire.next = answer.next.map { UInt32(clamping: $0) } ?? 0
        return wire.bodyBytes
    }

    private static func admission(_ row: AdmissionRow, _ nameMasked: String) -> WireAdmission {
        var wire = WireAdmission()
        wire.admission = row.id.description
        wire.state = WireAdmissionState(rawValue: Int(row.state.rawValue)) ?? .unspecified
        wire.admittedOn = UInt32(row.admittedOn.yyyymmdd)
        wire.diagnosis = row.diagnosis?.text ?? ""
        wire.nameMasked = nameMasked
        wire.uploads = UInt32(row.uploads)
        wire.lineCount = row.lineCount
        wire.total = row.total.fen
        wire.settlementID = row.settlement?.description ?? ""
        return wire
    }
}

extension ResponseDecoder {
    static func admission(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        let wire: WireAdmissionResponse = try message(kind, body)
        guard wire.hasAdmission else { return .none }
        var content = try admission(wire.admission)
        content.upload = wire.upload == 0 ? nil : wire.upload
        return .admission(content)
    }

    static func admissionDetails(
        _ body: ByteBuffer
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        let wire: WireAdmissionDetailsResponse = try message(.admissionDetails, body)
        guard wire.hasAdmission else { return .none }
        var content = AdmissionDetailsContent(
            admission: try admission(wire.admission), uploads: [], lines: [], parts: [],
            next: wire.next == 0 ? nil : wire.next)
        for upload in wire.uploads {
            guard let terminal = TerminalID(upload.terminal) else {
                throw .field("uploads.terminal")
            }
            content.uploads.append(
                AdmissionDetailsContent.Upload(
                    number: upload.number, day: try date(upload.feeDate, "uploads.fee_date"),
                    lineCount: upload.lineCount, total: try amount(upload.total),
                    isCancelled: upload.cancelled,
                    request: RequestKey(
                        terminal: terminal,
                        date: try date(upload.businessDate, "uploads.business_date"),
                        stan: upload.stan)))
        }
        for row in wire.lines {
            var line = try billLine(row.line)
            line.day = try date(row.feeDate, "lines.fee_date")
            content.lines.append(
                AdmissionDetailsContent.Line(upload: row.upload, line: line))
        }
        for part in wire.parts { content.parts.append(try self.part(part)) }
        return .admissionDetails(content)
    }

    private static func admission(
        _ wire: WireAdmission
    ) throws(ResponseFault) -> AdmissionContent {
        guard let id = AdmissionID(wire.admission) else { throw .field("admission.admission") }
        guard let state = UInt8(exactly: wire.state.rawValue).flatMap(AdmissionRow.State.init)
        else { throw .field("admission.state") }
        return AdmissionContent(
            id: id, state: state, admittedOn: try date(wire.admittedOn, "admission.admitted_on"),
            diagnosis: DiseaseCode(wire.diagnosis), nameMasked: wire.nameMasked,
            uploads: wire.uploads, lineCount: wire.lineCount, total: try amount(wire.total),
            settlement: wire.settlementID.isEmpty ? nil : try settlementID(wire.settlementID))
    }
}
