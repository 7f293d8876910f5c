import SettlementDomain

extension Ledger {
    /// Refuses a chronic outpatient visit for a disease that the policy does not pay or the person
    /// is not registered for on the service date; nil where it is in order.
    /// - Source: Protocol/Splitting.md, "Chronic diseases".
    func guardChronic(
        _ diagnosis: DiseaseCode?, of person: Person, on day: CivilDate, _ policy: Policy
    ) -> Verdict? {
        guard let paid = policy.chronicDiseases else { return nil }
        guard let diagnosis else {
            return refusal(
                .notPermittedToPerson, .chronicNotRegistered,
                "diagnosis: name the chronic disease that is treated")
        }
        guard paid.contains(diagnosis) else {
            return refusal(
                .notPermittedToPerson, .chronicNotRegistered,
                "diagnosis \(diagnosis): no chronic disease of region \(policy.region)'s policy")
        }
        guard person.hasChronic(diagnosis, on: day) else {
            return refusal(
                .notPermittedToPerson, .chronicNotRegistered,
                "diagnosis \(diagnosis): the person is not registered for it on \(day)")
        }
        return nil
    }
}

extension PersonRow {
    /// The row with the person as a policy sees them on a day.
    func with(_ person: Person) -> PersonRow {
        var row = self
        row.person = person
        return row
    }
}
