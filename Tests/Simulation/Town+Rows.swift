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
            + persons.indices.map { number in
                .card(
                    CardRow(
                        number: Self.card(number), person: Self.person(number), state: .active,
                        expires: Self.date(3_000),
                        verification: Self.verification(number, persons[number].pin),
                        triesFailed: 0))
            }
            + persons.indices.filter { !persons[$0].owners.isEmpty }.map { .family(family($0)) }
    }

    func institutionRow(_ number: Int, _ institution: ModelInstitution) -> InstitutionRow {
        let (kind, visits): (InstitutionKind, VisitTypes) =
            switch institution.kind {
            case .pharmacy: (.pharmacy, VisitTypes([.pharmacyPurchase]))
            case .hospital: (.hospital, VisitTypes([.outpatient]))
            case .vaccination: (.vaccinationClinic, VisitTypes([.vaccination]))
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
            switch institutions[terminals[number]].kind {
            case .pharmacy: .pharmacy
            case .hospital: .hospital
            case .vaccination: .vaccination
            }
        return TerminalRow(
            id: Self.terminal(number), institution: Self.institution(terminals[number]), role: role,
            blocked: isBlocked)
    }

    func personRow(_ number: Int, _ person: ModelPerson) -> PersonRow {
        // The seventeenth digit tells men from women.
        let digits = "990100198001010\(number)" + (person.isWoman ? "2" : "1")
        let idNumber = Self.checked(
            "0123456789X".lazy.compactMap { IDNumber(digits + String($0)) }.first)
        return PersonRow(
            person: Person(
                id: Self.person(number), sex: person.isWoman ? .female : .male,
                birthDate: idNumber.birthDate,
                insuranceType: person.isEmployee ? .employee : .resident,
                category: person.isEmployee ? .active : .adultResident, region: Self.region,
                coverage: person.isSuspended ? .suspended : .active,
                plans: person.hasPlan ? [Self.plan] : [], hasAccount: person.hasAccount),
            name: "测试\(number)", idNumber: idNumber, frozen: person.isFrozen)
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
            effectiveFrom: Self.date(item.from == 0 ? -1_000 : item.from))
    }

    private func policy(_ policy: ModelPolicy) -> Policy {
        func rule(_ type: InsuranceType, _ terms: ModelPolicy.Terms) -> BenefitRule {
            BenefitRule(
                insuranceType: type, deductible: Money(fen: Int64(terms.deductible)),
                ratio: Self.checked(Ratio(tenThousandths: Int64(terms.ratio))))
        }
        func cap(_ type: InsuranceType, _ terms: ModelPolicy.Terms) -> CapRule {
            CapRule(
                insuranceType: type, pooledCap: Money(fen: Int64(terms.pooledCap)),
                largeRatio: Self.checked(Ratio(tenThousandths: Int64(terms.largeRatio))),
                largeCap: Money(fen: Int64(terms.largeCap)))
        }
        return Policy(
            region: Self.region, version: PolicyVersion(rawValue: UInt32(policy.version)),
            effectiveFrom: Self.date(policy.from), visitBenefits: [.outpatient: .outpatient],
            benefits: [rule(.employee, policy.employee), rule(.resident, policy.resident)],
            caps: [cap(.employee, policy.employee), cap(.resident, policy.resident)],
            plans: [
                SupplementaryPlan(
                    id: Self.plan,
                    ratio: Self.checked(Ratio(tenThousandths: Int64(policy.planRatio))),
                    annualCap: Money(fen: Int64(policy.planCap)))
            ],
            traceCodesRequiredFrom: Self.date(policy.tracesFrom))
    }
}
