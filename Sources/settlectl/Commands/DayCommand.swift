import ArgumentParser
import Ledger
import SettlementDomain

/// `settlectl day`.
struct DayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "day",
        abstract: "Shows or ends the business date.",
        discussion: """
              settlectl day show
              settlectl day close --date 2026-11-23
            """,
        subcommands: [Show.self, Close.self])

    /// `settlectl day show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says which business date it is.")

        @OptionGroup var options: SiteOptions

        func run() throws {
            let date = try options.withDesk { desk, _ in try desk.businessDate() }
            options.printer.show(Record([("business_date", .text(date.description))]))
        }
    }

    /// `settlectl day close`.
    struct Close: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends the business date; the next begins.",
            discussion: """
                What terminals sent before is booked under the old date, what they send after under \
                the new one. A terminal that asks in that moment gets code 90 once and asks again. \
                settled.yaml can do it by itself: business_day.close_at.

                  settlectl day close --date 2026-11-23
                  settlectl day close --date 2026-12-31 --next 2027-01-01 --json
                """)

        @Option(help: "The date to be ended; it must be the business date.")
        var date: String

        @Option(help: "The date that begins; default: the day after.")
        var next: String?

        @OptionGroup var options: SiteOptions

        func run() throws {
            let date = try CivilDate.option("--date", date)
            let next = try next.map { try CivilDate.option("--next", $0) }
            let now = try options.withDesk { desk, _ in try desk.closeDay(date, next: next) }
            options.printer.done(
                "\(date) has ended; the business date is \(now)",
                [
                    ("closed", .text(date.description)),
                    ("business_date", .text(now.description)),
                ])
        }
    }
}

extension CivilDate {
    /// The date of an option's text.
    static func option(_ name: String, _ text: String) throws -> CivilDate {
        guard let date = CivilDate(text) else {
            throw CommandFault("\(name) \(text): not a date such as 2026-11-23")
        }
        return date
    }
}

extension OperatorDesk {
    /// The daemon's or the store's business date.
    func businessDate() throws -> CivilDate {
        guard case .reference(let rows) = try read(.reference) else {
            throw CommandFault("the ledger gave no reference data")
        }
        for case .businessDate(let date) in rows { return date }
        throw CommandFault("the ledger has no business date")
    }
}
