import SettlementDomain
import Testing

@Suite("The order of the questions: the first match wins")
struct QuestionOrderTests {
    private let suspended = CoverageStatus.suspended

    @Test("1 before 2: a code that is not in force is unknown, whatever it was")
    func unknownFirst() throws {
        for (from, to) in [(2026_01_01, 2026_11_22), (2026_11_24, nil)] as [(Int32, Int32?)] {
            let entry = try Fixtures.entry("X1", .nonTreatment, .none, from: from, to: to)
            #expect(
                try Fixtures.reason(entry, Fixtures.visit(), Fixtures.policy()) == .unknownItem)
        }
        let bounds = try Fixtures.entry("X1", from: 2026_11_23, to: 2026_11_23)
        #expect(try Fixtures.reason(bounds, Fixtures.visit(), Fixtures.policy()) == .levelA)
    }

    @Test("2 before 3: whitening at a pharmacy is cosmetic, not something that it may not supply")
    func nonTreatmentBeforeSupply() throws {
        let entry = try Fixtures.entry("X1", .nonTreatment, .none, nonTreatment: .cosmetic)
        let visit = try Fixtures.visit(.pharmacy, .pharmacyPurchase)
        #expect(try Fixtures.reason(entry, visit, Fixtures.policy()) == .cosmetic)
    }

    @Test("3 before 4: a free vaccine at a hospital that does not vaccinate is not supplied here")
    func supplyBeforeVaccine() throws {
        let entry = try Fixtures.entry("X1", .vaccineCategory1, .none)
        let reason = try Fixtures.reason(entry, Fixtures.visit(), Fixtures.policy())
        #expect(reason == .notSuppliedHere)
    }

    @Test("4 before 5: a vaccine of level none is a vaccine")
    func vaccineBeforeLevel() throws {
        let entry = try Fixtures.entry("X1", .vaccineCategory2, .none)
        let visit = try Fixtures.visit(.vaccinationClinic, .vaccination)
        #expect(try Fixtures.reason(entry, visit, Fixtures.policy()) == .vaccineCategory2)
    }

    @Test("trace codes come after 4 and before 5: a vitamin without its code is excluded")
    func traceCodesBeforeLevel() throws {
        let policy = try Fixtures.policy(traceCodesRequiredFrom: Fixtures.day)
        let vitamin = try Fixtures.entry("X1", .westernMedicine, .none)
        #expect(try Fixtures.reason(vitamin, Fixtures.visit(), policy) == .traceCodeMissing)
        let elsewhere = try Fixtures.visit(.vaccinationClinic, .vaccination)
        #expect(try Fixtures.reason(vitamin, elsewhere, policy) == .notSuppliedHere)
    }

    @Test("5 before 6: level none at a pharmacy is out of payment scope, not out of the visit type")
    func levelBeforeVisit() throws {
        let entry = try Fixtures.entry("X1", .device, .none)
        let visit = try Fixtures.visit(.pharmacy, .pharmacyPurchase)
        #expect(try Fixtures.reason(entry, visit, Fixtures.policy()) == .notInPaymentScope)
    }

    @Test("6 before 7: a pharmacy purchase is not asked for its restrictions")
    func visitBeforeRestriction() throws {
        let entry = try Fixtures.entry(restrictions: [.sex(.female)])
        let visit = try Fixtures.visit(.pharmacy, .pharmacyPurchase)
        #expect(try Fixtures.reason(entry, visit, Fixtures.policy()) == .visitTypeNotPooled)
    }

    @Test("7 before 8: a restriction is named before suspended coverage")
    func restrictionBeforeCoverage() throws {
        let entry = try Fixtures.entry(restrictions: [.sex(.female)])
        let visit = try Fixtures.visit(person: Fixtures.person(coverage: suspended))
        #expect(try Fixtures.reason(entry, visit, Fixtures.policy()) == .restrictedSex)
    }

    @Test("within 7 the order is that of the reasons, whatever the order in the catalog")
    func restrictionOrder() throws {
        let all: [Restriction] = [
            .insuranceType(.workInjury), .visitType(.inpatient), .institutionLevelAtLeast(.level3),
            .ageGroup(.child), .sex(.female), .maxDays(1),
        ]
        let visit = try Fixtures.visit(level: .level1)
        let reasons: [SortingReason] = [
            .restrictedSex, .restrictedAge, .restrictedInstitutionLevel, .restrictedVisitType,
            .restrictedInsuranceType,
        ]
        for (count, reason) in reasons.enumerated() {
            let kept = all.filter { $0.reason.rawValue >= reason.rawValue }
            #expect(kept.count == all.count - count)
            for restrictions in [kept, kept.reversed()] {
                let entry = try Fixtures.entry(restrictions: restrictions)
                #expect(try Fixtures.reason(entry, visit, Fixtures.policy()) == reason)
            }
        }
    }

    @Test("7 with 8: what a course leaves over is named by the course, the rest by the coverage")
    func courseWithCoverage() throws {
        let entry = try Fixtures.entry(restrictions: [.maxDays(3)])
        let sorted = Sorting.sort(
            [Fixtures.line(entry.code, courseDays: 4)],
            visit: try Fixtures.visit(person: Fixtures.person(coverage: suspended)),
            catalog: Catalog(version: CatalogVersion(rawValue: 1), entries: [entry]),
            policy: try Fixtures.policy())
        #expect(sorted.map(\.reason) == [.coverageSuspended, .restrictedCourse])
        #expect(sorted.allSatisfy { !$0.needsHistory })
    }
}
