import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension WireClaimResponse: ResultBearing {}
extension WireClaimListResponse: ResultBearing {}

/// Claims, as a counter sees them.
public struct ClaimList: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// The claim of a step, or the newest first.
    public var claims: [ClaimContent]
    /// Goes into the question for the next page; nil: this was the last.
    public var next: UInt64?
}

/// A claim, as a counter sees it.
public struct ClaimContent: Sendable, Hashable {
    /// Its id.
    public var id: ClaimID
    /// How far it is.
    public var state: ClaimRow.State
    /// Who took it in.
    public var agency: String
    /// What the bills sum to.
    public var total: Money
    /// What the funds pay.
    public var approved: Money
    /// The last day for the next step; nil: none is due.
    public var due: CivilDate?
    /// The bills; their lines page by page.
    public var bills: [ClaimBill]
    /// What was decided about each bill; parts page by page.
    public var awards: [ClaimAward]
    /// The documents that were handed in.
    public var documents: [ClaimDocument]
    /// To whom it is paid, masked.
    public var payee: String
    /// What happened to it, oldest first.
    public var events: [ClaimEvent]
}

// MARK: Encoding

extension ResponseEncoder {
    /// The answer to a step: the claim without lines.
    static func claim(_ answer: ClaimAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireClaimResponse(result)
        wire.nameMasked = answer.nameMasked
        wire.claim = claim(answer.claim, withHistory: true)
        return wire.bodyBytes
    }

    /// One claim, with the lines of as many bills as fit in a frame.
    static func claim(
        _ row: ClaimRow, from: Int?, nameMasked: String, _ result: ResultFields
    ) -> [UInt8] {
        var wire = WireClaimListResponse(result)
        wire.nameMasked = nameMasked
        wire.claims = [claim(row, withHistory: from == nil)]
        var index = from ?? 0
        while index < row.bills.count {
            let before = wire.claims[0]
            wire.claims[0].bills[index].lines = row.bills[index].lines.map(line)
            if row.awards.indices.contains(index) {
                wire.claims[0].awards[index].parts = row.awards[index].split.parts.map(part)
                wire.claims[0].awards[index].disallowed = row.awards[index].disallowed
                    .map(RequestEncoder.disallowance)
            }
            if hasRoom(wire) {
                index += 1
                continue
            }
            guard index == from else {
                wire.claims[0] = before
                break
            }
            // A page of its own is not enough for it: the split tells the sums.
            wire.claims[0].awards[index].parts = []
            index += 1
        }
        if index < row.bills.count { wire.next = UInt64(index) + 1 }
        return wire.bodyBytes
    }

    /// A page of claims without lines and history.
    static func claims(
        _ rows: [ClaimRow], next: UInt64?, nameMasked: String, _ result: ResultFields
    ) -> [UInt8] {
        var wire = WireClaimListResponse(result)
        wire.nameMasked = nameMasked
        let first = UInt64(rows.count) + (next ?? 0)
        wire.claims = fitted(
            rows.map { claim($0, withHistory: false) }, beside: wire.bodyBytes.count)
        let left = first - UInt64(wire.claims.count)
        wire.next = left
        return wire.bodyBytes
    }

    private static func hasRoom(_ wire: WireClaimListResponse) -> Bool {
        wire.bodyBytes.count + 16 <= Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes
    }

    private static func line(_ line: BillLine) -> WireLine {
        RequestEncoder.line(
            RequestLine(
                item: .code(line.code), quantity: line.quantity, unitPrice: line.unitPrice,
                amount: line.amount, courseDays: line.courseDays, traceCodes: []))
    }

    private static func claim(_ row: ClaimRow, withHistory: Bool) -> WireClaim {
        var wire = WireClaim()
        wire.claim = row.id.description
        wire.state = WireClaimState(rawValue: Int(row.state.rawValue)) ?? .unspecified
        wire.agency = row.agency.text
        wire.total = row.total.fen
        wire.approved = row.approved.fen
        if let due = row.due { wire.due = UInt32(due.yyyymmdd) }
        wire.bills = row.bills.map(RequestEncoder.bill)
        wire.awards = row.awards.map(award)
        switch row.payee {
        case .card(let number): wire.payee.cardMasked = number.description
        case .bankAccount(let holder, let bank, let number):
            wire.payee.holder = MaskedName.of(holder)
            wire.payee.bank = bank
            wire.payee.number = maskedNumber(number)
        }
        guard withHistory else { return wire }
        wire.documents = row.documents.map(RequestEncoder.document)
        wire.events = row.events.map { event in
            var wire = WireClaimEvent()
            wire.step = WireClaimStep(rawValue: Int(event.step.rawValue)) ?? .unspecified
            wire.date = UInt32(event.date.yyyymmdd)
            wire.time = event.time
            wire.clerk = event.clerk
            wire.text = event.text
            wire.documents = event.documents.map(RequestEncoder.document)
            return wire
        }
        return wire
    }

