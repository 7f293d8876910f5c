import Foundation
import SettlementDomain
import Testing

/// A file of Protocol/Vectors/splits; its README says what the fields mean.
struct Vector: Decodable {
    struct PolicyFields: Decodable {
        struct Rule: Decodable {
            let benefit, insuranceType, category, level: String?
            let deductible, ratio: Int64
            let laterDeductibles: [Int64]?
        }
        struct Cap: Decodable {
            let benefit, insuranceType: String?
            let pooledCap: Int64
            let largeRatio, largeCap: Int64?
        }
        struct Plan: Decodable {
            let id: String
            let ratio, annualCap: Int64
        }
        let region, version: UInt32
        let effectiveFrom: Int32
        let visitBenefits: [String: String]
        let benefits: [Rule]
        let caps: [Cap]
        let plans: [Plan]
        let traceCodesRequiredFrom: Int32?
        let practice: [String: Bool]
    }
    struct Entry: Decodable {
        let code, name, kind, level: String
        let firstSelfPay, priceCeiling: Int64?
        let accountAllowed: Bool?
        let nonTreatment: String?
        let restrictions: [String]?
        let effectiveFrom: Int32
        let effectiveTo: Int32?
    }
    struct VisitFields: Decodable {
        struct PersonFields: Decodable {
            let id, sex, insuranceType, category, coverage: String
            let birthDate: Int32
            let region: UInt32
            let plans: [String]
        }
        struct InstitutionFields: Decodable {
            let id, kind, level: String
            let vaccinates: Bool
        }
        let person: PersonFields
        let institution: InstitutionFields
        let type: String
        let serviceDate: Int32
    }
    struct Line: Decodable {
        let code: String
        let quantity, unitPrice, amount: Int64
        let courseDays: UInt32?
        let traceCodes: [String]?
    }
    struct Used: Decodable {
        let deductible, pooled, large: Int64?
        let stays: UInt32?
        let plans: [String: Int64]?
    }
    struct Usage: Decodable {
        let date: Int32
        let quantity, days: Int64
    }
    struct Account: Decodable {
        let balance: Int64
        let limit: Int64?
    }
    struct Fund: Decodable {
        let owner: String
        let available: Int64
    }
    struct Part: Decodable, Equatable {
        let line: Int
        let itemClass, reason: String
        let quantity, amount, fullSelfPay, overLimit, firstSelfPay, inScope, pooled, large,
            supplement, account, family, cash: Int64
    }
    struct Plan: Decodable, Equatable {
        let plan: String
        let amount: Int64
    }
    struct Owner: Decodable, Equatable {
        let owner: String
        let amount: Int64
    }
    struct Expected: Decodable {
        let split: [String: Int64]
        let parts: [Part]
        let plans: [Plan]
        let owners: [Owner]
        let code: Int
    }

    let title: String
    let policy: PolicyFields
    let catalog: [Entry]
    let visit: VisitFields
    let lines: [Line]
    let used: Used
    let history: [String: [Usage]]
    let soldTraceCodes: [String]
    let account: Account
    let family: [Fund]
    let partialAllowed: Bool
    let expected: Expected
}

