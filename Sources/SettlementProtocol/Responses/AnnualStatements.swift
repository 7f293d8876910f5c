import Ledger
import NIOCore
import SettlementDomain

extension WireAnnualStatementResponse: ResultBearing {}

/// A person's year, as a terminal sees it.
public struct AnnualStatementContent: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// The year.
    public var statement: AnnualStatement
}

extension ResponseEncoder {
    static func annual(
        _ statement: AnnualStatement, nameMasked: String, _ result: ResultFields
    ) -> [UInt8] {
        var wire = WireAnnualStatementResponse(result)
        wire.nameMasked = nameMasked
        wire.year = UInt32(clamping: statement.year)
        wire.months = statement.months.map(month)
        wire.contributions.periods = UInt32(clamping: statement.contributions.periods)
        wire.contributions.employerPart = statement.contributions.employerPart.fen
        wire.contributions.individualPart = statement.contributions.individualPart.fen
        wire.contributions.credited = statement.contributions.credited.fen
        wire.visits = statement.visits.map { visits in
            var sum = WireVisitSum()
            sum.category = category(visits.category)
            sum.bills = UInt32(clamping: visits.bills)
            sum.total = visits.split.total.fen
            sum.pooled = visits.split.pooled.fen
            sum.large = visits.split.large.fen
            sum.supplement = visits.split.supplement.fen
            sum.account = visits.split.account.fen
            sum.family = visits.split.family.fen
            sum.cash = visits.split.cash.fen
            return sum
        }
        wire.accumulators = statement.use.map { use in
            var accumulator = WireAccumulator()
            accumulator.year = UInt32(clamping: statement.year)
            accumulator.category = category(use.category)
            accumulator.deductibleUsed = use.deductible.fen
            accumulator.pooledUsed = use.pooled.fen
            accumulator.largeUsed = use.large.fen
            return accumulator
        }
        wire.claims.claims = UInt32(clamping: statement.claims.count)
        wire.claims.total = statement.claims.total.fen
        wire.claims.approved = statement.claims.approved.fen
        return wire.bodyBytes
    }

    private static func category(_ category: BenefitCategory?) -> WireBenefitCategory {
        category.flatMap { WireBenefitCategory(rawValue: Int($0.rawValue)) } ?? .unspecified
    }
}

extension ResponseDecoder {
    static func annualStatement(
        _ body: ByteBuffer
    ) throws(ResponseFault) -> AnnualStatementContent {
        let wire: WireAnnualStatementResponse = try message(.annualStatement, body)
        var statement = AnnualStatement(year: Int(wire.year), months: try months(wire.months))
        statement.contributions.periods = Int(wire.contributions.periods)
        statement.contributions.employerPart = try amount(wire.contributions.employerPart)
        statement.contributions.individualPart = try amount(wire.contributions.individualPart)
        statement.contributions.credited = try amount(wire.contributions.credited)
        for sum in wire.visits {
            var visits = AnnualStatement.Visits(
                category: sum.category == .unspecified
                    ? nil : try choice(sum.category.rawValue, "visits.category"))
            visits.bills = Int(sum.bills)
            visits.split.total = try amount(sum.total)
            visits.split.pooled = try amount(sum.pooled)
            visits.split.large = try amount(sum.large)
            visits.split.supplement = try amount(sum.supplement)
            visits.split.account = try amount(sum.account)
            visits.split.family = try amount(sum.family)
            visits.split.cash = try amount(sum.cash)
            statement.visits.append(visits)
        }
        for accumulator in wire.accumulators {
            let yearly = try yearlyUse(accumulator)
            var use = AnnualStatement.Use(category: yearly.category)
            use.deductible = yearly.deductibleUsed
            use.pooled = yearly.pooledUsed
            use.large = yearly.largeUsed
            statement.use.append(use)
        }
        statement.claims.count = Int(wire.claims.claims)
        statement.claims.total = try amount(wire.claims.total)
        statement.claims.approved = try amount(wire.claims.approved)
        return AnnualStatementContent(nameMasked: wire.nameMasked, statement: statement)
    }
}
