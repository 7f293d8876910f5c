import SettlementDomain

/// What sorts and splits a visit's bill.
struct VisitRules {
    var visit: Visit
    var policy: Policy
    var catalog: Catalog
    /// The benefit category of the visit; nil where it gives no pooled benefit.
    var category: BenefitCategory?
    /// The year's use before it; nil where there is no category.
    var used: AccumulatorRow?
}

extension Ledger {
    /// Finds the rules of a visit: those of the home region in force on the service date.
    func rules(
        for person: PersonRow, at institution: Institution, _ type: VisitType,
        _ diagnosis: DiseaseCode?, on day: CivilDate, _ rows: WorkingSet
    ) -> Guarded<VisitRules> {
        let region = person.person.region
        guard let policy = rows.reference.policy(of: region, on: day) else {
            return refused(
                .invalidTransaction, .noPolicyForRegion, "no policy of region \(region) on \(day)")
        }
        let person = person.covered(on: day).person.asOf(day, adultAge: policy.adultAge)
        let category = policy.benefit(of: type)
        if category == .chronicOutpatient,
            let verdict = guardChronic(diagnosis, of: person, on: day, policy)
        {
            return .refused(verdict, recorded: true, card: nil)
        }
        guard let catalog = rows.reference.catalog(on: day) else {
            return refused(
                .invalidTransaction, .catalogVersionUnknown, "no catalog in force on \(day)")
        }
        let used = category.map { category in
            let key = AccumulatorKey(
                person: person.id, year: UInt16(clamping: day.year), category: category)
            return rows.accumulators[key] ?? AccumulatorRow(key: key, used: Accumulators())
        }
        return .passed(
            VisitRules(
                visit: Visit(
                    person: person, institution: institution, type: type, serviceDate: day),
                policy: policy, catalog: catalog, category: category, used: used))
    }

    /// Sorts the lines of a visit's bill.
    func sort(_ lines: [BillLine], by rules: VisitRules, on rows: WorkingSet) -> [SortedLine] {
        let person = rules.visit.person.id
        return Sorting.sort(
            lines, visit: rules.visit, catalog: rules.catalog, policy: rules.policy,
            history: { rows.usages[UsageKey(person: person, code: $0)]?.history },
            isSold: { rows.traceCodes[$0]?.isTaken == true })
    }
}
