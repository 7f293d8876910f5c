import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension WireClaimSubmit: AskingFields {}

extension RequestDecoder {
    /// Reads the body of a claim's submission.
    static func claimSubmit(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "claim_submit"
        guard var wire = WireClaimSubmit(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let asking = try asking(path, wire)
        let clerk = try clerk(path, wire.clerk)
        guard (1...ClaimRow.billsMax).contains(wire.bills.count) else {
            if wire.bills.isEmpty { throw .missing("\(path).bills") }
            throw .outOfRange("\(path).bills", "\(wire.bills.count), at most \(ClaimRow.billsMax)")
        }
        var bills: [SubmittedBill] = []
        for (index, bill) in wire.bills.enumerated() {
            bills.append(try self.bill("\(path).bills[\(index)]", bill))
        }
        let submission = ClaimSubmission(
            asking: asking, clerk: clerk,
            catalogVersion: wire.catalogVersion == 0
                ? nil : CatalogVersion(rawValue: wire.catalogVersion),
            bills: bills, documents: try documents(path, wire.documents),
            payee: try payee("\(path).payee", wire.hasPayee, wire.payee))
        let pinBlock = pinBlock(wire.pinBlock)
        wire.pinBlock = Data()
        return LedgerMessage(
            header: header, command: .claim(.submit(submission)), pinBlock: pinBlock,
            voucher: voucher(.claimSubmit, wire.bodyBytes))
    }

    /// Reads the body of a step on the way to a decision.
    static func claimReview(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "claim_review"
        guard let wire = WireClaimReview(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let id = try claim(path, wire.claim)
        let clerk = try clerk(path, wire.clerk)
        let documents: [ClaimDocument]
        switch wire.step {
        case .wantDocuments, .supplement: documents = try self.documents(path, wire.documents)
        case .takeUp, .withdraw: documents = []
        case .claimReviewUnspecified: throw .missing("\(path).step")
        case .UNRECOGNIZED(let number):
            throw .outOfRange("\(path).step", "\(number) is no step of a review")
        }
        let text = try text("\(path).text", wire.text, bytesMax: ClaimEvent.textBytesMax)
        let review: ClaimReview =
            switch wire.step {
            case .wantDocuments: .wantDocuments(documents, text: text)
            case .supplement: .supplement(documents, text: text)
            case .withdraw: .withdraw(text: text)
            default: .takeUp
            }
        return LedgerMessage(
            header: header, command: .claim(.review(id, clerk: clerk, review)), pinBlock: nil,
            voucher: voucher(.claimReview, wire.bodyBytes))
    }

    /// Reads the body of a decision.
    static func claimDecide(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "claim_decide"
        guard let wire = WireClaimDecide(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let id = try claim(path, wire.claim)
        let clerk = try clerk(path, wire.clerk)
        let decision: ClaimDecision
        if wire.approve {
            guard wire.share <= 10_000, let share = Ratio(tenThousandths: Int64(wire.share)) else {
                throw .outOfRange("\(path).share", "\(wire.share), not 1...10000")
            }
            guard wire.disallowed.count <= Disallowance.countMax else {
                throw .outOfRange(
                    "\(path).disallowed",
                    "\(wire.disallowed.count), at most \(Disallowance.countMax)")
            }
            var disallowed: [Disallowance] = []
            for (index, item) in wire.disallowed.enumerated() {
                disallowed.append(
                    Disallowance(
                        bill: Int(item.bill), line: Int(item.line),
                        amount: item.amount == 0 ? nil : Money(fen: item.amount),
                        text: try requiredText(
                            "\(path).disallowed[\(index)].text", item.text,
                            bytesMax: Disallowance.textBytesMax)))
            }
            decision = .approve(share: wire.share == 0 ? .one : share, disallowed)
        } else {
            decision = .refuse(
                text: try requiredText(
                    "\(path).text", wire.text, bytesMax: ClaimEvent.textBytesMax))
        }
        return LedgerMessage(
            header: header, command: .claim(.decide(id, clerk: clerk, decision)), pinBlock: nil,
            voucher: voucher(.claimDecide, wire.bodyBytes))
    }

    /// Reads the body of a payment.
    static func claimPay(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "claim_pay"
        guard let wire = WireClaimPay(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let id = try claim(path, wire.claim)
        let clerk = try clerk(path, wire.clerk)
        let reference = try requiredText(
            "\(path).reference", wire.reference, bytesMax: PowerOfAttorney.referenceBytesMax)
        return LedgerMessage(
            header: header, command: .claim(.pay(id, clerk: clerk, reference: reference)),
            pinBlock: nil, voucher: voucher(.claimPay, wire.bodyBytes))
    }

    /// A claim's id.
    static func claim(_ path: String, _ text: String) throws(RequestFault) -> ClaimID {
        guard !text.isEmpty else { throw .missing("\(path).claim") }
        guard let id = ClaimID(text) else {
            throw .outOfRange(
                "\(path).claim", "must be a date, a terminal and a STAN: 20261123-T0000001-000042")
        }
        return id
    }

    /// The name of the clerk who acts.
    static func clerk(_ path: String, _ text: String) throws(RequestFault) -> String {
        try requiredText("\(path).clerk", text, bytesMax: IdentityCheck.clerkBytesMax)
    }

    /// The number of a bill; nil where none is given.
    static func billNumber(_ path: String, _ value: String) throws(RequestFault) -> String? {
        guard !value.isEmpty else { return nil }
        let number = try text("\(path).bill_number", value, bytesMax: ClaimBill.numberBytesMax)
        return try notBlank("\(path).bill_number", number)
    }

    /// Refuses a number or code of which nothing is left as bills' names are compared: it would be every
    /// other blank one's.
    static func notBlank(_ path: String, _ text: String) throws(RequestFault) -> String {
        guard !BillKey(code: "", number: text).number.isEmpty else {
            throw .outOfRange(path, "must have more than spaces")
        }
        return text
    }

    // MARK: Parts of a submission

    private static func bill(
        _ path: String, _ wire: WireClaimBill
    ) throws(RequestFault) -> SubmittedBill {
        let place = try place("\(path).place", wire.place)
        let number = try notBlank(
            "\(path).bill_number",
            try requiredText(
                "\(path).bill_number", wire.billNumber, bytesMax: ClaimBill.numberBytesMax))
        let day = try requiredDate(path, "service_date", wire.serviceDate)
        guard let visit = UInt8(exactly: wire.visitType.rawValue).flatMap(VisitType.init) else {
            if wire.visitType == .unspecified { throw .missing("\(path).visit_type") }
            throw .outOfRange("\(path).visit_type", "\(wire.visitType.rawValue) is no visit type")
        }
        let diagnosis = try diagnosis(path, wire.diagnosis)
        guard wire.lines.count <= linesReadMax else {
            throw .outOfRange("\(path).lines", "\(wire.lines.count) lines, at most 200")
        }
        var lines: [RequestLine] = []
        for index in wire.lines.indices {
            lines.append(try line(LineFields(wire.lines[index]), path, index))
        }
        guard wire.distinctFrom.count <= ClaimRow.distinctMax else {
            throw .outOfRange(
                "\(path).distinct_from",
                "\(wire.distinctFrom.count), at most \(ClaimRow.distinctMax)")
        }
        var distinct: [SettlementID] = []
        for (index, text) in wire.distinctFrom.enumerated() {
            guard let id = SettlementID(text) else {
                throw .outOfRange("\(path).distinct_from[\(index)]", "is no settlement's id")
            }
            distinct.append(id)
        }
        let bill = ClaimBill(
            place: place, number: number, serviceDate: day, visitType: visit,
            diagnosis: diagnosis, lines: [], total: Money(fen: wire.total),
            distinctFrom: distinct)
        return SubmittedBill(bill: bill, lines: lines)
    }

    private static func place(
        _ path: String, _ wire: WireClaimPlace
    ) throws(RequestFault) -> ClaimPlace {
        guard wire.institution.isEmpty else {
            guard let id = InstitutionID(wire.institution) else {
                throw .outOfRange("\(path).institution", "is no institution's code")
            }
            guard wire.code.isEmpty else {
                throw .outOfRange("\(path).code", "an institution is named already")
            }
            // What is known of it is put in later.
            return ClaimPlace(
                institution: id, code: id.text, name: "", kind: .hospital, level: .unrated)
        }
        let code = try notBlank(
            "\(path).code",
            try requiredText("\(path).code", wire.code, bytesMax: ClaimPlace.codeBytesMax))
        let name = try requiredText(
            "\(path).name", wire.name, bytesMax: ClaimPlace.nameBytesMax)
        guard let kind = UInt8(exactly: wire.kind.rawValue).flatMap(InstitutionKind.init),
            wire.kind.rawValue <= WireInstitutionKind.vaccinationClinic.rawValue
        else {
            if wire.kind == .unspecified { throw .missing("\(path).kind") }
            throw .outOfRange("\(path).kind", "\(wire.kind.rawValue) treats and sells nothing")
        }
        guard let level = UInt8(exactly: wire.level.rawValue).flatMap(InstitutionLevel.init)
        else { throw .outOfRange("\(path).level", "\(wire.level.rawValue) is no level") }
        return ClaimPlace(institution: nil, code: code, name: name, kind: kind, level: level)
    }

    private static func documents(
        _ path: String, _ wire: [WireClaimDocument]
    ) throws(RequestFault) -> [ClaimDocument] {
        guard (1...ClaimRow.documentsMax).contains(wire.count) else {
            if wire.isEmpty { throw .missing("\(path).documents") }
            throw .outOfRange(
                "\(path).documents", "\(wire.count), at most \(ClaimRow.documentsMax)")
        }
        var documents: [ClaimDocument] = []
        for (index, document) in wire.enumerated() {
            guard
                let kind = UInt8(exactly: document.kind.rawValue)
                    .flatMap(ClaimDocumentKind.init(rawValue:))
            else {
                throw .outOfRange(
                    "\(path).documents[\(index)].kind",
                    "\(document.kind.rawValue) is no kind of document")
            }
            guard (1...UInt32(ClaimDocument.sheetsMax)).contains(document.sheets) else {
                throw .outOfRange(
                    "\(path).documents[\(index)].sheets",
                    "\(document.sheets), not 1...\(ClaimDocument.sheetsMax)")
            }
            documents.append(ClaimDocument(kind: kind, sheets: UInt16(document.sheets)))
        }
        return documents
    }

    private static func payee(
        _ path: String, _ isThere: Bool, _ wire: WirePayee
    ) throws(RequestFault) -> Payee {
        guard isThere else { throw .missing(path) }
        guard wire.card.isEmpty else {
            guard wire.number.isEmpty else {
                throw .outOfRange("\(path).number", "a card is named already")
            }
            guard let card = try card(path, wire.card) else {
                throw .format(.cardNumberInvalid, "\(path).card", "its check digit is wrong")
            }
            return .card(card)
        }
        return .bankAccount(
            holder: try requiredText(
                "\(path).holder", wire.holder, bytesMax: Payee.nameBytesMax),
            bank: try requiredText("\(path).bank", wire.bank, bytesMax: Payee.nameBytesMax),
            number: try requiredText(
                "\(path).number", wire.number, bytesMax: Payee.numberBytesMax))
    }
}

extension RequestEncoder {
    /// The body of a step of a claim; the command's proof is not written.
    public static func claim(
        _ header: RequestHeader, _ command: ClaimCommand, pinBlock: [UInt8]? = nil
    ) -> [UInt8] {
        switch command {
        case .submit(let submission): return submit(header, submission, pinBlock: pinBlock)
        case .review(let id, let clerk, let review):
            var wire = WireClaimReview()
            (wire.businessDate, wire.stan, wire.terminalTime) = fields(header)
            wire.claim = id.description
            wire.clerk = clerk
            switch review {
            case .takeUp: wire.step = .takeUp
            case .wantDocuments(let documents, let text):
                wire.step = .wantDocuments
                wire.documents = documents.map(document)
                wire.text = text
            case .supplement(let documents, let text):
                wire.step = .supplement
                wire.documents = documents.map(document)
                wire.text = text
            case .withdraw(let text):
                wire.step = .withdraw
                wire.text = text
            }
            return wire.bodyBytes
        case .decide(let id, let clerk, let decision):
            var wire = WireClaimDecide()
            (wire.businessDate, wire.stan, wire.terminalTime) = fields(header)
            wire.claim = id.description
            wire.clerk = clerk
            switch decision {
            case .approve(let share, let disallowed):
                wire.approve = true
                wire.share = share == .one ? 0 : UInt32(share.tenThousandths)
                wire.disallowed = disallowed.map(disallowance)
            case .refuse(let text): wire.text = text
            }
            return wire.bodyBytes
        case .pay(let id, let clerk, let reference):
            var wire = WireClaimPay()
            (wire.businessDate, wire.stan, wire.terminalTime) = fields(header)
            wire.claim = id.description
            wire.clerk = clerk
            wire.reference = reference
            return wire.bodyBytes
        }
    }

    private static func fields(_ header: RequestHeader) -> (UInt32, UInt32, Int64) {
        (number(header.businessDate), header.stan, header.terminalTime)
    }

    private static func submit(
        _ header: RequestHeader, _ submission: ClaimSubmission, pinBlock: [UInt8]?
    ) -> [UInt8] {
        var wire = WireClaimSubmit()
        (wire.businessDate, wire.stan, wire.terminalTime) = fields(header)
        put(submission.asking, pinBlock: pinBlock, into: &wire)
        wire.clerk = submission.clerk
        wire.catalogVersion = submission.catalogVersion?.rawValue ?? 0
        wire.bills = submission.bills.map { submitted in
            var bill = self.bill(submitted.bill)
            bill.lines = submitted.lines.map(line)
            bill.distinctFrom = submitted.bill.distinctFrom.map(\.description)
            return bill
        }
        wire.documents = submission.documents.map(document)
        switch submission.payee {
        case .card(let number): wire.payee.card = Data(number.bcd)
        case .bankAccount(let holder, let bank, let number):
            wire.payee.holder = holder
            wire.payee.bank = bank
            wire.payee.number = number
        case nil: break
        }
        return wire.bodyBytes
    }

    /// A bill without its lines.
    static func bill(_ bill: ClaimBill) -> WireClaimBill {
        var wire = WireClaimBill()
        if let institution = bill.place.institution {
            wire.place.institution = institution.text
        } else {
            wire.place.code = bill.place.code
            wire.place.name = bill.place.name
            wire.place.kind =
                WireInstitutionKind(rawValue: Int(bill.place.kind.rawValue)) ?? .unspecified
            wire.place.level =
                WireInstitutionLevel(rawValue: Int(bill.place.level.rawValue))
                ?? .institutionUnrated
        }
        wire.billNumber = bill.number
        wire.serviceDate = number(bill.serviceDate)
        wire.visitType = WireVisitType(rawValue: Int(bill.visitType.rawValue)) ?? .unspecified
        wire.diagnosis = bill.diagnosis?.text ?? ""
        wire.total = bill.total.fen
        return wire
    }

    static func document(_ document: ClaimDocument) -> WireClaimDocument {
        var wire = WireClaimDocument()
        wire.kind =
            WireClaimDocumentKind(rawValue: Int(document.kind.rawValue))
            ?? .claimDocumentUnspecified
        wire.sheets = UInt32(document.sheets)
        return wire
    }

    static func disallowance(_ item: Disallowance) -> WireDisallowance {
        var wire = WireDisallowance()
        wire.bill = UInt32(clamping: item.bill)
        wire.line = UInt32(clamping: item.line)
        wire.amount = item.amount?.fen ?? 0
        wire.text = item.text
        return wire
    }
}
