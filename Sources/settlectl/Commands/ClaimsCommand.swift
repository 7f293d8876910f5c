import ArgumentParser
import Ledger
import SettlementDomain

/// `settlectl claims`.
struct ClaimsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claims",
        abstract: "Claims whose deadlines are past.",
        discussion: """
              settlectl claims overdue
              settlectl claims lapse
            """,
        subcommands: [Overdue.self, Lapse.self])

    /// Claims that share one request.
    private static let slice = 200

    /// `settlectl claims overdue`.
    struct Overdue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists claims that wait for a step that was due.")

        @OptionGroup var options: SiteOptions

        func run() throws {
            let rows = try options.withDesk { desk, _ in
                try ClaimsCommand.overdue(desk)
            }
            options.printer.list(
                rows.map { row in
                    Record([
                        ("claim", .text("\(row.id)")), ("state", .text(row.state.name)),
                        ("due", row.due.map { .text("\($0)") } ?? .none),
                        ("agency", .text("\(row.agency)")), ("person", .text("\(row.person)")),
                        ("total", .money(row.total)),
                        ("clerk", .text(row.events.last?.clerk ?? "")),
                    ])
                }, empty: "no claim is overdue")
        }
    }

    /// `settlectl claims lapse`.
    struct Lapse: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends claims whose wanted documents did not come in time.",
            discussion: "Run it after each day close; a claim that is touched first lapses then.")

        @OptionGroup var options: SiteOptions

        func run() throws {
            let ended = try options.withDesk { desk, _ in
                let late = try ClaimsCommand.overdue(desk).filter { $0.state == .documentsWanted }
                var ended: Int64 = 0
                var rest = late[...]
                while !rest.isEmpty {
                    let results = try desk.register(
                        rest.prefix(ClaimsCommand.slice).map { .lapse($0.id) }, dryRun: false)
                    for result in results {
                        switch result {
                        case .added, .changed: ended += 1
                        case .unchanged: break
                        case .refused(let why):
                            throw CommandFault("\(why); \(ended) were ended before, and stay so")
                        }
                    }
                    rest = rest.dropFirst(ClaimsCommand.slice)
                }
                return ended
            }
            options.printer.done("\(ended) claims lapsed", [("lapsed", .number(ended))])
        }
    }

    /// Every claim whose next step was due before the business date.
    private static func overdue(_ desk: any OperatorDesk) throws -> [ClaimRow] {
        guard case .reference(let changes) = try desk.read(.reference) else { return [] }
        var today: CivilDate?
        for case .businessDate(let date) in changes { today = date }
        guard let today else { return [] }
        var result: [ClaimRow] = []
        while case .claims(let rows) = try desk.read(
            .claimsDue(before: today, after: result.last?.id, limit: slice)), !rows.isEmpty
        {
            result += rows
        }
        return result
    }
}