extension Vector {
    static var files: [URL] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Protocol/Vectors/splits").standardized
        // The tests may be reached through a link; the checkout is where the link leads.
        let real = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "../../Protocol/Vectors/splits")
        for place in [real.standardized, folder] {
            let found = try? FileManager.default.contentsOfDirectory(
                at: place, includingPropertiesForKeys: nil)
            if let found {
                return found.filter { $0.pathExtension == "json" }
                    .sorted { $0.lastPathComponent < $1.lastPathComponent }
            }
        }
        return []
    }

    func makePolicy() throws -> Policy {
        var visits: [VisitType: BenefitCategory] = [:]
        for (visit, benefit) in policy.visitBenefits {
            let category = try #require(BenefitCategory(name: benefit))
            visits[try #require(VisitType(name: visit))] = category
        }
        let flag = { (name: String, standard: Bool) in policy.practice[name] ?? standard }
        return Policy(
            region: try #require(RegionCode(rawValue: policy.region)),
            version: PolicyVersion(rawValue: policy.version),
            effectiveFrom: try #require(CivilDate(yyyymmdd: policy.effectiveFrom)),
            visitBenefits: visits,
            benefits: try policy.benefits.map {
                BenefitRule(
                    benefit: try $0.benefit.map { try #require(BenefitCategory(name: $0)) },
                    insuranceType: try $0.insuranceType.map {
                        try #require(InsuranceType(name: $0))
                    },
                    category: try $0.category.map { try #require(PersonCategory(name: $0)) },
                    level: try $0.level.map { try #require(InstitutionLevel(name: $0)) },
                    deductible: Money(fen: $0.deductible),
                    ratio: try #require(Ratio(tenThousandths: $0.ratio)),
                    laterDeductibles: ($0.laterDeductibles ?? []).map(Money.init(fen:)))
            },
            caps: try policy.caps.map {
                CapRule(
                    benefit: try $0.benefit.map { try #require(BenefitCategory(name: $0)) },
                    insuranceType: try $0.insuranceType.map {
                        try #require(InsuranceType(name: $0))
                    },
                    pooledCap: Money(fen: $0.pooledCap),
                    largeRatio: try #require(Ratio(tenThousandths: $0.largeRatio ?? 0)),
                    largeCap: Money(fen: $0.largeCap ?? 0))
            },
            plans: try policy.plans.map {
                SupplementaryPlan(
                    id: try #require(PlanID($0.id)),
                    ratio: try #require(Ratio(tenThousandths: $0.ratio)),
                    annualCap: Money(fen: $0.annualCap))
            },
            traceCodesRequiredFrom: policy.traceCodesRequiredFrom.flatMap(
                CivilDate.init(yyyymmdd:)),
            practice: Practice(
                accountPaysOverLimitAtHospitals: flag("accountPaysOverLimitAtHospitals", true),
                accountPaysNonCatalogAtHospitals: flag("accountPaysNonCatalogAtHospitals", true),
                accountPaysDisinfectants: flag("accountPaysDisinfectants", true),
                accountPaysHealthProducts: flag("accountPaysHealthProducts", false),
                accountPaysCheckups: flag("accountPaysCheckups", true),
                familyPaysVaccines: flag("familyPaysVaccines", true)))
    }

    func makeCatalog() throws -> Catalog {
        let entries = try catalog.map { entry in
            CatalogEntry(
                code: try #require(ItemCode(entry.code)), name: entry.name,
                kind: try #require(ItemKind(name: entry.kind)),
                level: try #require(PaymentLevel(name: entry.level)),
                firstSelfPay: try #require(Ratio(tenThousandths: entry.firstSelfPay ?? 0)),
                priceCeiling: entry.priceCeiling.map(UnitPrice.init(tenThousandths:)),
                accountAllowed: entry.accountAllowed ?? true,
                nonTreatment: entry.nonTreatment.flatMap(NonTreatmentCategory.init(name:)),
                restrictions: try (entry.restrictions ?? []).map {
                    try #require(Restriction($0))
                },
                effectiveFrom: try #require(CivilDate(yyyymmdd: entry.effectiveFrom)),
                effectiveTo: entry.effectiveTo.flatMap(CivilDate.init(yyyymmdd:)))
        }
        return Catalog(version: CatalogVersion(rawValue: 1), entries: entries)
    }

    func makeVisit() throws -> Visit {
        let person = visit.person
        let place = visit.institution
        let region = try #require(RegionCode(rawValue: person.region))
        return Visit(
            person: Person(
                id: try #require(PersonID(person.id)), sex: try #require(Sex(name: person.sex)),
                birthDate: try #require(CivilDate(yyyymmdd: person.birthDate)),
                insuranceType: try #require(InsuranceType(name: person.insuranceType)),
                category: try #require(PersonCategory(name: person.category)), region: region,
                coverage: try #require(CoverageStatus(name: person.coverage)),
                plans: try person.plans.map { try #require(PlanID($0)) }),
            institution: Institution(
                id: try #require(InstitutionID(place.id)), name: "",
                kind: try #require(InstitutionKind(name: place.kind)),
                level: try #require(InstitutionLevel(name: place.level)),
                vaccinates: place.vaccinates, region: region),
            type: try #require(VisitType(name: visit.type)),
            serviceDate: try #require(CivilDate(yyyymmdd: visit.serviceDate)))
    }

    func makeLines() throws -> [BillLine] {
        try lines.map { line in
            BillLine(
                code: try #require(ItemCode(line.code)),
                quantity: Quantity(thousandths: line.quantity),
                unitPrice: UnitPrice(tenThousandths: line.unitPrice),
                amount: Money(fen: line.amount), courseDays: line.courseDays,
                traceCodes: try (line.traceCodes ?? []).map { try #require(TraceCode($0)) })
        }
    }

    func makeSplit() throws -> Split {
        let (visit, policy) = (try makeVisit(), try makePolicy())
        let histories = history.mapValues { days in
            UsageHistory(
                days.compactMap { day in
                    CivilDate(yyyymmdd: day.date).map {
                        UsageRecord(
                            date: $0, quantity: Quantity(thousandths: day.quantity), days: day.days)
                    }
                })
        }
        let sorted = Sorting.sort(
            try makeLines(), visit: visit, catalog: try makeCatalog(), policy: policy,
            history: { histories[$0.text] }, isSold: { soldTraceCodes.contains($0.text) })
        let plans = try (used.plans ?? [:]).map {
            PlanShare(plan: try #require(PlanID($0.key)), amount: Money(fen: $0.value))
        }
        let funds = try family.map {
            FamilyFund(
                owner: try #require(PersonID($0.owner)), available: Money(fen: $0.available))
        }
        let split = Splitter.split(
            sorted, visit: visit, policy: policy,
            used: Accumulators(
                deductibleUsed: Money(fen: used.deductible ?? 0),
                pooledUsed: Money(fen: used.pooled ?? 0), largeUsed: Money(fen: used.large ?? 0),
                planUsed: plans, stays: used.stays ?? 0),
            account: AccountFunds(
                balance: Money(fen: account.balance), limit: account.limit.map(Money.init(fen:))),
            family: funds)
        return try #require(split)
    }
}

extension Vector.Part {
    init(_ part: LinePart) {
        line = part.line
        itemClass = part.itemClass.name
        reason = part.reason.name
        quantity = part.quantity.thousandths
        amount = part.amount.fen
        fullSelfPay = part.fullSelfPay.fen
        overLimit = part.overLimit.fen
        firstSelfPay = part.firstSelfPay.fen
        inScope = part.inScope.fen
        pooled = part.pooled.fen
        large = part.large.fen
        supplement = part.supplement.fen
        account = part.account.fen
        family = part.family.fen
        cash = part.cash.fen
    }
}

extension Split {
    var totals: [String: Int64] {
        [
            "total": total.fen, "fullSelfPay": fullSelfPay.fen, "overLimit": overLimit.fen,
            "firstSelfPay": firstSelfPay.fen, "inScope": inScope.fen,
            "deductible": deductible.fen, "pooled": pooled.fen, "large": large.fen,
            "scopeSelfPay": scopeSelfPay.fen, "supplement": supplement.fen,
            "personal": personal.fen, "excluded": excluded.fen, "payable": payable.fen,
            "account": account.fen, "family": family.fen, "cash": cash.fen,
        ]
    }
}
