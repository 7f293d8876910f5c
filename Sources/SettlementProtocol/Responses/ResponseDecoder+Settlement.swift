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
        var split = totals(wire.split)
        split.parts.reserveCapacity(wire.parts.count)
        for part in wire.parts { split.parts.append(try self.part(part)) }
        split.plans = try plans(wire.plans)
        var response = SettlementResponse(
            id: id, catalogVersion: CatalogVersion(rawValue: wire.catalogVersion),
            policyVersion: PolicyVersion(rawValue: wire.policyVersion), policyRegion: region,
            benefitCategory: wire.benefitCategory == .unspecified
                ? nil : try choice(wire.benefitCategory.rawValue, "benefit_category"),
            split: split,
            family: wire.family.map(family),
            balance: Money(fen: wire.balance),
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
            hasAccount: wire.hasAccount_p, balance: Money(fen: wire.balance), region: region,
            accumulators: accumulators)
    }

    static func plans(_ wire: [WirePlanShare]) throws(ResponseFault) -> [PlanShare] {
        var plans: [PlanShare] = []
        for share in wire {
            guard let plan = PlanID(share.plan) else { throw .field("plans.plan") }
            plans.append(PlanShare(plan: plan, amount: Money(fen: share.amount)))
        }
        return plans
    }

    static func family(_ wire: WireFamilyShare) -> FamilyPayment {
        FamilyPayment(ownerMasked: wire.ownerMasked, amount: Money(fen: wire.amount))
    }

    static func yearlyUse(_ wire: WireAccumulator) throws(ResponseFault) -> YearlyUse {
        YearlyUse(
            year: UInt16(clamping: wire.year),
            category: try choice(wire.category.rawValue, "accumulator.category"),
            deductibleUsed: Money(fen: wire.deductibleUsed),
            pooledUsed: Money(fen: wire.pooledUsed), largeUsed: Money(fen: wire.largeUsed))
    }

    static func totals(_ wire: WireSplit) -> Split {
        var split = Split()
        split.total = Money(fen: wire.total)
        split.fullSelfPay = Money(fen: wire.fullSelfPay)
        split.overLimit = Money(fen: wire.overLimit)
        split.firstSelfPay = Money(fen: wire.firstSelfPay)
        split.inScope = Money(fen: wire.inScope)
        split.deductible = Money(fen: wire.deductible)
        split.pooled = Money(fen: wire.pooled)
        split.large = Money(fen: wire.large)
        split.scopeSelfPay = Money(fen: wire.scopeSelfPay)
        split.supplement = Money(fen: wire.supplement)
        split.personal = Money(fen: wire.personal)
        split.excluded = Money(fen: wire.excluded)
        split.account = Money(fen: wire.account)
        split.family = Money(fen: wire.family)
        split.cash = Money(fen: wire.cash)
        split.payable = Money(fen: wire.payable)
        return split
    }

    static func part(_ wire: WireLinePart) throws(ResponseFault) -> LinePart {
        guard let reason = UInt8(exactly: wire.sortingReason).flatMap(SortingReason.init(rawValue:))
        else { throw .field("parts.sorting_reason") }
        guard let line = Int(exactly: wire.line) else { throw .field("parts.line") }
        var part = LinePart(
            line: line, itemClass: try choice(wire.itemClass.rawValue, "parts.item_class"),
            reason: reason, quantity: Quantity(thousandths: wire.quantity),
            amount: Money(fen: wire.amount))
        part.fullSelfPay = Money(fen: wire.fullSelfPay)
        part.overLimit = Money(fen: wire.overLimit)
        part.firstSelfPay = Money(fen: wire.firstSelfPay)
        part.inScope = Money(fen: wire.inScope)
        part.pooled = Money(fen: wire.pooled)
        part.large = Money(fen: wire.large)
        part.supplement = Money(fen: wire.supplement)
        part.account = Money(fen: wire.account)
        part.family = Money(fen: wire.family)
        part.cash = Money(fen: wire.cash)
        return part
    }
}
