import Ledger
import SettlementDomain
import Testing

@testable import SiteFiles

@Suite("Policy files")
struct PolicyFileTests {
    private static let sound = """
        region: 990100
        version: 2
        effectiveFrom: 2026-01-01
        visitBenefits:
          outpatient: outpatient
        benefits:
          - { deductible: 100, ratio: 70 }
        caps:
          - { pooledCap: 20000.00 }

        """

    private func read(_ text: String) throws(SiteFileFault) -> PolicyFile {
        try PolicyFile(name: "p.yaml", bytes: Array(text.utf8))
    }

    private func refusal(_ text: String) -> String {
        do {
            return "accepted: \(try read(text).policy.version)"
        } catch {
            return error.description
        }
    }

    @Test("a policy is read with all that it says; what is left out has its default")
    func sound() throws {
        let file = try read(
            Self.sound + """
                plans:
                  - { id: CORP-A, ratio: 12.5, annualCap: 3000 }
                traceCodesRequiredFrom: 2026-07-01
                practice:
                  accountPaysCheckups: false

                """)
        let policy = file.policy
        #expect(file.findings == [])
        #expect(file.isUsable)
        #expect(policy.region.rawValue == 990_100)
        #expect(policy.version.rawValue == 2)
        #expect(policy.effectiveFrom.yyyymmdd == 2026_01_01)
        #expect(policy.visitBenefits == [.outpatient: .outpatient])
        let ratio = try #require(Ratio(percent: "70"))
        #expect(policy.benefits == [BenefitRule(deductible: Money(fen: 10_000), ratio: ratio)])
        #expect(policy.caps == [CapRule(pooledCap: Money(fen: 2_000_000))])
        #expect(policy.plans.map(\.ratio) == [Ratio(tenThousandths: 1250)])
        #expect(policy.traceCodesRequiredFrom?.yyyymmdd == 2026_07_01)
        #expect(policy.practice == Practice(accountPaysCheckups: false))
    }

