import SettlementDomain
import Testing

@Suite("The sorting table")
struct SortingTableTests {
    /// Every kind that is supplied at each institution kind without a clause on vaccines.
    static let supplied: [InstitutionKind: Set<ItemKind>] = [
        .pharmacy: [
            .westernMedicine, .chinesePatentMedicine, .chineseMedicineSlice, .device, .consumable,
            .disinfectant,
        ],
        .clinic: [
            .westernMedicine, .chinesePatentMedicine, .chineseMedicineSlice, .device, .consumable,
            .disinfectant, .service, .facility,
        ],
        .hospital: [
            .westernMedicine, .chinesePatentMedicine, .chineseMedicineSlice, .device, .consumable,
            .disinfectant, .service, .facility,
        ],
        .vaccinationClinic: [.vaccineCategory1, .vaccineCategory2],
    ]

    @Test(
        "28: every row of the sorting table, at each institution kind, with its reason",
        arguments: InstitutionKind.allCases, ItemKind.allCases)
    func everyRow(_ place: InstitutionKind, _ kind: ItemKind) throws {
        let policy = try Fixtures.policy()
        for level in PaymentLevel.allCases {
            for vaccinates in [false, true] {
                let visit = try Fixtures.visit(place, vaccinates: vaccinates)
                let entry = try Fixtures.entry("X1", kind, level)
                var supplied = Self.supplied[place] ?? []
                if vaccinates, place == .hospital || place == .clinic {
                    supplied.formUnion([.vaccineCategory1, .vaccineCategory2])
                }
                let expected: SortingReason =
                    switch kind {
                    case .nonTreatment: .otherNonTreatment
                    case .healthProduct: .healthProduct
                    case _ where !supplied.contains(kind): .notSuppliedHere
                    case .vaccineCategory1: .freeVaccine
                    case .vaccineCategory2: .vaccineCategory2
                    default:
                        switch level {
                        case .a: .levelA
                        case .b: .levelB
                        case .none: .notInPaymentScope
                        }
                    }
                #expect(try Fixtures.reason(entry, visit, policy) == expected)
            }
        }
    }

    @Test(
        "a plain pharmacy purchase, a vaccination and a check-up give no pooled benefit",
        arguments: [VisitType.pharmacyPurchase, .vaccination, .checkup])
    func notPooled(_ type: VisitType) throws {
        let (policy, visit) = (try Fixtures.policy(), try Fixtures.visit(.hospital, type))
        #expect(try Fixtures.reason(Fixtures.entry(), visit, policy) == .visitTypeNotPooled)
        let levelB = try Fixtures.entry("X1", .service, .b)
        #expect(try Fixtures.reason(levelB, visit, policy) == .visitTypeNotPooled)
    }

    @Test("where no rule speaks of the person, the visit gives no pooled benefit")
    func noTerms() throws {
        let base = try Fixtures.policy()
        let policy = Policy(
            region: base.region, version: base.version, effectiveFrom: base.effectiveFrom,
            visitBenefits: base.visitBenefits,
            benefits: [BenefitRule(insuranceType: .resident, deductible: .zero, ratio: .one)],
            caps: base.caps)
        let reason = try Fixtures.reason(Fixtures.entry(), Fixtures.visit(), policy)
        #expect(reason == .visitTypeNotPooled)
    }

    @Test("suspended coverage leaves the account")
    func suspended() throws {
        let visit = try Fixtures.visit(person: Fixtures.person(coverage: .suspended))
        let reason = try Fixtures.reason(Fixtures.entry(), visit, Fixtures.policy())
        #expect(reason == .coverageSuspended)
        #expect(reason.itemClass == .account)
    }

    @Test(
        "what is no treatment is excluded under its own category",
        arguments: zip(
            NonTreatmentCategory.allCases,
            [
                SortingReason.cosmetic, .fitness, .plasticSurgery, .appearanceCorrection,
                .weightControl, .heightIncrease, .otherNonTreatment,
            ]))
    func nonTreatment(_ category: NonTreatmentCategory, _ reason: SortingReason) throws {
        let entry = try Fixtures.entry("X1", .nonTreatment, .a, nonTreatment: category)
        for place in InstitutionKind.allCases {
            #expect(try Fixtures.reason(entry, Fixtures.visit(place), Fixtures.policy()) == reason)
        }
        #expect(reason.itemClass == .excluded)
    }

    @Test("an item that the account may not pay is excluded at level none, and only there")
    func accountForbidden() throws {
        let (visit, policy) = (try Fixtures.visit(), try Fixtures.policy())
        for (level, reason) in [
            (PaymentLevel.none, SortingReason.otherNonTreatment), (.a, .levelA), (.b, .levelB),
        ] {
            let entry = try Fixtures.entry("X1", .device, level, accountAllowed: false)
            #expect(try Fixtures.reason(entry, visit, policy) == reason)
        }
        let fitness = try Fixtures.entry(
            "X1", .device, .none, accountAllowed: false, nonTreatment: .fitness)
        #expect(try Fixtures.reason(fitness, visit, policy) == .fitness)
    }

    @Test("each class has its reasons and each reason its class")
    func classes() {
        for reason in SortingReason.allCases {
            let expected: ItemClass =
                switch reason {
                case .levelA, .levelB: .catalog
                case .vaccineCategory2: .vaccine
                case _ where (10...29).contains(reason.rawValue): .account
                default: .excluded
                }
            #expect(reason.itemClass == expected)
        }
    }
}
