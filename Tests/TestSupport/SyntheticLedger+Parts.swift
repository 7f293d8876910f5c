import Ledger
import SettlementDomain

extension SyntheticLedger {
    /// A small catalog of that version.
    public static func catalog(version: UInt32) -> CatalogRow {
        let entry = CatalogEntry(
            code: checked(ItemCode("XA01ABD075A002010100483")), name: "Tablets",
            kind: .westernMedicine, level: .b, firstSelfPay: checked(Ratio(tenThousandths: 1000)),
            priceCeiling: UnitPrice(tenThousandths: 123_400),
            restrictions: [
                .maxDays(30), .sex(.female), .maxQuantity(.one, perDays: 7), .ageGroup(.child),
            ], effectiveFrom: firstDate)
        let other = CatalogEntry(
            code: checked(ItemCode("TEETH-1")), name: "牙齿美白", kind: .nonTreatment, level: .none,
            accountAllowed: false, nonTreatment: .cosmetic, effectiveFrom: firstDate,
            effectiveTo: firstDate.adding(days: 400))
        return CatalogRow(
            effectiveFrom: firstDate,
            catalog: Catalog(version: CatalogVersion(rawValue: version), entries: [entry, other]))
    }

    /// A small policy of that version.
    public static func policy(version: UInt32) -> PolicyRow {
        PolicyRow(
            policy: Policy(
                region: region, version: PolicyVersion(rawValue: version),
                effectiveFrom: firstDate,
                visitBenefits: [.outpatient: .outpatient, .inpatient: .inpatient],
                benefits: [
                    BenefitRule(
                        benefit: .outpatient, insuranceType: .employee, category: .active,
                        level: .level1, deductible: Money(fen: 180_000),
                        ratio: checked(Ratio(tenThousandths: 7000)))
                ],
                caps: [
                    CapRule(
                        pooledCap: Money(fen: 2_000_000),
                        largeRatio: checked(Ratio(tenThousandths: 6000)),
                        largeCap: Money(fen: 20_000_000))
                ],
                plans: [
                    SupplementaryPlan(
                        id: plan, ratio: checked(Ratio(tenThousandths: 5000)),
                        annualCap: Money(fen: 100_000))
                ],
                traceCodesRequiredFrom: firstDate, practice: .standard))
    }

    static func place(of terminal: TerminalID) -> Int {
        (Int(terminal.text.suffix(2)) ?? 0) / 10
    }

    static func postings(_ settlement: SettlementRow) -> [Posting] {
        let split = settlement.split
        var postings: [Posting] = []
        func take(_ amount: Money, _ account: LedgerAccount) {
            guard amount > .zero else { return }
            postings.append(Posting(account: account, amount: -amount))
        }
        take(split.account, .individual(settlement.person))
        for share in split.owners { take(share.amount, .individual(share.owner)) }
        take(split.pooled, .pool(region, .employee))
        take(split.large, .large(region, .employee))
        for share in split.plans { take(share.amount, .supplement(share.plan)) }
        guard !postings.isEmpty else { return [] }
        postings.append(
            Posting(account: .institution(settlement.institution), amount: split.insured))
        return postings
    }
}
