import Ledger
import SettlementDomain

// The town as the operator registers it.
extension Town {
    var registrations: [Registration] {
        institutions.indices.map { .institution(institutionRow($0, institutions[$0])) }
            + terminals.indices.map { .terminal(terminalRow($0, isBlocked: false)) }
            + policies.map { .policy(PolicyRow(policy: policy($0))) }
            + [
                .catalog(
                    CatalogRow(
                        effectiveFrom: Self.date(-1_000),
                        catalog: Catalog(
                            version: CatalogVersion(rawValue: 1), entries: items.map(entry))))
            ]
            + persons.indices.map { .person(personRow($0, persons[$0])) }
            + cards.sorted { $0.key < $1.key }.map { number, card in
                .card(
                    CardRow(
                        number: Self.card(number), person: Self.person(card.person),
                        state: .active, expires: Self.date(card.expires),
                        verification: card.pin.map { Self.verification(number, $0) },
                        triesFailed: 0))
            }
            + persons.indices.filter { !persons[$0].owners.isEmpty }.map { .family(family($0)) }
    }

    func institutionRow(_ number: Int, _ institution: ModelInstitution) -> InstitutionRow {
        let (kind, visits): (InstitutionKind, VisitTypes) =
            switch institution.kind {
            case .pharmacy: (.pharmacy, VisitTypes([.pharmacyPurchase]))
            case .hospital: (.hospital, VisitTypes([.outpatient, .inpatient]))
            case .vaccination: (.vaccinationClinic, VisitTypes([.vaccination]))
            case .agency: (.agency, VisitTypes([]))
            case .bank: (.bank, VisitTypes([]))
            case .employer: (.employer, VisitTypes([]))
            }
        return InstitutionRow(
            institution: Institution(
                id: Self.institution(number), name: "institution \(number)", kind: kind,
                level: kind == .hospital ? .level2 : .unrated,
                contract: institution.isSuspended ? .suspended : .active,
                permittedVisitTypes: visits, region: Self.region))
    }

    func terminalRow(_ number: Int, isBlocked: Bool) -> TerminalRow {
        let role: Role =
            switch roles[number] {
            case .pharmacy: .pharmacy
            case .hospital: .hospital
            case .vaccination: .vaccination
            case .counter: .counter
            case .gateway: .gateway
            case .collector: .collector
            case .employer: .employer
            }
        return TerminalRow(
            id: Self.terminal(number), institution: Self.institution(terminals[number]), role: role,
            blocked: isBlocked)
    }

    func personRow(_ number: Int, _ person: ModelPerson) -> PersonRow {
        let idNumber = Self.idNumber(number, person)
        return PersonRow(
            person: Person(
                id: Self.person(number), sex: person.isWoman ? .female : .male,
                birthDate: idNumber.birthDate,
                insuranceType: person.isEmployee ? .employee : .resident,
                category: person.isEmployee ? .active : .adultResident, region: Self.region,
                coverage: person.suspension == nil ? .active : .suspended,
                plans: person.hasPlan ? [Self.plan] : [], hasAccount: person.hasAccount),
            name: Self.name(number), idNumber: idNumber, frozen: person.isFrozen,
            standing: ContributionStanding(employer: person.employer.map(Self.institution)))
    }

    static func name(_ number: Int) -> String { "测试\(number)" }

    func idNumber(_ number: Int?) -> IDNumber {
        guard let number else {
            return Self.checked(IDNumber(digits: 99_010_019_800_101_091))
        }
        return Self.idNumber(number, persons[number])
    }

    private static func idNumber(_ number: Int, _ person: ModelPerson) -> IDNumber {
        // The seventeenth digit tells men from women.
        let digits = "990100\(person.birthYear)01010\(number)" + (person.isWoman ? "2" : "1")
        return checked(UInt64(digits).flatMap(IDNumber.init(digits:)))
    }

    func credit(_ person: Int, _ amount: Int, number: Int) -> CreditRow {
        CreditRow(
            key: CreditKey(person: Self.person(person), reference: "credit-\(number)"),
            amount: Money(fen: Int64(amount)), collector: Self.collector)
    }

    private func family(_ member: Int) -> FamilyRow {
        FamilyRow(
            member: Self.person(member),
            links: persons[member].owners.map { link in
                FamilyLink(
                    owner: Self.person(link.person), relationship: .spouse,
                    yearlyLimit: link.yearly.map { Money(fen: Int64($0)) },
                    dailyLimit: link.daily.map { Money(fen: Int64($0)) }, usedYear: 2026,
                    used: .zero)
            })
    }

