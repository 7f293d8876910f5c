import Ledger
import SettlementDomain
import Testing

@Suite("Declarations: each line for itself")
struct DeclarationTests {
    private func rows(_ outcome: Outcome) throws -> [DeclarationLineRow] {
        guard case .declaration(let rows) = outcome.payload else {
            Issue.record("no answer: \(outcome)")
            return []
        }
        return rows
    }

    @Test("good lines are paid, wrong ones refused with their reason, in one page and one commit")
    func mixed() throws {
        var town = Town.withContributions()
        var wrongNumber = Town.line()
        wrongNumber.idNumber = nil
        var negative = Town.line(period: "2026-09")
        negative.individualPart = Money(fen: -16_000)
        var brokenName = Town.line(period: "2026-08")
        brokenName.name = nil
        let lines = [
            Town.line(), Town.line(), wrongNumber, Town.line(period: "2027-01"), negative,
            brokenName, Town.line(period: "2026-07"),
        ]
        let answers = try rows(town.declare(lines))
        #expect(
            answers.map(\.reason) == [
                .none, .periodPaid, .idNumberInvalid, .periodTooEarly,
                .contributionAmountDiffers, .nameInvalid, .none,
            ])
        #expect(answers.map(\.key.line) == [1, 2, 3, 4, 5, 6, 7])
        #expect(town.balance == 10_000 + 2 * 16_000)
        for entry in town.rows.entries {
            #expect(entry.postings.map(\.amount.fen).reduce(0, +) == 0)
        }
    }

    @Test("a page sent again under another key gets the same answers, whatever changed since")
    func again() throws {
        var town = Town.withContributions()
        var unknown = Town.line(period: "2026-09")
        unknown.name = "别人"
        let lines = [Town.line(), unknown]
        let first = try rows(town.declare(lines))
        #expect(first.map(\.reason) == [.none, .nameDiffers])
        town.register([.person(town.personRow { $0.name = "别人" })])
        #expect(try rows(town.declare(lines)) == first)
        #expect(try rows(town.declare([unknown], first: 2)) == [first[1]])
        #expect(town.balance == 26_000)
        // Another declaration, or a new number, is judged anew.
        #expect(try rows(town.declare([unknown], first: 3)).first?.reason == Reason.none)
    }

    @Test("a line's number stands for one content: other content is refused, the first stays")
    func reused() throws {
        var town = Town.withContributions()
        _ = town.declare([Town.line()])
        let answers = try rows(town.declare([Town.line(period: "2026-09")]))
        #expect(answers.map(\.code) == [.keyReused] && answers.map(\.reason) == [.lineReused])
        #expect(town.balance == 26_000)
        #expect(try rows(town.declare([Town.line()])).map(\.code) == [.approved])
    }

    @Test("an employer declares its own employees and nobody else's")
    func employer() throws {
        var town = Town.withContributions()
        let terminal = Town.terminal("E0000001")
        town.register([.terminal(Town.terminalRow(terminal, "E99010000001", .employer))])
        let refused = try rows(town.declare([Town.line()], at: terminal))
        #expect(refused.first?.reason == .notOwnEmployee)
        town.register([.person(town.personRow { $0.standing.employer = Town.employer })])
        let lines = [
            Town.line(employer: .registered), Town.line(period: "2026-09"),
            Town.line(period: "2026-08", employer: .named(Town.bank)),
        ]
        let answers = try rows(town.declare(lines, first: 10, at: terminal))
        #expect(answers.map(\.reason) == [.none, .none, .notOwnEmployee])
        let collected = town.rows.entries.flatMap(\.postings).filter {
            $0.account == .contributions("E99010000001")
        }
        #expect(collected.map(\.amount.fen) == [-94_400, -94_400])
    }

    @Test("of 100,000 lines each is answered, the wrong last one too; a page holds 200")
    func many() throws {
        var town = Town.withContributions()
        var wrong = Town.line()
        wrong.base = Money(fen: .max)
        wrong.period = ContributionPeriod("2026-09")
        var counts: [Reason: Int] = [:]
        let pages = 100_000 / DeclarationPage.linesMax
        for page in 0..<pages {
            var lines = [ContributionLine](
                repeating: Town.line(), count: DeclarationPage.linesMax)
            if page == pages - 1 { lines[DeclarationPage.linesMax - 1] = wrong }
            let first = UInt32(page * DeclarationPage.linesMax + 1)
            for row in try rows(town.declare(lines, first: first)) {
                counts[row.reason, default: 0] += 1
                if row.key.line == 100_000 { #expect(row.reason == .baseOutOfRange) }
            }
            // As a store would: what is committed leaves memory.
            town.rows.declarationLines = [:]
        }
        #expect(counts == [.none: 1, .periodPaid: 99_998, .baseOutOfRange: 1])
        #expect(town.balance == 26_000)
    }
}

extension Town {
    mutating func declare(
        _ lines: [ContributionLine], first: UInt32 = 1, at terminal: TerminalID = Town.collector
    ) -> Outcome {
        decide(
            .contribute(
                .declare(
                    DeclarationPage(declaration: "2026-11/1", firstLine: first, lines: lines))),
            at: terminal)
    }
}
