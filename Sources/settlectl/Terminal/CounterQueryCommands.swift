import ArgumentParser
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension CounterCommand {
    /// `settlectl counter transactions`.
    struct Transactions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists what happened to a person's account and settlements, newest first.")

        @OptionGroup var options: CounterOptions

        @Option(help: "The first booked date.")
        var from: String?

        @Option(help: "The last booked date.")
        var through: String?

        @Option(help: "Only what this kind of frame did: settle, refund ...; repeat for more.")
        var kind: [String] = []

        @Option(help: "Only at this institution.")
        var institution: String?

        @Option(help: "Rows at most, 1...200.")
        var count: Int = 200

        @Option(help: "The cursor that the page before gave.")
        var before: UInt64?

        @Option(help: "The as-of number that the first page gave.")
        var asOf: UInt64?

        func run() async throws {
            let kinds = try kind.map { name in
                guard let kind = RequestKind.allCases.first(where: { "\($0)" == name }) else {
                    throw CommandFault("--kind \(name): not a kind of frame such as settle")
                }
                return kind
            }
            let institution = try institution.map { text in
                guard let id = InstitutionID(text) else {
                    throw CommandFault("--institution \(text): not a 12-character code")
                }
                return id
            }
            let question = TransactionQuestion(
                from: try from.map { try CivilDate.option("--from", $0) },
                through: try through.map { try CivilDate.option("--through", $0) },
                before: before, asOf: asOf, kinds: Set(kinds), institution: institution,
                limit: count)
            guard case .transactions(let page) = try await options.query(.transactions(question))
            else { return }
            let printer = Printer(json: options.json)
            printer.show(
                Record(
                    [
                        ("name", .text(page.nameMasked)),
                        ("opening_balance", .money(page.opening)),
                        ("closing_balance", .money(page.closing)),
                        ("as_of", .number(Int64(clamping: page.asOf))),
                        ("next", page.next.map { .number(Int64(clamping: $0)) } ?? .none),
                    ], lists: [("lines", page.lines.map { Record($0) })]))
        }
    }

    /// `settlectl counter months`.
    struct Months: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sums a person's account by calendar months.")

        @OptionGroup var options: CounterOptions

        @Option(help: "Any day of the first month.")
        var from: String

        @Option(help: "How many months, 1...36.")
        var count: Int = 12

        func run() async throws {
            let from = try CivilDate.option("--from", from)
            let question = MonthQuestion(from: from.startOfMonth, count: count)
            guard case .months(let list) = try await options.query(.months(question)) else {
                return
            }
            Printer(json: options.json).list(list.months.map { Record($0) }, empty: "no month")
        }
    }

    /// `settlectl counter statement`.
    struct Statement: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what a person's insurance was in a calendar year.")

        @OptionGroup var options: CounterOptions

        @Argument(help: "The year, such as 2026.")
        var year: Int

        func run() async throws {
            guard (1900...9999).contains(year) else { throw CommandFault("\(year): not a year") }
            guard case .annual(let content) = try await options.query(.annual(year: year)) else {
                return
            }
            let statement = content.statement
            let paid = statement.contributions
            Printer(json: options.json).show(
                Record(
                    [
                        ("name", .text(content.nameMasked)), ("year", .number(Int64(year))),
                        ("opening", .money(statement.opening)),
                        ("closing", .money(statement.closing)),
                        ("periods_paid", .number(Int64(paid.periods))),
                        ("employer_part", .money(paid.employerPart)),
                        ("individual_part", .money(paid.individualPart)),
                        ("credited", .money(paid.credited)),
                        ("claims_approved", .number(Int64(statement.claims.count))),
                        ("claims_paid_by_funds", .money(statement.claims.approved)),
                    ],
                    lists: [
                        ("months", statement.months.map { Record($0) }),
                        ("bills", statement.visits.map { Record($0) }),
                        ("limits_used", statement.use.map { Record($0) }),
                    ]))
        }
    }

    /// `settlectl counter contributions`.
    struct Contributions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists a person's contributions, the newest period first.")

        @OptionGroup var options: CounterOptions

        @Option(help: "Rows at most, 1...200.")
        var count: Int = 50

        @Option(help: "Before this month, such as 2026-11.")
        var before: String?

        func run() async throws {
            let question = PersonQuery.Question.contributions(
                before: before.flatMap { ContributionPeriod($0) }, limit: count)
            guard case .contributionRecords(let list) = try await options.query(question) else {
                return
            }
            Printer(json: options.json).list(
                list.records.map { record in
                    Record([
                        ("period", .text("\(record.period)")), ("base", .money(record.base)),
                        ("employer_part", .money(record.employerPart)),
                        ("individual_part", .money(record.individualPart)),
                        ("credited", .money(record.credited)),
                        ("paid", .text(record.paidDate?.description ?? "")),
                        ("collector", .text(record.collector)),
                        ("employer", .text(record.employer)),
                    ])
                }, empty: "no contribution")
        }
    }

    /// `settlectl counter accesses`.
    struct Accesses: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists who looked at a person's records, newest first.")

        @OptionGroup var options: CounterOptions

        @Option(help: "Rows at most, 1...200.")
        var count: Int = 50

        @Option(help: "The cursor that the page before gave.")
        var before: UInt64?

        func run() async throws {
            guard
                case .accesses(let page) = try await options.query(
                    .accesses(before: before, limit: count))
            else { return }
            Printer(json: options.json).list(
                page.lines.map { line in
                    Record([
                        ("time", .text(UTCText.of(line.time))),
                        ("asked", .text(line.kind.map { "\($0)" } ?? "?")),
                        ("institution", .text(line.institution)),
                        ("terminal", .text(line.terminal)), ("right", .text(line.right)),
                        ("document", .text(line.document.map(\.name) ?? "")),
                        ("number", .text(line.numberMasked)), ("clerk", .text(line.clerk)),
                        ("agent", .text(line.agentNameMasked)),
                        ("reference", .text(line.reference)),
                    ])
                }, empty: "nobody looked")
        }
    }
}

