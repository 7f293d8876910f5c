import ArgumentParser
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension PosCommand {
    /// `settlectl pos reconcile`.
    struct Reconcile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares the terminal's own list of a date with the daemon's.",
            discussion: """
                The terminal's own lists are in its folder, days/YYYYMMDD.csv, kept by pos settle, \
                void, refund and open-items. Another list has the same form:

                  \(DayLists.heading)
                  T0000001,2026-11-23,42,settle,25.00,20.00,,

                What differs is found by digests of ranges, without sending what agrees. Ends with a \
                failure where something differs.

                  settlectl pos reconcile --terminal DIR
                  settlectl pos reconcile --terminal DIR --date 2026-11-22 --list cash-desk.csv
                  settlectl pos reconcile --terminal DIR --institution --list t1.csv --list t2.csv
                """)

        @OptionGroup var terminal: TerminalOptions

        @Option(help: "The business date of booking; default: the daemon's.")
        var date: String?

        @Option(help: "A list instead of the terminal's own; repeat for several.")
        var list: [String] = []

        @Flag(help: "All terminals of the institution.")
        var institution = false

        @Flag(help: "Compare transactions although totals agree.")
        var thorough = false

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let asked = try date.map { try CivilDate.option("--date", $0) }
            let pos = try terminal.open().terminal
            let date = if let asked { asked } else { try await pos.connection().businessDate }
            let credentials = try TerminalCredentials(directory: terminal.terminal)
            let own =
                list.isEmpty
                ? try DayLists(of: credentials).transactions(on: date)
                : try list.flatMap { try DayLists.read($0) }
            let found = try await pos.reconcile(
                own, on: date, scope: institution ? .institution : .terminal,
                thoroughness: thorough ? .always : .whereTotalsDisagree)
            await pos.signOff()
            show(found)
            if !found.agrees { throw ExitCode.failure }
        }

        private func show(_ found: Reconciliation) {
            let totals = found.own.compactMap { own -> Record? in
                let daemon =
                    found.daemon.first { $0.kind == own.kind } ?? KindTotals(kind: own.kind)
                guard own.count > 0 || daemon.count > 0 else { return nil }
                return Record(own.kind, own: own, daemon: daemon)
            }
            let verdict: String =
                switch (found.agrees, found.differences.count) {
                case (true, _): "agree"
                case (false, 0): "totals disagreed while something was being booked: ask again"
                case (false, let count): "\(count) differ"
                }
            Printer(json: json).show(
                Record(
                    [
                        ("date", .text("\(found.date)")), ("closed", .flag(found.isClosed)),
                        ("agrees", .flag(found.agrees)), ("verdict", .text(verdict)),
                        ("requests", .number(Int64(found.requests))),
                    ],
                    lists: [
                        ("totals", totals), ("differences", found.differences.map { Record($0) }),
                    ]))
        }
    }

    /// `settlectl pos transactions`.
    struct Transactions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists a date's transactions as the daemon has them, for reconciliation.",
            discussion: """
                  settlectl pos transactions --terminal DIR --date 2026-11-23 --institution --json
                """)

        @OptionGroup var terminal: TerminalOptions

        @Option(help: "The business date of booking; default: the daemon's.")
        var date: String?

        @Flag(help: "Of all terminals of the institution.")
        var institution = false

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let date = try date.map { try CivilDate.option("--date", $0) }
            let pos = try terminal.open().terminal
            let connection = try await pos.connection()
            var rows: [DayTransaction] = []
            while true {
                let response = try await connection.transactions(
                    on: date, scope: institution ? .institution : .terminal,
                    after: rows.last?.key)
                guard case .reconciliationDetails(let page) = response.payload else {
                    throw CommandFault(ResultText.of(response.result))
                }
                rows += page.transactions
                if !page.hasMore || page.transactions.isEmpty { break }
            }
            await pos.signOff()
            Printer(json: json).list(rows.map { Record($0) }, empty: "no transactions")
        }
    }
}
