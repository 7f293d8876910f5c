import SettlementDomain
import Testing

@testable import SiteFiles

@Suite("Restriction rules")
struct CatalogRulesTests {
    private static let header = "national_code,name,restriction,value\n"
    private static let drug = "XA02AXX095A001010103357"
    private static let likeness = CatalogRules.NewEntry(
        effectiveFrom: CivilDate(yyyymmdd: 2026_01_01) ?? .first)

    private func rules(_ text: String) throws(SiteFileFault) -> [CatalogRule] {
        try SiteReader().catalogRules(name: "r.csv", bytes: Array((Self.header + text).utf8))
    }

    @Test("rules of unknown codes make entries whose kind the code tells")
    func newEntries() throws {
        let merged = try CatalogRules.merge(
            rules(
                "\(Self.drug),片,age_group,child\nZA01AAC0001010100001,丸,sex,male\n"
                    + "001201000070000,护理,age_group,新生儿\n001201000070000,护理,max_per_day,1\n"),
            creating: Self.likeness)
        #expect(merged.added == 3)
        #expect(merged.restricted == 0)
        #expect(merged.notes == [])
        #expect(
            merged.entries.map(\.kind) == [.westernMedicine, .chinesePatentMedicine, .service])
        #expect(
            merged.entries[2].restrictions
                == [.ageGroup(.newborn), .maxQuantity(.one, perDays: 1)])
        #expect(merged.entries.allSatisfy { $0.level == .b })
        #expect(merged.entries.allSatisfy { $0.firstSelfPay == Ratio(tenThousandths: 1000) })
    }

    @Test("level a drops the first self-pay ratio")
    func levelA() throws {
        let merged = try CatalogRules.merge(
            rules("\(Self.drug),片,age_group,child\n"),
            creating: CatalogRules.NewEntry(
                level: .a, effectiveFrom: Self.likeness.effectiveFrom))
        #expect(merged.entries[0].level == .a)
        #expect(merged.entries[0].firstSelfPay == .zero)
    }

    @Test("rules of known codes restrict every period of the code and leave the rest as it is")
    func knownEntries() throws {
        let code = try #require(ItemCode(Self.drug))
        let day = try #require(CivilDate(yyyymmdd: 2026_07_01))
        let old = [
            CatalogEntry(
                code: code, name: "片", kind: .westernMedicine, level: .a,
                effectiveFrom: Self.likeness.effectiveFrom, effectiveTo: day.adding(days: -1)),
            CatalogEntry(
                code: code, name: "片", kind: .westernMedicine, level: .a, effectiveFrom: day),
        ]
        let merged = try CatalogRules.merge(
            rules("\(Self.drug),别名,max_days,14\n"), into: old, creating: Self.likeness)
        #expect(merged.entries.count == 2)
        #expect(merged.restricted == 2)
        #expect(merged.added == 0)
        #expect(merged.entries.allSatisfy { $0.restrictions == [.maxDays(14)] && $0.level == .a })
        #expect(
            merged.notes.map(\.description) == ["r.csv:2: \(Self.drug) is called 片, here 别名"])
    }

    @Test("repeated rules are told, of two limits the stricter stays")
    func repeated() throws {
        let merged = try CatalogRules.merge(
            rules(
                "\(Self.drug),片,max_days,14\n\(Self.drug),片,max_days,14\n"
                    + "\(Self.drug),片,max_days,7\n\(Self.drug),片,institution_level,level_3\n"
                    + "\(Self.drug),片,institution_level,level_2_or_above\n"),
            creating: Self.likeness)
        #expect(
            merged.entries[0].restrictions == [.maxDays(7), .institutionLevelAtLeast(.level3)])
        #expect(merged.notes.map(\.kind) == [.repeated, .stricterStays, .stricterStays])
        #expect(
            merged.notes[1].description
                == "r.csv:4: \(Self.drug) has max_days=14 and max_days=7; max_days=7 stays")
    }

    @Test("rules that exclude each other are refused, all of them named")
    func excluding() throws {
        let rules = try rules(
            "\(Self.drug),片,sex,male\n\(Self.drug),片,sex,female\n"
                + "\(Self.drug),片,visit_type,inpatient\n\(Self.drug),片,visit_type,outpatient\n")
        do {
            _ = try CatalogRules.merge(rules, creating: Self.likeness)
            Issue.record("accepted")
        } catch {
            #expect(
                error.description
                    == """
                    r.csv:3: restriction: sex=female excludes sex=male of \(Self.drug)
                    r.csv:5: restriction: visit_type=outpatient excludes visit_type=inpatient of \
                    \(Self.drug)
                    """)
        }
    }

    @Test("every wrong field of a rule is named with its place")
    func wrong() {
        do {
            _ = try rules(
                "Q1,片,colour,red\n\(Self.drug),片,sex,both\n\(Self.drug),片,max_per_30_days,x\n")
            Issue.record("accepted")
        } catch {
            #expect(
                error.description
                    == """
                    r.csv:2:1: national_code: "Q1" is not a code whose kind is known: X and 22 \
                    more characters, Z and 19, 15 digits
                    r.csv:2:6: restriction: "colour" is not a restriction known here
                    r.csv:3:31: value: "both" is no value of sex
                    r.csv:4:43: value: "x" is no value of max_per_30_days
                    """)
        }
    }

    @Test(
        "all published rules are read and merged",
        .enabled(
            if: RepositoryFiles.sharedData != nil,
            "the published rules are in no ../shared/data and SETTLED_SHARED_DATA names no folder"))
    func published() throws {
        let folder = try #require(RepositoryFiles.sharedData)
        let drugs = try SiteReader().catalogRules(at: folder + "/drug-rules.csv")
        let services = try SiteReader().catalogRules(at: folder + "/service-rules.csv")
        #expect(drugs.count == 13_827)
        #expect(services.count == 501)
        let merged = try CatalogRules.merge(drugs + services, creating: Self.likeness)
        #expect(merged.entries.count == 13_738 + 498)
        #expect(merged.added == 13_738 + 498)
        // Every rule is in the catalog: nothing was repeated or contradicted another.
        #expect(merged.entries.reduce(0) { $0 + $1.restrictions.count } == 13_827 + 501)
        // 21 codes have two rows whose names differ in how a Roman one is written.
        #expect(merged.notes.count == 21)
        #expect(merged.notes.allSatisfy { $0.kind == .otherName })
        let kinds = Dictionary(grouping: merged.entries, by: \.kind).mapValues(\.count)
        #expect(
            kinds == [.westernMedicine: 5475, .chinesePatentMedicine: 8263, .service: 498])
        // On top of the sample catalog, items that are in both are restricted in their place.
        let sample = try SiteReader().catalogEntries(
            at: RepositoryFiles.root + "/Config/catalog/sample-catalog.csv")
        let both = try CatalogRules.merge(
            drugs + services, into: sample, creating: Self.likeness)
        #expect(both.added + both.restricted == 13_738 + 498)
        #expect(both.entries.count == sample.count + both.added)
    }
}
