import ArgumentParser
import Foundation
import Ledger
import SettlementDomain
import SiteFiles

/// `settlectl clearing`.
struct ClearingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clearing",
        abstract:
            "What the agency owes institutions for a business date: list, statements, payment.",
        discussion: """
              settlectl clearing list --date 2026-11-23
              settlectl clearing statement --date 2026-11-23 --out statements --format html
              settlectl clearing summary --date 2026-11-23 --out statements --format html
              settlectl clearing pay --date 2026-11-23 --institution H99010000001
            """,
        subcommands: [List.self, Statement.self, Summary.self, Regions.self, Pay.self])

    /// What all of them are told.
    struct Scope: ParsableArguments {
        @Option(help: "The business date.")
        var date: String

        @Option(help: "Only this institution; default: all that have transactions.")
        var institution: String?

        init() {}

        /// All institutions of a date.
        init(date: String) {
            self.date = date
            institution = nil
        }

        /// The date and the books of each institution that has transactions of it.
        func books(_ desk: any OperatorDesk) throws -> (CivilDate, [ClearingStatement]) {
            let date = try CivilDate.option("--date", date)
            guard case .reference(let rows) = try desk.read(.reference) else {
                throw CommandFault("the ledger gave no reference data")
            }
            var institutions: [InstitutionID] = []
            for case .institution(let row) in rows {
                if institution.map({ $0 == row.institution.id.text }) ?? true {
                    institutions.append(row.institution.id)
                }
            }
            guard institution == nil || !institutions.isEmpty else {
                throw CommandFault(
                    "--institution \(institution ?? ""): not registered; see `settlectl list "
                        + "institutions`")
            }
            let books = try institutions.map { institution in
                ClearingStatement(
                    institution: institution, date: date,
                    rows: try Self.rows(desk, date, institution))
            }
            return (date, books.filter { institution != nil || !$0.rows.isEmpty })
        }

        /// As `books`, of a date that has ended.
        func closedBooks(_ desk: any OperatorDesk) throws -> (CivilDate, [ClearingStatement]) {
            let (date, books) = try books(desk)
            let today = try desk.businessDate()
            guard date < today else {
                throw CommandFault(
                    "\(date) has not ended: the business date is \(today); end it with `settlectl "
                        + "day close --date \(today)`")
            }
            return (date, books)
        }

        private static func rows(
            _ desk: any OperatorDesk, _ date: CivilDate, _ institution: InstitutionID
        ) throws -> [DayRow] {
            let limit = 10_000
            var found: [DayRow] = []
            while true {
                let question = StoreQuestion.day(
                    date, institution, nil, after: found.last?.key, through: nil, limit: limit)
                guard case .day(let rows) = try desk.read(question) else { return found }
                found += rows
                if rows.count < limit { return found }
            }
        }
    }

    /// `settlectl clearing list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists what each institution is owed for a date, and what was paid.",
            discussion: """
                  settlectl clearing list --date 2026-11-23 --json
                """)

        @OptionGroup var scope: Scope
        @OptionGroup var options: SiteOptions

        func run() throws {
            let rows = try options.withDesk { desk, _ in
                let (date, books) = try scope.books(desk)
                guard case .clearings(let paid) = try desk.read(.clearings(date)) else {
                    return [Record]()
                }
                return books.map { statement in
                    let payment = paid.first { $0.key.institution == statement.institution }
                    return Record(statement, paid: payment?.amount)
                }
            }
            options.printer.list(rows, empty: "no transactions on \(scope.date)")
        }
    }

    /// `settlectl clearing statement`.
    struct Statement: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the clearing statements of an ended date.",
            discussion: """
                A file an institution: clearing-DATE-INSTITUTION.csv, or .html for print. They are \
                made of the journal alone: made again, they are the same, byte for byte.

                  settlectl clearing statement --date 2026-11-23 --out statements
                  settlectl clearing statement --date 2026-11-23 --institution P99010000001 \
                --format html --out .
                """)

        @OptionGroup var scope: Scope
        @OptionGroup var file: FileOptions
        @OptionGroup var options: SiteOptions

        func run() throws {
            let (_, books) = try options.withDesk { desk, _ in try scope.closedBooks(desk) }
            let rows = try books.map { statement in
                let path = try file.write(
                    statement.fileName, html: { statement.html }, csv: statement.writeCSV)
                return Record([
                    ("institution", .text(statement.institution.text)),
                    ("transactions", .number(Int64(statement.rows.count))),
                    ("owed", .money(statement.books.owed)), ("file", .text(path)),
                ])
            }
            options.printer.list(rows, empty: "no transactions on \(scope.date)")
        }
    }

    /// `settlectl clearing summary`.
    struct Summary: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes what all institutions are owed for an ended date, in one file.",
            discussion: """
                clearing-DATE-summary.csv, or .html for print.

                  settlectl clearing summary --date 2026-11-23 --out statements --format html
                """)

        @Option(help: "The business date.")
        var date: String

        @OptionGroup var file: FileOptions
        @OptionGroup var options: SiteOptions

        func run() throws {
            let scope = Scope(date: date)
            let (ended, books) = try options.withDesk { desk, _ in try scope.closedBooks(desk) }
            let summary = ClearingSummary(date: ended, statements: books)
            let path = try file.write(
                summary.fileName, html: { summary.html }, csv: summary.writeCSV)
            options.printer.show(
                Record([
                    ("institutions", .number(Int64(books.count))),
                    ("transactions", .number(Int64(summary.net.count))),
                    ("owed", .money(summary.net.insured)), ("file", .text(path)),
                ]))
        }
    }

    /// `settlectl clearing regions`.
    struct Regions: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes what pooling regions owe one another for an ended date.",
            discussion: """
                clearing-DATE-regions.csv, or .html for print: per home region, per region of the \
                institutions, per fund.

                  settlectl clearing regions --date 2026-11-23 --out statements
                """)

        @Option(help: "The business date.")
        var date: String

        @OptionGroup var file: FileOptions
        @OptionGroup var options: SiteOptions

        func run() throws {
            let scope = Scope(date: date)
            let (ended, books) = try options.withDesk { desk, _ in try scope.closedBooks(desk) }
            let clearing = RegionClearing(date: ended, statements: books)
            let path = try file.write(
                clearing.fileName, html: { clearing.html }, csv: clearing.writeCSV)
            options.printer.show(
                Record([
                    ("regions", .number(Int64(clearing.regions.count))),
                    ("owed_between_regions", .money(clearing.owed)), ("file", .text(path)),
                ]))
        }
    }

    /// What kind of file is written, and where.
    struct FileOptions: ParsableArguments {
        enum Format: String, ExpressibleByArgument, CaseIterable { case csv, html }

        @Option(help: "csv or html.")
        var format: Format = .csv

        @Option(help: "The folder to write to; made where it is not there.")
        var out: String

        /// Writes one of the two and gives its path.
        func write(
            _ name: String, html: () -> String, csv: (String) throws(SiteFileFault) -> Void
        ) throws -> String {
            try FileManager.default.createDirectory(
                atPath: out, withIntermediateDirectories: true)
            let path = "\(out)/\(name).\(format.rawValue)"
            switch format {
            case .csv: try csv(path)
            case .html: try html().write(toFile: path, atomically: true, encoding: .utf8)
            }
            return path
        }
    }

    /// `settlectl clearing pay`.
    struct Pay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Books the payment of what institutions are owed for an ended date, once.",
            discussion: """
                One journal entry an institution: its account to zero for the date, the bank's \
                against it. What is paid already stays as it is.

                  settlectl clearing pay --date 2026-11-23
                """)

        @OptionGroup var scope: Scope
        @OptionGroup var options: SiteOptions

        func run() throws {
            let rows = try options.withDesk { desk, _ in
                let (date, books) = try scope.closedBooks(desk)
                // One at a time: the ledger reads a whole date's books for each, and terminals
                // come in between. What was paid before a failure stays paid.
                return try books.map { statement in
                    let payment = ClearingRow(
                        key: ClearingKey(institution: statement.institution, date: date),
                        amount: statement.books.owed)
                    guard
                        let result = try desk.register([.clearing(payment)], dryRun: false).first
                    else { throw CommandFault("the ledger gave no answer") }
                    if case .refused(let why) = result {
                        throw CommandFault("\(payment.key.institution): \(why)")
                    }
                    return Record([
                        ("institution", .text(payment.key.institution.text)),
                        ("date", .text(date.description)), ("amount", .money(payment.amount)),
                        ("result", .text(result == .unchanged ? "paid before" : "paid")),
                    ])
                }
            }
            options.printer.list(rows, empty: "nothing to pay for \(scope.date)")
        }
    }
}

extension Record {
    /// What an institution is owed for a date.
    fileprivate init(_ statement: ClearingStatement, paid: Money?) {
        let net = statement.books.net
        self.init([
            ("institution", .text(statement.institution.text)),
            ("transactions", .number(Int64(statement.rows.count))), ("total", .money(net.total)),
            ("pooled", .money(net.pooled)), ("large", .money(net.large)),
            ("supplement", .money(net.supplement)), ("account", .money(net.account)),
            ("family", .money(net.family)), ("owed", .money(net.insured)),
            ("paid", paid.map { .money($0) } ?? .none),
        ])
    }
}
