import Ledger
import SettlementDomain

extension Batch {
    /// Wants every row that the entries changed, as it is stored now.
    func wantAll(in fetch: Fetch) {
        answers.wantAll(in: fetch, \.answers)
        cards.wantAll(in: fetch, \.cards)
        persons.wantAll(in: fetch, \.persons)
        families.wantAll(in: fetch, \.families)
        owners.wantAll(in: fetch, \.owners)
        accumulators.wantAll(in: fetch, \.accumulators)
        usages.wantAll(in: fetch, \.usages)
        credits.wantAll(in: fetch, \.credits)
        contributions.wantAll(in: fetch, \.contributions)
        openStays.wantAll(in: fetch, \.openStays)
        settlements.wantAll(in: fetch, \.settlements)
        admissions.wantAll(in: fetch, \.admissions)
        feeUploads.wantAll(in: fetch, \.feeUploads)
        claims.wantAll(in: fetch, \.claims)
        bills.wantAll(in: fetch, \.bills)
        traceCodes.wantAll(in: fetch, \.traceCodes)
        clearings.wantAll(in: fetch, \.clearings)
        declarationLines.wantAll(in: fetch, \.declarationLines)
        days.wantAll(in: fetch, \.days)
        institutions.wantAll(in: fetch, \.institutions)
        terminals.wantAll(in: fetch, \.terminals)
        policies.wantAll(in: fetch, \.policies)
        catalogs.wantAll(in: fetch, \.catalogs)
        dates.wantAll(in: fetch, \.dates)
    }

    /// Compares what is stored with what the entries say, but for accounts.
    func compare(with fetch: Fetch, into findings: inout AuditFindings) {
        answers.compare(with: fetch.answers, into: &findings)
        cards.compare(with: fetch.cards, into: &findings)
        persons.compare(with: fetch.persons, into: &findings)
        families.compare(with: fetch.families, into: &findings)
        owners.compare(with: fetch.owners, into: &findings)
        accumulators.compare(with: fetch.accumulators, into: &findings)
        usages.compare(with: fetch.usages, into: &findings)
        credits.compare(with: fetch.credits, into: &findings)
        contributions.compare(with: fetch.contributions, into: &findings)
        openStays.compare(with: fetch.openStays, into: &findings)
        settlements.compare(with: fetch.settlements, into: &findings)
        admissions.compare(with: fetch.admissions, into: &findings)
        feeUploads.compare(with: fetch.feeUploads, into: &findings)
        claims.compare(with: fetch.claims, into: &findings)
        bills.compare(with: fetch.bills, into: &findings)
        traceCodes.compare(with: fetch.traceCodes, into: &findings)
        clearings.compare(with: fetch.clearings, into: &findings)
        declarationLines.compare(with: fetch.declarationLines, into: &findings)
        days.compare(with: fetch.days, into: &findings)
        institutions.compare(with: fetch.institutions, into: &findings)
        terminals.compare(with: fetch.terminals, into: &findings)
        policies.compare(with: fetch.policies, into: &findings)
        catalogs.compare(with: fetch.catalogs, into: &findings)
        dates.compare(with: fetch.dates, into: &findings)
    }
}
