import Ledger
import SettlementDomain
import Testing

@testable import SiteFiles

@Suite("Catalog files")
struct CatalogTests {
    private static let header =
        "code,name,kind,level,first_self_pay_ratio,price_ceiling,account_allowed,category,"
        + "restrictions,effective_from,effective_to\n"

    private func refusal(_ text: String) -> String {
        do {
            let entries = try SiteReader().catalogEntries(
                name: "c.csv", bytes: Array((Self.header + text).utf8))
            return "accepted: \(entries.count)"
        } catch {
            return "\(error)"
        }
    }

    @Test("an entry is read with all that it says")
    func entry() throws {
        let entries = try SiteReader().catalogEntries(
            name: "c.csv",
            bytes: Array(
                (Self.header
                    + "A1,检查,service,b,12.5,280.0001,no,,sex=female;max_days=7,"
                    + "2026-01-01,2026-12-31\n"
                    + "A1,检查,service,a,,,,,,2027-01-01,\n"
                    + "N1,美白,nonTreatment,none,,,no,cosmetic,,2026-01-01,\n").utf8))
        try #require(entries.count == 3)
        #expect(entries[0].firstSelfPay == Ratio(tenThousandths: 1250))
        #expect(entries[0].priceCeiling == UnitPrice(tenThousandths: 2_800_001))
        #expect(entries[0].restrictions == [.sex(.female), .maxDays(7)])
        #expect(!entries[0].accountAllowed)
        #expect(entries[0].effectiveTo == CivilDate(yyyymmdd: 2026_12_31))
        #expect(entries[1].accountAllowed)
        #expect(entries[1].effectiveTo == nil)
        #expect(entries[2].nonTreatment == .cosmetic)
    }

    @Test("every wrong field of an entry is named with its place")
    func wrong() {
        #expect(
            refusal(",x,drug,c,101,0,maybe,fun,sex=both;max_days=7;,2026-13-01,x\n")
                == """
                c.csv:2:1: code: is empty; write a code of 1 to 27 visible ASCII characters
                c.csv:2:4: kind: "drug" is not one of westernMedicine, chinesePatentMedicine, \
                chineseMedicineSlice, device, consumable, disinfectant, vaccineCategory1, \
                vaccineCategory2, service, facility, healthProduct, nonTreatment
                c.csv:2:9: level: "c" is not one of a, b, none
                c.csv:2:11: first_self_pay_ratio: "101" is not a percentage of 0...100 with at \
                most two decimals
                c.csv:2:15: price_ceiling: "0" is not a price in yuan above 0 with at most four \
                decimals
                c.csv:2:17: account_allowed: "maybe" is not yes or no
                c.csv:2:23: category: "fun" is not one of cosmetic, fitness, plasticSurgery, \
                appearanceCorrection, weightControl, heightIncrease, other
                c.csv:2:27: restrictions: "sex=both" is no restriction, such as max_days=14
                c.csv:2:27: restrictions: "" is no restriction, such as max_days=14
                c.csv:2:48: effective_from: "2026-13-01" is not a day as 2026-11-23
                c.csv:2:59: effective_to: "x" is not a day as 2026-11-23
                """)
    }

    @Test("fields that contradict each other are named")
    func contradictions() {
        #expect(
            refusal(
                "A,x,service,b,,,,,,2026-01-01,\nB,x,service,a,10,,,cosmetic,,2026-01-01,\n"
                    + "C,x,nonTreatment,none,,,,,,2026-01-01,\n"
                    + "D,x,vaccineCategory2,a,,,,,,2026-02-01,2026-01-31\n"
                    + "E,x,service,a,,,,,max_days=7;max_days=3,2026-01-01,\n")
                    == """
                    c.csv:2:15: first_self_pay_ratio: is empty; level b needs a ratio
                    c.csv:3:15: first_self_pay_ratio: only level b has a ratio; leave it empty
                    c.csv:3:20: category: only a nonTreatment has a category; leave it empty
                    c.csv:4:26: category: is empty; write one of cosmetic, fitness, plasticSurgery, \
                    appearanceCorrection, weightControl, heightIncrease, other
                    c.csv:5:22: level: a vaccineCategory2 has level none
                    c.csv:5:40: effective_to: 2026-01-31 is before effective_from 2026-02-01
                    c.csv:6:19: restrictions: "max_days=3" asks the same twice
                    """)
        #expect(
            refusal(
                "A,x,service,a,,,,,,2026-01-01,2026-06-30\nA,x,service,a,,,,,,2026-06-30,\n")
                == "c.csv:3:1: code: \"A\" is in force on the same days on line 2")
    }

    @Test("the sample catalog has items of every kind, level, category and restriction")
    func sample() throws {
        let row = try SiteReader().catalog(
            at: RepositoryFiles.root + "/Config/catalog/sample-catalog.csv",
            version: CatalogVersion(rawValue: 1),
            effectiveFrom: try #require(CivilDate(yyyymmdd: 2026_01_01)))
        let entries = row.catalog.entries
        #expect(entries.count >= 300)
        #expect(Set(entries.map(\.kind)).count == ItemKind.allCases.count)
        #expect(Set(entries.map(\.level)).count == PaymentLevel.allCases.count)
        #expect(
            Set(entries.compactMap(\.nonTreatment)).count == NonTreatmentCategory.allCases.count)
        let restrictions = Set(entries.flatMap(\.restrictions).map(\.description))
        for text in [
            "sex=male", "sex=female", "age_group=newborn", "age_group=infant", "age_group=toddler",
            "age_group=child", "institution_level=level_2_or_above", "institution_level=level_3",
            "visit_type=inpatient", "insurance_type=work_injury", "insurance_type=maternity",
            "max_days=14", "max_per_day=1", "max_hours_per_day=24", "max_per_7_days=1",
            "max_per_14_days=1", "max_per_15_days=1",
        ] { #expect(restrictions.contains(text), "\(text)") }
        let national = entries.filter { ItemKind(nationalCode: $0.code) == $0.kind }
        #expect(national.count { $0.kind == .westernMedicine } > 80)
        #expect(national.count { $0.kind == .chinesePatentMedicine } > 50)
        #expect(national.count { $0.kind == .service } > 50)
    }
}