    @Test("every wrong and unknown key is named with path, line and column")
    func wrong() {
        #expect(
            refusal(
                """
                region: 99
                version: 0
                colour: red
                visitBenefits:
                  outpatient: all
                  dentist: outpatient
                benefits:
                  - { deductible: -1, ratio: 170, level: level9 }
                  - { ratio: 70 }
                  - 7
                caps: none
                plans:
                  - { id: "a b", ratio: 10 }
                traceCodesRequiredFrom: 2026-02-30
                practice: { accountPaysCheckups: yes, accountPaysAll: true }
                claims: { submitDays: 0, laterDays: 1 }
                """)
                    == """
                    p.yaml:3:1: "colour" is no key here; the keys are region, version, effectiveFrom, \
                    visitBenefits, benefits, caps, plans, traceCodesRequiredFrom, practice, \
                    contributions, adultAge, chronicDiseases, claims
                    p.yaml:1:9: region: "99" is not six digits
                    p.yaml:2:10: version: "0" is not a whole number of 1...4294967295
                    p.yaml:1:1: effectiveFrom: is missing; write a day as 2026-11-23
                    p.yaml:6:3: visitBenefits: "dentist" is no key here; the keys are \
                    pharmacyPurchase, outpatient, emergency, chronicOutpatient, inpatient, \
                    vaccination, checkup
                    p.yaml:5:15: visitBenefits.outpatient: "all" is not one of outpatient, \
                    chronicOutpatient, inpatient
                    p.yaml:10:5: benefits[2]: must be keys with values, not "7"
                    p.yaml:8:42: benefits[0].level: "level9" is not one of unrated, level1, level2, \
                    level3
                    p.yaml:8:19: benefits[0].deductible: "-1" is not an amount in yuan with at most \
                    two decimals, not negative
                    p.yaml:8:30: benefits[0].ratio: "170" is not a percentage of 0...100 with at most \
                    two decimals
                    p.yaml:9:5: benefits[1].deductible: is missing; write an amount in yuan with at \
                    most two decimals, not negative
                    p.yaml:10:5: benefits[2].deductible: is missing; write an amount in yuan with at \
                    most two decimals, not negative
                    p.yaml:10:5: benefits[2].ratio: is missing; write a percentage of 0...100 with at \
                    most two decimals
                    p.yaml:11:7: caps: must be a list, not "none"
                    p.yaml:11:7: caps: needs at least one rule
                    p.yaml:13:11: plans[0].id: "a b" is not 1 to 15 letters, digits, - _ or .
                    p.yaml:13:5: plans[0].annualCap: is missing; write an amount in yuan with at most \
                    two decimals, not negative
                    p.yaml:14:25: traceCodesRequiredFrom: "2026-02-30" is not a day as 2026-11-23
                    p.yaml:15:39: practice: "accountPaysAll" is no key here; the keys are \
                    accountPaysOverLimitAtHospitals, accountPaysNonCatalogAtHospitals, \
                    accountPaysDisinfectants, accountPaysHealthProducts, accountPaysCheckups, \
                    familyPaysVaccines, familyHasGrandparents, familyHasSiblings
                    p.yaml:15:34: practice.accountPaysCheckups: "yes" is not true or false
                    """)
    }

    @Test("what is wrong in contributions is named with its place; what contradicts is an error")
    func contributions() throws {
        #expect(
            refusal(
                Self.sound + """
                    contributions:
                      rates:
                        - { category: active, employer: 101, individual: 2 }
                      baseFloor: -1
                      baseCeiling: 33000
                      interst: 1.5
                      arrears: { suspendedAfterMonths: 0, countedFrom: 2026-01-01, restored: soon }

                    """
            ).split(separator: "\n").map { $0.split(separator: ":")[0...].joined(separator: ":") }
                .filter { $0.contains("contributions") }.count == 6)
        let file = try read(
            Self.sound + """
                contributions:
                  rates:
                    - { category: retired, individual: 2 }
                    - { category: flexibleEmployment, employer: 1, individual: 2 }
                  baseFloor: 6000
                  baseCeiling: 5000
                  credits:
                    - { category: flexibleEmployment, ofBase: 4 }
                  residents:
                    - { category: active, yearly: 0 }
                  interest: 1.5

                """)
        #expect(
            file.findings.map(\.path) == [
                "contributions.rates[0].category", "contributions.rates[1].employer",
                "contributions.baseCeiling", "contributions.credits[0].ofBase",
                "contributions.residents[0].category", "contributions.residents[0].yearly",
            ])
        #expect(!file.isUsable)
    }

    @Test("what is no YAML is named with line and column")
    func malformed() {
        #expect(refusal("") == "p.yaml:1: is empty")
        #expect(
            refusal("- 1\n")
                .hasPrefix("p.yaml:1:1: must be keys with values, not a list\n"))
        #expect(
            refusal("region: [1\nversion: 2\n")
                .hasPrefix("p.yaml:2:8: is no YAML: while parsing a flow sequence"))
        #expect(
            refusal("region: 1\nversion: 2\nregion: 3\n").hasPrefix(
                "p.yaml:1:1: is no YAML: a key occurs twice here: region"))
        #expect(
            refusal(Self.sound + "---\n" + Self.sound)
                .contains("but found another document"))
        #expect(
            throws: SiteFileFault.self,
            performing: { try PolicyFile(name: "p.yaml", bytes: [0x61, 0x0a, 0xff]) })
    }

    @Test("the linter's findings come with the policy")
    func findings() throws {
        let file = try read(
            Self.sound.replacing("ratio: 70", with: "ratio: 0"))
        #expect(!file.findings.isEmpty)
        #expect(file.findings.allSatisfy { $0.severity == .warning })
        let broken = try read(Self.sound.replacing("pooledCap: 20000.00", with: "pooledCap: 0"))
        #expect(broken.findings.contains { $0.path == "caps[0].pooledCap" })
        #expect(!broken.isUsable)
    }

    @Test(
        "the policies of Config are without findings",
        arguments: ["demo-region", "lakeside-region"])
    func configured(_ name: String) throws {
        let file = try PolicyFile(path: RepositoryFiles.root + "/Config/policies/\(name).yaml")
        #expect(file.findings == [])
    }

    @Test("the demo region's policy is the demo site's, with the worked example's terms")
    func demoRegion() throws {
        let policy = try PolicyFile(
            path: RepositoryFiles.root + "/Config/policies/demo-region.yaml"
        ).policy
        #expect(policy.region == DemoSite.region)
        #expect(policy.plans.map(\.id) == DemoSite.plans)
        let terms = try #require(policy.terms(.outpatient, .employee, .active, .level3))
        #expect(terms.deductible.fen == 180_000)
        #expect(terms.ratio.tenThousandths == 7000)
        #expect(terms.pooledCap.fen == 2_000_000)
        #expect(terms.largeRatio.tenThousandths == 6000)
        #expect(terms.largeCap.fen == 20_000_000)
        let contributions = try #require(policy.contributions)
        #expect(contributions.rates.map(\.employer.tenThousandths) == [980, 0])
        #expect(contributions.credits.map(\.ageFrom) == [0, 0, 45])
        #expect(contributions.interest.tenThousandths == 150)
        #expect(contributions.arrears?.restored == .immediately)
        let bytes = JournalCoding.encode(PolicyRow(policy: policy))
        #expect(try JournalCoding.decode(PolicyRow.self, bytes).policy == policy)
    }
}
