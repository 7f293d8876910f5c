import SettlementDomain
import Testing

@Suite("Restrictions at their exact boundaries")
struct RestrictionTests {
    private func reason(_ restriction: Restriction, _ visit: Visit) throws -> SortingReason {
        try Fixtures.reason(
            Fixtures.entry(restrictions: [restriction]), visit, Fixtures.policy())
    }

    @Test(
        "an age group ends on its day",
        arguments: [
            (.newborn, 2026_11_23, true), (.newborn, 2026_10_26, true),
            (.newborn, 2026_10_25, false), (.newborn, 2026_11_24, false),
            (.infant, 2025_11_24, true), (.infant, 2025_11_23, false),
            (.toddler, 2023_11_24, true), (.toddler, 2023_11_23, false),
            (.child, 2012_11_24, true), (.child, 2012_11_23, false), (.child, 2026_11_23, true),
        ] as [(AgeGroup, Int32, Bool)])
    func ageGroups(_ group: AgeGroup, _ born: Int32, _ met: Bool) throws {
        let visit = try Fixtures.visit(person: Fixtures.person(born: born))
        #expect(try reason(.ageGroup(group), visit) == (met ? .levelA : .restrictedAge))
    }

    @Test("sex", arguments: Sex.allCases, Sex.allCases)
    func sex(_ asked: Sex, _ has: Sex) throws {
        let visit = try Fixtures.visit(person: Fixtures.person(sex: has))
        #expect(try reason(.sex(asked), visit) == (asked == has ? .levelA : .restrictedSex))
    }

    @Test(
        "institution level", arguments: InstitutionLevel.allCases, InstitutionLevel.allCases)
    func level(_ asked: InstitutionLevel, _ has: InstitutionLevel) throws {
        let visit = try Fixtures.visit(level: has)
        let met = has.rawValue >= asked.rawValue
        #expect(
            try reason(.institutionLevelAtLeast(asked), visit)
                == (met ? .levelA : .restrictedInstitutionLevel))
    }

    @Test("visit type", arguments: [VisitType.outpatient, .emergency, .inpatient])
    func visitType(_ type: VisitType) throws {
        let visit = try Fixtures.visit(.hospital, type)
        #expect(
            try reason(.visitType(.inpatient), visit)
                == (type == .inpatient ? .levelA : .restrictedVisitType))
    }

    @Test("insurance type", arguments: InsuranceType.allCases)
    func insuranceType(_ type: InsuranceType) throws {
        let visit = try Fixtures.visit()
        #expect(
            try reason(.insuranceType(type), visit)
                == (type == .employee ? .levelA : .restrictedInsuranceType))
    }

    @Test(
        "every restriction's text reads back",
        arguments: [
            "sex=male", "sex=female", "age_group=newborn", "age_group=infant",
            "age_group=toddler", "age_group=child", "institution_level=level_1_or_above",
            "institution_level=level_2_or_above", "institution_level=level_3",
            "visit_type=inpatient", "visit_type=chronic_outpatient", "insurance_type=work_injury",
            "insurance_type=maternity", "insurance_type=employee", "max_days=14",
            "max_per_day=1", "max_per_day=2.5", "max_per_7_days=1", "max_per_15_days=1",
            "max_hours_per_day=24",
        ])
    func text(_ text: String) throws {
        #expect(try #require(Restriction(text)).description == text)
    }

    @Test("the published rules' Chinese age groups are read")
    func chinese() {
        #expect(Restriction(name: "age_group", value: "新生儿") == .ageGroup(.newborn))
        #expect(Restriction(name: "age_group", value: "婴幼儿") == .ageGroup(.toddler))
    }

    @Test(
        "what is no restriction is refused",
        arguments: [
            "", "sex", "sex=", "sex=x", "sex=male=", "age_group=adult", "max_days=0",
            "max_days=367", "max_days=-1", "max_days=x", "max_per_1_days=1", "max_per_0_days=1",
            "max_per_367_days=1", "max_per_day=0", "max_per_day=-1", "max_per_day=1.2345",
            "max_per__days=1", "max_hours_per_day=25", "visit_type=visit", "colour=red",
        ])
    func refused(_ text: String) {
        #expect(Restriction(text) == nil)
    }

    @Test("a catalog finds a code's entry in force, and none where it is not")
    func periods() throws {
        let entries = [
            try Fixtures.entry("X1", to: 2026_06_30), try Fixtures.entry("X2"),
            try Fixtures.entry("X1", .westernMedicine, .b, from: 2026_07_01, to: 2026_09_30),
            try Fixtures.entry("X1", .westernMedicine, .none, from: 2026_09_01),
        ]
        let catalog = Catalog(version: CatalogVersion(rawValue: 3), entries: entries)
        let code = try Fixtures.code("X1")
        let found = [
            2025_12_31, 2026_01_01, 2026_06_30, 2026_07_01, 2026_09_30, 2026_10_01, 2099_01_01,
        ].map { catalog.index(of: code, on: Fixtures.date($0)) }
        #expect(found == [nil, 0, 0, 2, 2, 3, 3])
        #expect(catalog.index(of: try Fixtures.code("X3"), on: Fixtures.day) == nil)
        #expect(catalog.entry(at: 1)?.code.text == "X2")
        #expect(catalog.entry(at: 4) == nil)
        #expect(catalog.entry(at: -1) == nil)
        #expect(catalog == Catalog(version: CatalogVersion(rawValue: 3), entries: entries))
    }
}
