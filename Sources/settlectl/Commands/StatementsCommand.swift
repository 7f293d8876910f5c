import ArgumentParser
import Foundation
import Ledger
import SettlementDomain
import SiteFiles

/// `settlectl statements`.
struct StatementsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statements",
        abstract: "The insured persons' annual statements of rights.",
        discussion: """
              settlectl statements year 2026 --out statements
              settlectl statements year 2026 --out statements --person 10000001
            """,
        subcommands: [Year.self])

    /// `settlectl statements year`.
    struct Year: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a page for print for each person, of a year that has ended.",
            discussion: """
                A page a person, NNNN/statement-YEAR-PERSON.html, and statements-YEAR.csv that lists \
                them; of one person statements-YEAR-PERSON.csv. One person is in memory at a time. The pages are made of the year's bookings \
                alone: made again, they are the same, byte for byte.
                """)

        @Argument(help: "The year, such as 2026.")
        var year: Int

        @Option(help: "The folder to write to; made where it is not there.")
        var out: String

        @Option(help: "Only this person; default: all.")
        var person: String?

        @OptionGroup var options: SiteOptions

        func run() throws {
            let written = try options.withDesk { desk, _ in
                let today = try desk.businessDate()
                guard year < today.year, year >= 1900 else {
                    throw CommandFault(
                        "\(year) has not ended: the business date is \(today); `settlectl counter "
                            + "statement` shows a year that goes on")
                }
                return try write(from: desk)
            }
            options.printer.done(
                "\(written) statements of \(year) in \(out), listed in \(listName)",
                [
                    ("year", .number(Int64(year))), ("statements", .number(written)),
                    ("folder", .text(out)), ("list", .text(listName)),
                ])
        }

        private var listName: String {
            person.map { "statements-\(year)-\($0).csv" } ?? "statements-\(year).csv"
        }

        private func write(from desk: any OperatorDesk) throws -> Int64 {
            try FileManager.default.createDirectory(
                atPath: out, withIntermediateDirectories: true)
            var list = try CSVWriter(
                path: "\(out)/\(listName)",
                columns: ["person", "file", "opening", "closing"], readers: .nobody)
            var written: Int64 = 0
            var after: PersonID?
            while true {
                let rows = try page(of: desk, after: after)
                for row in rows {
                    let statement = try DeskReader(desk: desk)
                        .annualStatement(of: row.person.id, year: year)
                    let page = AnnualStatementPage(person: row, statement: statement)
                    try write(page)
                    try list.write([
                        row.person.id.description, page.fileName, statement.opening.description,
                        statement.closing.description,
                    ])
                    written += 1
                }
                guard person == nil, let last = rows.last else { break }
                after = last.person.id
            }
            try list.finish()
            return written
        }

        private func page(of desk: any OperatorDesk, after: PersonID?) throws -> [PersonRow] {
            let question: StoreQuestion
            if let person {
                guard let id = UInt64(person).flatMap(PersonID.init(rawValue:)) else {
                    throw CommandFault("--person \(person): not a person's number")
                }
                question = .person(id)
            } else {
                question = .persons(after: after, limit: 500)
            }
            guard case .persons(let rows) = try desk.read(question) else { return [] }
            if let person, rows.isEmpty {
                throw CommandFault("--person \(person): nobody has this number")
            }
            return rows
        }

        /// Readable by its owner alone: it names a person.
        private func write(_ page: AnnualStatementPage) throws {
            let path = "\(out)/\(page.fileName)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            try page.html.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: path)
        }
    }
}

/// Reads through an operator's desk as from a store.
struct DeskReader: StoreReader {
    let desk: any OperatorDesk

    func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        do {
            return try desk.read(question)
        } catch let fault as StoreFault {
            throw fault
        } catch {
            throw .unavailable("\(error)")
        }
    }
}
