import Ledger
import SettlementDomain
import Testing

@testable import SiteFiles

@Suite("Annual statements")
struct AnnualStatementTests {
    private static func page() throws -> AnnualStatementPage {
        let idNumber = try #require(
            "0123456789X".lazy.compactMap { IDNumber("99010019800101001" + String($0)) }.first)
        let person = PersonRow(
            person: Person(
                id: try #require(PersonID(rawValue: 123_456_789)), sex: idNumber.sex,
                birthDate: idNumber.birthDate, insuranceType: .employee, category: .active,
                region: try #require(RegionCode(rawValue: 990_100))),
            name: "欧<阳>", idNumber: idNumber, frozen: false)
        let january = try #require(CivilDate(yyyymmdd: 2026_01_01))
        var month = MonthlyEntry(
            month: january, opening: Money(fen: 10_000), closing: Money(fen: 12_345))
        month.credited = Money(fen: 2_345)
        var statement = AnnualStatement(year: 2026, months: [month])
        var visits = AnnualStatement.Visits(category: .outpatient)
        visits.bills = 3
        visits.split.total = Money(fen: 77_700)
        visits.split.pooled = Money(fen: 55_500)
        statement.visits = [visits]
        return AnnualStatementPage(person: person, statement: statement)
    }

    @Test("the page names the person and shows months, bills and sums, all text escaped")
    func html() throws {
        let html = try Self.page().html
        for text in [
            "欧&lt;阳&gt;", "2026-01", "100.00 yuan", "123.45 yuan", "<td>outpatient (3)</td>",
            "<td class=\"n\">777.00</td><td class=\"n\">555.00</td>", "<td>Year</td>",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        #expect(!html.contains("<阳>") && !html.contains("99010019800101001"))
        // What there was not has no table.
        #expect(!html.contains("Claims approved") && !html.contains("Used of the year"))
    }

    @Test("at most 10,000 persons' pages share a folder")
    func folders() throws {
        #expect(try Self.page().fileName == "12345/statement-2026-123456789.html")
    }
}
