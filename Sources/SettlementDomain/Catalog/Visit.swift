/// Who came where, for what, on which day: what every line of a bill has in common.
public struct Visit: Sendable, Hashable {
    /// The patient.
    public var person: Person
    /// Where the service was given.
    public var institution: Institution
    /// What the patient came for.
    public var type: VisitType
    /// When the service was given; decides which catalog entries and which policy are in force.
    public var serviceDate: CivilDate

    /// Creates a visit of its facts.
    public init(person: Person, institution: Institution, type: VisitType, serviceDate: CivilDate) {
        self.person = person
        self.institution = institution
        self.type = type
        self.serviceDate = serviceDate
    }
}