    private func entry(_ item: ModelItem) -> CatalogEntry {
        let kind: ItemKind =
            switch item.kind {
            case .medicine: .westernMedicine
            case .supply: .consumable
            case .disinfectant: .disinfectant
            case .service: .service
            case .vaccine1: .vaccineCategory1
            case .vaccine2: .vaccineCategory2
            case .health: .healthProduct
            case .cosmetic: .nonTreatment
            }
        let level: PaymentLevel =
            switch item.level {
            case .a: .a
            case .b: .b
            case .none: .none
            }
        var restrictions: [Restriction] = item.isForWomen ? [.sex(.female)] : []
        if let most = item.most {
            restrictions.append(
                .maxQuantity(Quantity(thousandths: Int64(most.thousandths)), perDays: most.days))
        }
        return CatalogEntry(
            code: Self.checked(ItemCode(item.code)), name: "item \(item.code)", kind: kind,
            level: level, firstSelfPay: Self.checked(Ratio(tenThousandths: Int64(item.selfPay))),
            priceCeiling: item.ceiling.map { UnitPrice(tenThousandths: Int64($0)) },
            accountAllowed: item.accountAllowed,
            nonTreatment: kind == .nonTreatment ? .cosmetic : nil, restrictions: restrictions,
            effectiveFrom: Self.date(item.from))
    }

    private func policy(_ policy: ModelPolicy) -> Policy {
        func money(_ fen: Int) -> Money { Money(fen: Int64(fen)) }
        func ratio(_ tenThousandths: Int) -> Ratio {
            Self.checked(Ratio(tenThousandths: Int64(tenThousandths)))
        }
        let all: [(BenefitCategory, InsuranceType, ModelPolicy.Terms)] = [
            (.outpatient, .employee, policy.employee), (.outpatient, .resident, policy.resident),
            (.inpatient, .employee, policy.employeeInpatient),
            (.inpatient, .resident, policy.residentInpatient),
        ]
        return Policy(
            region: Self.region, version: PolicyVersion(rawValue: UInt32(policy.version)),
            effectiveFrom: Self.date(policy.from),
            visitBenefits: [.outpatient: .outpatient, .inpatient: .inpatient],
            benefits: all.map { benefit, type, terms in
                BenefitRule(
                    benefit: benefit, insuranceType: type, deductible: money(terms.deductible),
                    ratio: ratio(terms.ratio), laterDeductibles: terms.laterDeductibles.map(money))
            },
            caps: all.map { benefit, type, terms in
                CapRule(
                    benefit: benefit, insuranceType: type, pooledCap: money(terms.pooledCap),
                    largeRatio: ratio(terms.largeRatio), largeCap: money(terms.largeCap))
            },
            plans: [
                SupplementaryPlan(
                    id: Self.plan, ratio: ratio(policy.planRatio),
                    annualCap: money(policy.planCap))
            ],
            traceCodesRequiredFrom: Self.date(policy.tracesFrom),
            contributions: contributions(policy.contributions))
    }

    private func contributions(_ terms: ModelContributionTerms) -> ContributionTerms {
        func money(_ fen: Int) -> Money { Money(fen: Int64(fen)) }
        func ratio(_ tenThousandths: Int) -> Ratio {
            Self.checked(Ratio(tenThousandths: Int64(tenThousandths)))
        }
        return ContributionTerms(
            rates: [
                ContributionRate(
                    category: .active, employer: ratio(terms.employer),
                    individual: ratio(terms.individual))
            ],
            payableAheadMonths: terms.ahead, baseFloor: money(terms.floor),
            baseCeiling: money(terms.ceiling),
            credits: terms.bands.map {
                CreditBand(category: .active, ageFrom: $0.age, ofBase: ratio($0.share))
            },
            retirees: [],
            residents: [ResidentAmount(category: .adultResident, yearly: money(terms.yearly))],
            interest: .zero,
            arrears: ArrearsRule(
                suspendedAfterMonths: terms.suspendedAfter,
                countedFrom: Self.date(ModelCalendar.firstDay(ofMonth: terms.countedFrom)),
                restored: terms.restoresNextMonth ? .nextMonth : .immediately))
    }
}