extension Record {
    /// A line of a person's transactions.
    init(_ line: AccountLine) {
        self.init([
            ("booked", .text("\(line.bookedDate)")), ("time", .text(UTCText.of(line.time))),
            ("kind", .text(line.kind.map { "\($0)" } ?? "?")),
            ("amount", line.amount.map { .money($0) } ?? .none),
            ("balance", line.amount == nil ? .none : .money(line.balance)),
            ("settlement", .text(line.settlement?.description ?? "")),
            ("institution", .text(line.institution)), ("relative", .text(line.relativeMasked)),
            ("total", line.standing.map { .money($0.total) } ?? .none),
            ("pooled", line.standing.map { .money($0.pooled) } ?? .none),
            ("cash", line.standing.map { .money($0.cash) } ?? .none),
        ])
    }
}

extension Record {
    /// A calendar month of an account.
    fileprivate init(_ month: MonthlyEntry) {
        self.init([
            ("month", .text(month.month.description.prefix(7).description)),
            ("opening", .money(month.opening)), ("credited", .money(month.credited)),
            ("interest", .money(month.interest)), ("spent", .money(month.spent)),
            ("family_use", .money(month.familyUse)), ("closing", .money(month.closing)),
            ("moves", .number(Int64(month.moves))),
        ])
    }

    /// The bills of a category.
    fileprivate init(_ visits: AnnualStatement.Visits) {
        let split = visits.split
        self.init([
            ("benefit", visits.category.map { .text($0.name) } ?? .none),
            ("bills", .number(Int64(visits.bills))), ("total", .money(split.total)),
            ("pooled", .money(split.pooled)), ("large", .money(split.large)),
            ("supplement", .money(split.supplement)), ("account", .money(split.account)),
            ("family", .money(split.family)), ("cash", .money(split.cash)),
        ])
    }

    /// What of a year's limits was used.
    fileprivate init(_ use: AnnualStatement.Use) {
        self.init([
            ("benefit", .text(use.category.name)), ("deductible", .money(use.deductible)),
            ("pooled", .money(use.pooled)), ("large", .money(use.large)),
        ])
    }
}
