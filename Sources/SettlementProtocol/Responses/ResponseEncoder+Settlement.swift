import Ledger
import SettlementDomain

extension ResponseEncoder {
    /// The answer to a settle or quote request, written without a message object: it is on the way
    /// of every settlement.
    static func settlement(_ answer: SettlementAnswer, _ result: ResultFields) -> [UInt8] {
        let split = answer.split
        var writer = WireWriter(capacity: 192 + 96 * split.parts.count)
        writer.result(result)
        if let id = answer.id { writer.string(10, id.description) }
        writer.unsigned(11, UInt64(answer.catalogVersion.rawValue))
        writer.unsigned(12, UInt64(answer.policyVersion.rawValue))
        writer.unsigned(13, UInt64(answer.policyRegion.rawValue))
        writer.message(14) { $0.totals(split) }
        // A stay's parts may be thousands: they are read page by page.
        for part in split.parts where answer.stay == nil { writer.message(15) { $0.part(part) } }
        for share in split.plans {
            writer.message(16) { writer in
                writer.string(1, share.plan.text)
                writer.signed(2, share.amount.fen)
            }
        }
        for (share, ownerMasked) in zip(split.owners, answer.ownersMasked) {
            writer.message(17) { writer in
                writer.string(1, ownerMasked)
                writer.signed(2, share.amount.fen)
            }
        }
        writer.signed(18, answer.balance.fen)
        if let row = answer.accumulator { writer.message(19) { $0.accumulator(row) } }
        writer.string(20, answer.nameMasked)
        writer.fixed64(21, answer.quoteDigest)
        writer.unsigned(22, UInt64(answer.benefitCategory?.rawValue ?? 0))
        if let stay = answer.stay {
            writer.string(23, stay.admission.description)
            writer.unsigned(24, UInt64(stay.lines))
        }
        return writer.bytes
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

extension WireWriter {
    /// Fields 1 to 8 of every response.
    fileprivate mutating func result(_ result: ResultFields) {
        unsigned(1, UInt64(result.code.rawValue))
        unsigned(2, UInt64(result.reason.rawValue))
        unsigned(3, result.replayed ? 1 : 0)
        unsigned(4, UInt64(UInt32(bitPattern: result.businessDate?.yyyymmdd ?? 0)))
        signed(5, result.time)
        string(6, result.reportedDetail)
        zigzag(7, result.reportedClockDifference)
        unsigned(8, UInt64(result.triesLeft))
    }

    fileprivate mutating func totals(_ split: Split) {
        signed(1, split.total.fen)
        signed(2, split.fullSelfPay.fen)
        signed(3, split.overLimit.fen)
        signed(4, split.firstSelfPay.fen)
        signed(5, split.inScope.fen)
        signed(6, split.deductible.fen)
        signed(7, split.pooled.fen)
        signed(8, split.large.fen)
        signed(9, split.scopeSelfPay.fen)
        signed(10, split.supplement.fen)
        signed(11, split.personal.fen)
        signed(12, split.excluded.fen)
        signed(13, split.account.fen)
        signed(14, split.family.fen)
        signed(15, split.cash.fen)
        signed(16, split.payable.fen)
    }

    fileprivate mutating func part(_ part: LinePart) {
        unsigned(1, UInt64(UInt32(part.line)))
        unsigned(2, UInt64(part.itemClass.rawValue))
        unsigned(3, UInt64(part.reason.rawValue))
        signed(4, part.quantity.thousandths)
        signed(5, part.amount.fen)
        signed(6, part.fullSelfPay.fen)
        signed(7, part.overLimit.fen)
        signed(8, part.firstSelfPay.fen)
        signed(9, part.inScope.fen)
        signed(10, part.pooled.fen)
        signed(11, part.large.fen)
        signed(12, part.supplement.fen)
        signed(13, part.account.fen)
        signed(14, part.family.fen)
        signed(15, part.cash.fen)
    }

    fileprivate mutating func accumulator(_ row: AccumulatorRow) {
        unsigned(1, UInt64(row.key.year))
        unsigned(2, UInt64(row.key.category.rawValue))
        signed(3, row.used.deductibleUsed.fen)
        signed(4, row.used.pooledUsed.fen)
        signed(5, row.used.largeUsed.fen)
    }
}
