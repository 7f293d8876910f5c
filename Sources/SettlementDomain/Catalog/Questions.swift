/// The questions that are asked of every line, in their order; what one visit answers for all
/// lines is found out once.
///
/// - Source: Protocol/Sorting.md, "The questions".
struct Questions {
    private let institution: InstitutionKind
    private let vaccinates: Bool
    private let practice: Practice
    private let visit: Visit
    private let isPooled: Bool
    /// Whether medicines need trace codes on the service date.
    let traceCodesNeeded: Bool

    init(visit: Visit, policy: Policy) {
        self.visit = visit
        institution = visit.institution.kind
        vaccinates = visit.institution.vaccinates
        practice = policy.practice
        isPooled = policy.terms(for: visit) != nil
        traceCodesNeeded = policy.needsTraceCodes(on: visit.serviceDate)
    }

    /// Questions 2 to 4: what the item is and whether it may be supplied here; nil to ask on.
    func beforeTraceCodes(_ entry: CatalogEntry) -> SortingReason? {
        if isNoTreatment(entry) { return noTreatmentReason(entry) }
        guard maySupply(entry.kind) else { return .notSuppliedHere }
        return switch entry.kind {
        case .vaccineCategory1: .freeVaccine
        case .vaccineCategory2: .vaccineCategory2
        default: nil
        }
    }

    /// Questions 5 to 7, but for limits of course and frequency; nil to ask on.
    func beforeLimits(_ entry: CatalogEntry) -> SortingReason? {
        if entry.level == .none { return onAccount(entry, .notInPaymentScope) }
        if !isPooled { return onAccount(entry, .visitTypeNotPooled) }
        if entry.restrictions.isEmpty { return nil }
        return unmetRestriction(entry).map { onAccount(entry, $0) }
    }

    /// Questions 8 and 9: the reason of what keeps within all limits.
    func withinLimits(_ entry: CatalogEntry) -> SortingReason {
        if visit.person.coverage == .suspended { return onAccount(entry, .coverageSuspended) }
        return entry.level == .a ? .levelA : .levelB
    }

    /// A reason of class `account`, or `accountNotPermitted` where the region's practice is that
    /// accounts do not pay such a line.
    func onAccount(_ entry: CatalogEntry, _ reason: SortingReason) -> SortingReason {
        guard reason.itemClass == .account else { return reason }
        if reason == .notInPaymentScope, institution.treats,
            !practice.accountPaysNonCatalogAtHospitals
        {
            return .accountNotPermitted
        }
        if entry.kind == .disinfectant, !practice.accountPaysDisinfectants {
            return .accountNotPermitted
        }
        if visit.type == .checkup, !practice.accountPaysCheckups { return .accountNotPermitted }
        return reason
    }

    private func isNoTreatment(_ entry: CatalogEntry) -> Bool {
        switch entry.kind {
        case .nonTreatment: true
        case .healthProduct where !practice.accountPaysHealthProducts: true
        default: entry.level == .none && !entry.accountAllowed
        }
    }

    private func noTreatmentReason(_ entry: CatalogEntry) -> SortingReason {
        if entry.kind == .healthProduct { return .healthProduct }
        return switch entry.nonTreatment {
        case .cosmetic: .cosmetic
        case .fitness: .fitness
        case .plasticSurgery: .plasticSurgery
        case .appearanceCorrection: .appearanceCorrection
        case .weightControl: .weightControl
        case .heightIncrease: .heightIncrease
        case .other, nil: .otherNonTreatment
        }
    }

    private func maySupply(_ kind: ItemKind) -> Bool {
        switch institution {
        case .pharmacy:
            switch kind {
            case .westernMedicine, .chinesePatentMedicine, .chineseMedicineSlice, .device,
                .consumable, .disinfectant:
                true
            case .healthProduct: practice.accountPaysHealthProducts
            case .vaccineCategory1, .vaccineCategory2, .service, .facility, .nonTreatment: false
            }
        case .vaccinationClinic: kind.isVaccine
        case .hospital, .clinic: !kind.isVaccine || vaccinates
        case .agency, .bank, .employer: false
        }
    }

    /// The first restriction without history that is not met, in the order of reasons.
    private func unmetRestriction(_ entry: CatalogEntry) -> SortingReason? {
        var first: SortingReason?
        for restriction in entry.restrictions where !isMet(restriction) {
            let reason = restriction.reason
            if let found = first, found.rawValue <= reason.rawValue { continue }
            first = reason
        }
        return first
    }

    private func isMet(_ restriction: Restriction) -> Bool {
        let person = visit.person
        return switch restriction {
        case .sex(let sex): person.sex == sex
        case .ageGroup(let group):
            group.includes(birthDate: person.birthDate, on: visit.serviceDate)
        case .institutionLevelAtLeast(let level): visit.institution.level >= level
        case .visitType(let type): visit.type == type
        case .insuranceType(let type): person.insuranceType == type
        case .maxDays, .maxQuantity, .maxHoursPerDay: true
        }
    }
}
