import Ledger
import SettlementDomain
import Testing

@testable import SiteFiles

@Suite("Clearing between regions")
struct RegionClearingTests {
    private static let statements = [
        ClearingStatement(
            institution: StatementTests.make(InstitutionID("H99020000001")),
            date: StatementTests.date,
            rows: [
                StatementTests.row(.settle, 1, fen: 10_000, at: "H99020000001", place: 990_200),
                StatementTests.row(.refund, 2, fen: 2_000, at: "H99020000001", place: 990_200),
                StatementTests.row(
                    .settle, 3, fen: 1_000, at: "H99020000001", home: 990_200, place: 990_200,
                    type: .resident),
            ]),
        ClearingStatement(
            institution: StatementTests.make(InstitutionID("H99010000001")),
            date: StatementTests.date,
            rows: [
                StatementTests.row(.settle, 4, fen: 3_000, home: 990_200),
                StatementTests.row(.settle, 5, fen: 500),
            ]),
    ]

    @Test("each pair of regions has its funds and its sum; what is given back is taken off")
    func csv() throws {
        let clearing = RegionClearing(date: StatementTests.date, statements: Self.statements)
        try RepositoryFiles.withFolder { folder in
            try clearing.writeCSV(to: "\(folder)/regions.csv")
            let text = try String(contentsOfFile: "\(folder)/regions.csv", encoding: .utf8)
            let expected = """
                record,business_date,home_region,institution_region,fund,count,amount
                fund,2026-11-23,990100,990100,pooled:employee,,2.50
                fund,2026-11-23,990100,990100,account,,1.50
                own,2026-11-23,990100,990100,,1,4.00
                fund,2026-11-23,990100,990200,pooled:employee,,40.00
                fund,2026-11-23,990100,990200,account,,24.00
                owed,2026-11-23,990100,990200,,2,64.00
                fund,2026-11-23,990200,990100,pooled:employee,,15.00
                fund,2026-11-23,990200,990100,account,,9.00
                owed,2026-11-23,990200,990100,,1,24.00
                fund,2026-11-23,990200,990200,pooled:resident,,5.00
                fund,2026-11-23,990200,990200,account,,3.00
                own,2026-11-23,990200,990200,,1,8.00
                net,2026-11-23,990100,,,,-40.00
                net,2026-11-23,990200,,,,40.00

                """
            #expect(text.replacing("\r\n", with: "\n") == expected)
        }
    }

    @Test("the regions' sums are what the agency owes the institutions, and nets sum to zero")
    func sums() {
        let clearing = RegionClearing(date: StatementTests.date, statements: Self.statements)
        let owed = Self.statements.reduce(Money.zero) { $0 + $1.books.owed }
        #expect(clearing.pairs.values.reduce(Money.zero) { $0 + $1.insured } == owed)
        for (pair, sums) in clearing.pairs {
            let funds = clearing.funds[pair]?.values.reduce(Money.zero) { $0 + $1 }
            #expect(funds == sums.insured)
        }
        #expect(clearing.regions.reduce(Money.zero) { $0 + clearing.net(of: $1) } == .zero)
        #expect(clearing.owed.fen == 8_800)
    }

    @Test("it is the same whatever the order in which statements and rows come")
    func repeatable() {
        let turned = Self.statements.reversed().map { statement in
            ClearingStatement(
                institution: statement.institution, date: statement.date,
                rows: statement.rows.reversed())
        }
        let first = RegionClearing(date: StatementTests.date, statements: Self.statements)
        let second = RegionClearing(date: StatementTests.date, statements: turned)
        #expect(first.html == second.html && first.html.contains("88.00 yuan"))
    }
}
