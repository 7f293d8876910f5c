import Ledger
import NIOCore
import SettlementDomain

extension ResponseDecoder {
    /// The split of a quote or settle; nothing where the refusal carries none.
    static func settlement(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        try settlement(try message(kind, body))
    }

    static func settlement(
        _ wire: WireSettleResponse
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        guard wire.hasSplit else { return .none }
        var id: SettlementID?
        if !wire.settlementID.isEmpty {
            id = try settlementID(wire.settlementID)
        }
        guard let region = RegionCode(rawValue: wire.policyRegion) else {
            throw .field("policy_region")
        }
        var split = try totals(wire.split)
        split.parts.reserveCapacity(wire.parts.count)
        for part in wire.parts { split.parts.append(try self.part(part)) }
        split.plans = try plans(wire.plans)
        var response = SettlementResponse(
            id: id, catalogVersion: CatalogVersion(rawValue: wire.catalogVersion),
            policyVersion: PolicyVersion(rawValue: wire.policyVersion), policyRegion: region,
            benefitCategory: wire.benefitCategory == .unspecified
                ? nil : try choice(wire.benefitCategory.rawValue, "benefit_category"),
            split: split,
            family: try family(wire.family),
            balance: try amount(wire.balance),
            accumulator: wire.hasAccumulator ? try yearlyUse(wire.accumulator) : nil,
            nameMasked: wire.nameMasked, quoteDigest: wire.quoteDigest)
        response.admission = AdmissionID(wire.admission)
        response.lineCount = wire.lineCount
        return .settlement(response)
    }

    static func inquiry(_ body: ByteBuffer) throws(ResponseFault) -> InquiryResponse {
        let wire: WireCardInquiryResponse = try message(.cardInquiry, body)
        guard let region = RegionCode(rawValue: wire.region) else { throw .field("region") }
        var accumulators: [YearlyUse] = []
        for accumulator in wire.accumulators { accumulators.append(try yearlyUse(accumulator)) }
        return InquiryResponse(
            nameMasked: wire.nameMasked,
            insuranceType: try choice(wire.insuranceType.rawValue, "insurance_type"),
            category: try choice(wire.personCategory.rawValue, "person_category"),
            coverage: try choice(wire.coverage.rawValue, "coverage"),
            hasAccount: wire.hasAccount_p, balance: try amount(wire.balance), region: region,
            accumulators: accumulators)
    }

    static func plans(_ wire: [WirePlanShare]) throws(ResponseFault) -> [PlanShare] {
        var plans: [PlanShare] = []
        for share in wire {
            guard let plan = PlanID(share.plan) else { throw .field("plans.plan") }
            plans.append(PlanShare(plan: plan, amount: try amount(share.amount)))
        }
        return plans
    }

    static func family(_ wire: [WireFamilyShare]) throws(ResponseFault) -> [FamilyPayment] {
        var family: [FamilyPayment] = []
        for share in wire {
            family.append(
                FamilyPayment(ownerMasked: share.ownerMasked, amount: try amount(share.amount)))
        }
        return family
    }

    static func yearlyUse(_ wire: WireAccumulator) throws(ResponseFault) -> YearlyUse {
        YearlyUse(
            year: UInt16(clamping: wire.year),
            category: try choice(wire.category.rawValue, "accumulator.category"),
            deductibleUsed: try amount(wire.deductibleUsed),
            pooledUsed: try amount(wire.pooledUsed), largeUsed: try amount(wire.largeUsed))
    }

    static func totals(_ wire: WireSplit) throws(ResponseFault) -> Split {
        var split = Split()
        split.total = try amount(wire.total)
        split.fullSelfPay = try amount(wire.fullSelfPay)
        split.overLimit = try amount(wire.overLimit)
        split.firstSelfPay = try amount(wire.firstSelfPay)
        split.inScope = try amount(wire.inScope)
        split.deductible = try amount(wire.deductible)
        split.pooled = try amount(wire.pooled)
        split.large = try amount(wire.large)
        split.scopeSelfPay = try amount(wire.scopeSelfPay)
        split.supplement = try amount(wire.supplement)
        split.personal = try amount(wire.personal)
        split.excluded = try amount(wire.excluded)
        split.account = try amount(wire.account)
        split.family = try amount(wire.family)
        split.cash = try amount(wire.cash)
        split.payable = try amount(wire.payable)
        return split
    }

    static func part(_ wire: WireLinePart) throws(ResponseFault) -> LinePart {
        guard let reason = UInt8(exactly: wire.sortingReason).flatMap(SortingReason.init(rawValue:))
        else { throw .field("parts.sorting_reason") }
        guard let line = Int(exactly: wire.line) else { throw .field("parts.line") }
        var part = LinePart(
            line: line, itemClass: try choice(wire.itemClass.rawValue, "parts.item_class"),
            reason: reason, quantity: Quantity(thousandths: wire.quantity),
            amount: try amount(wire.amount))
        part.fullSelfPay = try amount(wire.fullSelfPay)
        part.overLimit = try amount(wire.overLimit)
        part.firstSelfPay = try amount(wire.firstSelfPay)
        part.inScope = try amount(wire.inScope)
        part.pooled = try amount(wire.pooled)
        part.large = try amount(wire.large)
        part.supplement = try amount(wire.supplement)
        part.account = try amount(wire.account)
        part.family = try amount(wire.family)
        part.cash = try amount(wire.cash)
        return part
    }
}