    private static func award(_ row: ClaimAward) -> WireClaimAward {
        var wire = WireClaimAward()
        wire.catalogVersion = row.catalogVersion.rawValue
        wire.policyVersion = row.policyVersion.rawValue
        wire.policyRegion = row.policyRegion.rawValue
        wire.benefitCategory =
            row.benefitCategory.flatMap { WireBenefitCategory(rawValue: Int($0.rawValue)) }
            ?? .unspecified
        wire.insuranceType =
            WireInsuranceType(rawValue: Int(row.insuranceType.rawValue)) ?? .unspecified
        wire.share = UInt32(row.share.tenThousandths)
        wire.split = totals(row.split)
        wire.plans = row.split.plans.map(plan)
        return wire
    }
}

// MARK: Decoding

extension ResponseDecoder {
    static func claim(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(ResponseFault) -> ClaimList {
        let wire: WireClaimResponse = try message(kind, body)
        return ClaimList(nameMasked: wire.nameMasked, claims: [try claim(wire.claim)], next: nil)
    }

    static func claimList(_ body: ByteBuffer) throws(ResponseFault) -> ClaimList {
        let wire: WireClaimListResponse = try message(.claimStatus, body)
        var claims: [ClaimContent] = []
        for claim in wire.claims { claims.append(try self.claim(claim)) }
        return ClaimList(
            nameMasked: wire.nameMasked, claims: claims, next: wire.next == 0 ? nil : wire.next)
    }

    private static func claim(_ wire: WireClaim) throws(ResponseFault) -> ClaimContent {
        guard let id = ClaimID(wire.claim) else { throw .field("claim.claim") }
        var content = ClaimContent(
            id: id, state: try choice(wire.state.rawValue, "claim.state"), agency: wire.agency,
            total: try amount(wire.total), approved: try amount(wire.approved),
            due: wire.due == 0 ? nil : try date(wire.due, "claim.due"), bills: [], awards: [],
            documents: try documents(wire.documents), payee: payee(wire.payee), events: [])
        for bill in wire.bills { content.bills.append(try self.bill(bill)) }
        for award in wire.awards { content.awards.append(try self.award(award)) }
        for event in wire.events {
            content.events.append(
                ClaimEvent(
                    step: try choice(event.step.rawValue, "claim.events.step"),
                    date: try date(event.date, "claim.events.date"), time: event.time,
                    clerk: event.clerk, text: event.text,
                    documents: try documents(event.documents)))
        }
        return content
    }

    private static func payee(_ wire: WirePayee) -> String {
        wire.cardMasked.isEmpty
            ? "\(wire.holder), \(wire.bank), \(wire.number)" : "card \(wire.cardMasked)"
    }

    private static func documents(
        _ wire: [WireClaimDocument]
    ) throws(ResponseFault) -> [ClaimDocument] {
        var documents: [ClaimDocument] = []
        for document in wire {
            documents.append(
                ClaimDocument(
                    kind: try choice(document.kind.rawValue, "documents.kind"),
                    sheets: UInt16(clamping: document.sheets)))
        }
        return documents
    }

    private static func bill(_ wire: WireClaimBill) throws(ResponseFault) -> ClaimBill {
        let place: ClaimPlace
        if let id = InstitutionID(wire.place.institution) {
            place = ClaimPlace(
                institution: id, code: id.text, name: "", kind: .hospital, level: .unrated)
        } else {
            guard
                let level = UInt8(exactly: wire.place.level.rawValue)
                    .flatMap(InstitutionLevel.init)
            else { throw .field("bills.place.level") }
            place = ClaimPlace(
                institution: nil, code: wire.place.code, name: wire.place.name,
                kind: try choice(wire.place.kind.rawValue, "bills.place.kind"), level: level)
        }
        var lines: [BillLine] = []
        for line in wire.lines { lines.append(try billLine(line)) }
        return ClaimBill(
            place: place, number: wire.billNumber,
            serviceDate: try date(wire.serviceDate, "bills.service_date"),
            visitType: try choice(wire.visitType.rawValue, "bills.visit_type"),
            diagnosis: DiseaseCode(wire.diagnosis), lines: lines, total: try amount(wire.total))
    }

    private static func award(_ wire: WireClaimAward) throws(ResponseFault) -> ClaimAward {
        guard let region = RegionCode(rawValue: wire.policyRegion),
            let share = Ratio(tenThousandths: Int64(wire.share))
        else { throw .field("awards") }
        var split = try totals(wire.split)
        for part in wire.parts { split.parts.append(try self.part(part)) }
        split.plans = try plans(wire.plans)
        var disallowed: [Disallowance] = []
        for item in wire.disallowed {
            disallowed.append(
                Disallowance(
                    bill: Int(item.bill), line: Int(item.line),
                    amount: item.amount == 0 ? nil : try amount(item.amount), text: item.text))
        }
        return ClaimAward(
            catalogVersion: CatalogVersion(rawValue: wire.catalogVersion), policyRegion: region,
            policyVersion: PolicyVersion(rawValue: wire.policyVersion),
            insuranceType: try choice(wire.insuranceType.rawValue, "awards.insurance_type"),
            benefitCategory: wire.benefitCategory == .unspecified
                ? nil : try choice(wire.benefitCategory.rawValue, "awards.benefit_category"),
            share: share, split: split,
            disallowed: disallowed)
    }
}
