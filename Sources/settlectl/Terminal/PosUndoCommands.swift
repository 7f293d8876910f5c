import ArgumentParser
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension PosCommand {
    /// Which settlement is to be undone.
    struct SettlementOptions: ParsableArguments {
        @Option(help: "The settlement's id, as its receipt says.")
        var settlement: String

        @Option(help: "The card that paid.")
        var card: String

        func id() throws -> SettlementID {
            guard let id = SettlementID(settlement) else {
                throw CommandFault(
                    "--settlement \(settlement): not an id such as 20261123-T0000001-000042")
            }
            return id
        }

        func number() throws -> CardNumber { try PosCommand.card(card) }
    }

    static func card(_ text: String) throws -> CardNumber {
        guard let number = CardNumber(text) else {
            throw CommandFault("--card: 10 to 19 digits with their check digit")
        }
        return number
    }

    static func money(_ name: String, _ text: String) throws -> Money {
        guard let money = Money(yuan: text) else {
            throw CommandFault("\(name) \(text): not an amount in yuan such as 12.50")
        }
        return money
    }

    /// `settlectl pos void`.
    struct Void: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Undoes a settlement of the present business date.",
            discussion: """
                  settlectl pos void --terminal DIR --settlement 20261123-T0000001-000042 \\
                      --card 99... --total 25.00
                """)

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var settlement: SettlementOptions

        @Option(help: "The settlement's total, yuan.")
        var total: String

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let (id, card) = (try settlement.id(), try settlement.number())
            let total = try PosCommand.money("--total", total)
            let pos = try terminal.openForMoney()
            let conclusion = try await pos.void(id, card: card, total: total)
            try await UndoPrinter(json: json, title: "VOID").print(conclusion, of: pos)
        }
    }

    /// `settlectl pos refund`.
    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives back lines of a settlement, or quantities of them.",
            discussion: """
                A line is its number on the receipt, or number and quantity apart by x:

                  settlectl pos refund --terminal DIR --settlement 20261123-T0000001-000042 \\
                      --card 99... --line 1x0.5 --line 3
                """)

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var settlement: SettlementOptions

        @Option(help: "LINE or LINExQUANTITY; repeat for more.")
        var line: [String]

        @Option(help: "A package's trace code; of the first line given. Repeat for more.")
        var traceCode: [String] = []

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let (id, card) = (try settlement.id(), try settlement.number())
            var lines = try line.map(Self.line)
            let codes = try traceCode.map { text in
                guard let code = TraceCode(text) else {
                    throw CommandFault("--trace-code \(text): 1 to 32 characters")
                }
                return code
            }
            if !lines.isEmpty { lines[0].traceCodes = codes }
            let pos = try terminal.openForMoney()
            let conclusion = try await pos.refund(id, card: card, lines: lines)
            try await UndoPrinter(json: json, title: "REFUND").print(conclusion, of: pos)
        }

        private static func line(_ text: String) throws -> RefundLine {
            let parts = text.split(separator: "x", omittingEmptySubsequences: false)
                .map(String.init)
            let quantity = parts.count == 2 ? Quantity(units: parts[1]) : nil
            guard (1...2).contains(parts.count), let number = Int(parts[0]), number >= 1,
                parts.count == 1 || quantity != nil
            else { throw CommandFault("--line \(text): not LINE or LINExQUANTITY") }
            return RefundLine(line: number - 1, quantity: quantity, traceCodes: [])
        }
    }

    /// `settlectl pos copy`.
    struct Copy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a settlement's receipt once more, marked as a copy.",
            discussion: "  settlectl pos copy --terminal DIR 20261123-T0000001-000042")

        @OptionGroup var terminal: TerminalOptions

        @Argument(help: "The settlement's id.")
        var settlement: String

        func run() async throws {
            guard let id = SettlementID(settlement) else {
                throw CommandFault("\(settlement): not an id such as 20261123-T0000001-000042")
            }
            let pos = try terminal.open().terminal
            let catalog = try await pos.catalog()
            let response = try await pos.receiptCopy(of: id)
            let grant = try await pos.connection().grant
            await pos.signOff()
            guard case .receiptCopy(let copy) = response.payload else {
                throw CommandFault(ResultText.of(response.result))
            }
            print(
                Receipt(copy: copy, of: id, at: grant, catalog: catalog).text, terminator: "")
            for step in copy.undone {
                print(
                    "\(step.kind) \(step.key.stan) of \(step.key.date) gave back "
                        + "\(step.givenBack.total): \(step.state.words)")
            }
        }
    }

    /// `settlectl pos open-items`.
    struct OpenItemList: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open-items",
            abstract: "Lists a terminal's requests without an answer; reverses or forgets them.",
            discussion: """
                  settlectl pos open-items --terminal DIR
                  settlectl pos open-items --terminal DIR --resolve
                  settlectl pos open-items --terminal DIR --forget 20261123-T0000001-000042
                """)

        @OptionGroup var terminal: TerminalOptions

        @Flag(help: "Send the reversals that are due.")
        var resolve = false

        @Option(help: "Forget this one: a person has dealt with it.")
        var forget: String?

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let credentials = try TerminalCredentials(directory: terminal.terminal)
            let items: [OpenItem]
            if resolve {
                let pos = try terminal.openForMoney()
                items = try await pos.resolveOpenItems()
                await pos.signOff()
            } else {
                let kept = try OpenItems(of: credentials)
                if let forget {
                    guard let id = SettlementID(forget),
                        kept.all.contains(where: { $0.key == id.key })
                    else { throw CommandFault("--forget \(forget): no such open item") }
                    try kept.settle(id.key)
                }
                items = kept.all
            }
            Printer(json: json).list(items.map { Record($0) }, empty: "nothing is open")
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

/// Prints how an undoing ended.
struct UndoPrinter {
    var json: Bool
    var title: String

    func print(
        _ conclusion: SettlementClient.Terminal.Conclusion, of pos: SettlementClient.Terminal
    ) async throws {
        let answer = try PosCommand.answer(conclusion)
        if json {
            Printer(json: true).show(Record(undoing: answer))
        } else {
            let grant = try await pos.connection().grant
            let slip = UndoSlip(
                title: title, institution: grant.institution,
                institutionName: grant.institutionName, key: answer.key, response: answer.response)
            Swift.print(slip.text, terminator: "")
        }
        await pos.signOff()
        if !answer.response.result.code.isApproval { throw ExitCode.failure }
    }
}

extension PosCommand {
    /// The answer; what ended without one is told as a fault.
    static func answer(
        _ conclusion: SettlementClient.Terminal.Conclusion
    ) throws -> SettlementClient.Terminal.Answer {
        switch conclusion {
        case .answered(let answer): return answer
        case .reversed(let key, _):
            throw CommandFault(
                "no answer came to STAN \(key.stan) of \(key.date): it was reversed, nothing stands"
            )
        case .open(let item):
            throw CommandFault(
                "no answer came to STAN \(item.key.stan) of \(item.key.date), nor to its reversal: "
                    + "it is an open item; go on with `settlectl pos open-items --resolve`")
        }
    }
}
