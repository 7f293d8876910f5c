import Ledger
import SettlementDomain
import Testing

@testable import SiteFiles

@Suite("Clearing statements and their summary")
struct StatementTests {
    static let date = make(CivilDate(yyyymmdd: 2026_11_23))

    static func make<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a test's constant is not valid") }
        return value
    }

    /// A transaction of this many fen, a fifth of it cash.
    static func row(
        _ kind: RequestKind, _ stan: UInt32, fen: Int64, at id: String = "H99010000001",
        home: UInt32 = 990_100, place: UInt32 = 990_100, type: InsuranceType = .employee
    ) -> DayRow {
        var split = Split()
        split.total = Money(fen: fen)
        split.cash = Money(fen: fen / 5)
        split.pooled = Money(fen: fen / 2)
        split.account = split.total - split.cash - split.pooled
        let key = RequestKey(terminal: make(TerminalID("T0000001")), date: date, stan: stan)
        return DayRow(
            key: key, kind: kind, institution: make(InstitutionID(id)), bookedDate: date,
            settlement: SettlementID(key), sequence: UInt64(stan), time: 1_795_392_000_000,
            homeRegion: make(RegionCode(rawValue: home)),
            institutionRegion: make(RegionCode(rawValue: place)), insuranceType: type,
            amounts: split)
    }

    private static let rows = [
        row(.settle, 1, fen: 10_000), row(.settle, 2, fen: 2_000), row(.void, 3, fen: 2_000),
        row(.refund, 4, fen: 500), row(.reversal, 5, fen: 1_000),
    ]

    private static func statement(
        _ rows: [DayRow], _ id: String = "H99010000001"
    ) -> ClearingStatement {
        ClearingStatement(institution: make(InstitutionID(id)), date: date, rows: rows)
    }

    private static func text(
        _ write: (String) throws(SiteFileFault) -> Void
    ) throws -> String {
        try RepositoryFiles.withFolder { folder in
            let path = folder + "/file"
            try write(path)
            return try String(contentsOfFile: path, encoding: .utf8)
        }
    }

    @Test("the CSV has every transaction, a sum for each kind and the net, to the fen")
    func csv() throws {
        let lines = try Self.text(Self.statement(Self.rows).writeCSV)
            .split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
        #expect(
            lines.map { String($0[0]) }.dropFirst()
                == ["transaction", "transaction", "transaction", "transaction", "transaction"]
                + ["sum", "sum", "sum", "sum", "net"])
        #expect(Set(lines.map(\.count)) == [lines[0].count])
        #expect(
            lines[1].joined(separator: ",").hasSuffix(
                "100.00,50.00,0.00,0.00,30.00,0.00,20.00,80.00"))
        #expect(
            lines[10].joined(separator: ",")
                == "net,H99010000001,2026-11-23,,5,,,,,,85.00,42.50,0.00,0.00,25.50,0.00,17.00,68.00"
        )
    }

    @Test("the rows' order changes no byte, nor does making it again")
    func sameBytes() throws {
        let first = Self.statement(Self.rows)
        let csv = try Self.text(first.writeCSV)
        for _ in 0..<5 {
            let again = Self.statement(Self.rows.shuffled())
            #expect(again.html == first.html)
            #expect(try Self.text(again.writeCSV) == csv)
        }
    }

    @Test("the page is whole in itself: no script, nothing from elsewhere")
    func page() {
        let html = Self.statement(Self.rows).html
        for forbidden in ["<script", "http:", "https:", "src=", "href=", "url(", "@import"] {
            #expect(!html.contains(forbidden), "\(forbidden)")
        }
        #expect(html.contains("68.00 yuan") && html.contains("人民币陆拾捌元整"))
        for (open, close) in [("<table>", "</table>"), ("<tr", "</tr>"), ("<td", "</td>")] {
            #expect(html.split(separator: open).count == html.split(separator: close).count)
        }
    }

    @Test("a date on which more was given back than settled is below zero, in words too")
    func belowZero() throws {
        let statement = Self.statement([Self.row(.refund, 1, fen: 1_000)])
        #expect(statement.books.owed == Money(fen: -800))
        #expect(statement.html.contains("-8.00 yuan") && statement.html.contains("人民币负捌元整"))
    }

    @Test("the summary names each institution's net and the net of all, in any order the same")
    func summary() throws {
        let ids = ["P99010000001", "H99010000002", "H99010000001"]
        let statements = ids.enumerated().map { number, id in
            Self.statement([Self.row(.settle, 1, fen: Int64(number + 1) * 1_000, at: id)], id)
        }
        let summary = ClearingSummary(date: Self.date, statements: statements)
        let csv = try Self.text(summary.writeCSV)
        let turned = ClearingSummary(date: Self.date, statements: statements.reversed())
        #expect(try Self.text(turned.writeCSV) == csv)
        #expect(turned.html == summary.html)
        let lines = csv.split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(lines.map { $0[2] } == ["H99010000001", "H99010000002", "P99010000001", ""])
        #expect(lines.map { $0[$0.count - 1] } == ["24.00", "16.00", "8.00", "48.00"])
        #expect(summary.html.contains("48.00 yuan"))
        #expect(summary.html.contains("人民币肆拾捌元整"))
    }

    @Test("text in a page is text, whatever is in it")
    func escaped() {
        let html = HTML.page(title: "<a&b>", heading: "\"示例\"", "")
        #expect(html.contains("<title>&lt;a&amp;b&gt;</title>"))
        #expect(html.contains("<h1>&quot;示例&quot;</h1>"))
    }

    @Test(
        "amounts are named as vouchers name them",
        arguments: [
            (0, "零元整"), (1, "壹分"), (10, "壹角整"), (11, "壹角壹分"), (100, "壹元整"),
            (105, "壹元零伍分"), (1_250, "壹拾贰元伍角整"), (10_001, "壹佰元零壹分"),
            (168_032, "壹仟陆佰捌拾元叁角贰分"), (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (10_700_053, "壹拾万柒仟元伍角叁分"), (10_000_500, "壹拾万零伍元整"),
            (100_500_000, "壹佰万伍仟元整"), (10_000_000_000, "壹亿元整"),
            (10_000_000_100, "壹亿零壹元整"), (100_100_010_000, "壹拾亿零壹佰万零壹佰元整"),
            (-6_800, "负陆拾捌元整"),
        ] as [(Int64, String)])
    func words(fen: Int64, expected: String) {
        #expect(AmountInWords.of(Money(fen: fen)) == "人民币" + expected)
    }

    @Test("an amount's words, read back, are the amount")
    func wordsReadBack() {
        for fen in [.max, .min, .min + 1] as [Int64] { check(fen) }
        // Digits in every place, and many zeros, where the rules are.
        for digits in 1...999 {
            for zeros in [0, 1, 2, 3, 5, 7, 8, 11, 15] {
                let unit = (0..<zeros).reduce(Int64(1)) { unit, _ in unit * 10 }
                check(Int64(digits) * unit)
                check(Int64(digits) * unit + Int64(digits % 7))
                check(Int64(digits) * unit + Int64(digits) * 10_007)
            }
        }
        func check(_ fen: Int64) {
            #expect(Self.read(AmountInWords.of(Money(fen: fen))) == Int128(fen), "\(fen)")
        }
    }

    /// Reads an amount's words: digits and places, as a person does.
    private static func read(_ words: String) -> Int128 {
        let digits: [Character: Int128] = [
            "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
        ]
        var (fen, whole, group, digit): (Int128, Int128, Int128, Int128) = (0, 0, 0, 0)
        for character in words {
            switch character {
            case "拾", "佰", "仟":
                group += digit * (character == "拾" ? 10 : character == "佰" ? 100 : 1_000)
                digit = 0
            case "万":
                whole += (group + digit) * 10_000
                (group, digit) = (0, 0)
            case "亿":
                whole = (whole + group + digit) * 100_000_000
                (group, digit) = (0, 0)
            case "元":
                fen = (whole + group + digit) * 100
                digit = 0
            case "角", "分":
                fen += digit * (character == "角" ? 10 : 1)
                digit = 0
            default: digit = digits[character] ?? digit
            }
        }
        return words.contains("负") ? -fen : fen
    }
}
