import Ledger
import SettlementDomain

extension ResponseEncoder {
    static func settlement(_ answer: SettlementAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireSettleResponse(result)
        if let id = answer.id { wire.settlementID = id.description }
        wire.catalogVersion = answer.catalogVersion.rawValue
        wire.policyVersion = answer.policyVersion.rawValue
        wire.policyRegion = answer.policyRegion.rawValue
        wire.split = totals(answer.split)
        wire.parts = answer.split.parts.map(part)
        wire.plans = answer.split.plans.map(plan)
        wire.family = zip(answer.split.owners, answer.ownersMasked).map(family)
        wire.balance = answer.balance.fen
        if let row = answer.accumulator { wire.accumulator = accumulator(row) }
        wire.nameMasked = answer.nameMasked
        wire.quoteDigest = answer.quoteDigest
        wire.benefitCategory =
            answer.benefitCategory.flatMap { WireBenefitCategory(rawValue: Int($0.rawValue)) }
            ?? .unspecified
        return wire.bodyBytes
    }

    static func plan(_ share: PlanShare) -> WirePlanShare {
        var wire = WirePlanShare()
        wire.plan = share.plan.text
        wire.amount = share.amount.fen
        return wire
    }

    static func family(_ share: FamilyShare, _ nameMasked: String) -> WireFamilyShare {
        var wire = WireFamilyShare()
        wire.ownerMasked = nameMasked
        wire.amount = share.amount.fen
        return wire
    }

    static func totals(_ split: Split) -> WireSplit {
        var wire = WireSplit()
        wire.total = split.total.fen
        wire.fullSelfPay = split.fullSelfPay.fen
        wire.overLimit = split.overLimit.fen
        wire.firstSelfPay = split.firstSelfPay.fen
        wire.inScope = split.inScope.fen
        wire.deductible = split.deductible.fen
        wire.pooled = split.pooled.fen
        wire.large = split.large.fen
        wire.scopeSelfPay = split.scopeSelfPay.fen
        wire.supplement = split.supplement.fen
        wire.personal = split.personal.fen
        wire.excluded = split.excluded.fen
        wire.account = split.account.fen
        wire.family = split.family.fen
        wire.cash = split.cash.fen
        wire.payable = split.payable.fen
        return wire
    }

    static func part(_ part: LinePart) -> WireLinePart {
        var wire = WireLinePart()
        wire.line = UInt32(part.line)
        wire.itemClass = WireItemClass(rawValue: Int(part.itemClass.rawValue)) ?? .unspecified
        wire.sortingReason = UInt32(part.reason.rawValue)
        wire.quantity = part.quantity.thousandths
        wire.amount = part.amount.fen
        wire.fullSelfPay = part.fullSelfPay.fen
        wire.overLimit = part.overLimit.fen
        wire.firstSelfPay = part.firstSelfPay.fen
        wire.inScope = part.inScope.fen
        wire.pooled = part.pooled.fen
        wire.large = part.large.fen
        wire.supplement = part.supplement.fen
        wire.account = part.account.fen
        wire.family = part.family.fen
        wire.cash = part.cash.fen
        return wire
    }
}
