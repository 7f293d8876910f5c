extension Person {
    /// Full years of age on a day; 0 before birth.
    public func age(on day: CivilDate) -> Int {
        max(0, birthDate.years(to: day))
    }

    /// The person as the policy of a service date sees them.
    ///
    /// A resident is `minor` until the day before the birthday on which the policy's adult age is
    /// reached, and `adultResident` from that day on, whatever was registered. Who was born on
    /// 29 February has the birthday on 1 March of other years. All other categories are as
    /// registered: retirement goes by decision, not by age.
    /// - Source: Protocol/Splitting.md, "Who the patient is on the day".
    public func asOf(_ day: CivilDate, adultAge: Int) -> Person {
        guard insuranceType == .resident else { return self }
        var person = self
        person.category = age(on: day) >= adultAge ? .adultResident : .minor
        return person
    }

    /// Whether the person is registered for a chronic disease on that service date.
    public func hasChronic(_ disease: DiseaseCode, on day: CivilDate) -> Bool {
        chronicDiseases.contains { $0.code == disease && $0.counts(on: day) }
    }
}
