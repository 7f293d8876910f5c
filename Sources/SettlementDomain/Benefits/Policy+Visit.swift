extension Policy {
    /// What holds for the patient at this visit; nil where the visit gives no pooled benefit.
    public func terms(for visit: Visit) -> BenefitTerms? {
        guard let benefit = benefit(of: visit.type) else { return nil }
        let person = visit.person
        return terms(benefit, person.insuranceType, person.category, visit.institution.level)
    }

    /// Whether a medicine needs its trace codes on that day.
    public func needsTraceCodes(on day: CivilDate) -> Bool {
        guard let traceCodesRequiredFrom else { return false }
        return traceCodesRequiredFrom <= day
    }
}
