import ArgumentParser
import Ledger
import SettlementDomain

/// `settlectl run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs over all persons: retirees' credits, interest, arrears.",
        discussion: """
            Persons are taken in slices of \(slice), each a request of its own, so that terminals \
            wait for none. A run that was interrupted is run again: what was done is done once.

              settlectl run retirees --month 2026-11
              settlectl run interest --year 2026
              settlectl run arrears
            """,
        subcommands: [Retirees.self, Interest.self, Arrears.self])

    /// Persons that share one request.
    static let slice = 500

    /// `settlectl run retirees`.
    struct Retirees: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Credits a month to the retired, from the pooled fund.")

        @Option(help: "The month, which must have begun, such as 2026-11.")
        var month: String

        @OptionGroup var options: SiteOptions

        func run() throws {
            guard let period = ContributionPeriod(month), !period.isYear else {
                throw CommandFault("--month \(month): not a month such as 2026-11")
            }
            try RunCommand.run(.retireeCredit(period), options)
        }
    }

    /// `settlectl run interest`.
    struct Interest: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Credits the interest of a year that has ended, from the pooled fund.")

        @Option(help: "The year, such as 2026.")
        var year: UInt16

        @OptionGroup var options: SiteOptions

        func run() throws {
            try RunCommand.run(.interest(year: year), options)
        }
    }

    /// `settlectl run arrears`.
    struct Arrears: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Suspends coverage where the policy says so; run it after each day close.")

        @OptionGroup var options: SiteOptions

        func run() throws {
            try RunCommand.run(.arrears, options)
        }
    }

    private static func run(_ run: PeriodicRun, _ options: SiteOptions) throws {
        let (looked, done) = try options.withDesk { desk, _ in try all(run, desk) }
        options.printer.done(
            "\(looked) persons looked at, \(done) changed",
            [("persons", .number(looked)), ("changed", .number(done))])
    }

    private static func all(
        _ run: PeriodicRun, _ desk: any OperatorDesk
    ) throws -> (looked: Int64, done: Int64) {
        var looked: Int64 = 0
        var done: Int64 = 0
        var after: PersonID?
        while case .persons(let rows) = try desk.read(.persons(after: after, limit: slice)),
            let last = rows.last
        {
            let results = try desk.register(
                rows.map { .periodic(PeriodicRow(person: $0.person.id, run: run)) },
                dryRun: false)
            for result in results {
                switch result {
                case .added, .changed: done += 1
                case .unchanged: break
                case .refused(let why):
                    throw CommandFault("\(why); \(done) were done before, and stay done")
                }
            }
            looked += Int64(rows.count)
            after = last.person.id
        }
        return (looked, done)
    }
}
