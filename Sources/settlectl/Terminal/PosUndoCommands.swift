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
            let printer = try await UndoPrinter(json: json, title: "VOID", of: pos)
            let conclusion = try await pos.void(id, card: card, total: total) { printer.show($0) }
            try await PosCommand.end(conclusion, of: pos)
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
            let printer = try await UndoPrinter(json: json, title: "REFUND", of: pos)
            let conclusion = try await pos.refund(id, card: card, lines: lines) {
                printer.show($0)
            }
            try await PosCommand.end(conclusion, of: pos)
        }

        private static func line(_ text: String) throws -> RefundLine {
            let parts = text.split(separator: "x", omittingEmptySubsequences: false)
                .map(String.init)
            let quantity = parts.count == 2 ? Quantity(units: parts[1]) : nil
            guard (1...2).contains(parts.count), let number = Int(parts[0]), number >= 1,
                parts.count == 1 || (quantity.map { $0.thousandths > 0 } ?? false)
            else {
                throw CommandFault(
                    "--line \(text): not LINE or LINExQUANTITY, the line from 1, as on the receipt, the "
                        + "quantity above zero")
            }
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

        @Flag(help: "Answer in JSON.")
        var json = false

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
            if json {
                Printer(json: true).show(Record(copy: copy, of: id))
            } else {
                print(
                    Receipt(copy: copy, of: id, at: grant, catalog: catalog).text, terminator: "")
                let undone = copy.undone.map { Record($0) }
                if !undone.isEmpty { Printer(json: false).list(undone, empty: "") }
            }
        }
    }
}

/// Prints how an undoing ended.
struct UndoPrinter: Sendable {
    var json: Bool
    var title: String
    var grant: SignOnGrant

    init(json: Bool, title: String, of pos: SettlementClient.Terminal) async throws {
        self.json = json
        self.title = title
        grant = try await pos.connection().grant
    }

    /// The slip, or its values.
    func show(_ answer: SettlementClient.Terminal.Answer) {
        if json {
            Printer(json: true).show(Record(undoing: answer))
        } else {
            let slip = UndoSlip(
                title: title, institution: grant.institution,
                institutionName: grant.institutionName, key: answer.key, response: answer.response)
            print(slip.text, terminator: "")
        }
        Printer.handOut()
    }
}

extension PosCommand {
    /// Signs off, and fails the command unless the request was approved.
    static func end(
        _ conclusion: SettlementClient.Terminal.Conclusion, of pos: SettlementClient.Terminal
    ) async throws {
        await pos.signOff()
        switch conclusion {
        case .answered(let answer):
            if !answer.response.result.code.isApproval { throw ExitCode.failure }
        case .reversed(let item, let reversal):
            throw CommandFault(
                "no answer came to STAN \(item.key.stan) of \(item.key.date): it was reversed by "
                    + "STAN \(reversal.key.stan), nothing stands")
        case .open(let item, let fault):
            let why = fault.map { ": \($0)" } ?? ""
            let next = if case .refused = item.stage { "--retry or --forget" } else { "--resolve" }
            throw CommandFault(
                "STAN \(item.key.stan) of \(item.key.date) is an open item, "
                    + "\(item.stage.words)\(why); go on with `settlectl pos open-items` \(next)")
        }
    }
}

extension OpenItem.Stage {
    /// How far it has come, in words.
    var words: String {
        switch self {
        case .sent: "sent and not answered"
        case .givenUp: "to be reversed"
        case .reversing(let key, _): "its reversal, STAN \(key.stan) of \(key.date), not answered"
        case .withheld(_, _, let code, let reason):
            "to be reversed once that is allowed: \(code.text) \(code.words), \(reason.words)"
        case .refused(let code, let reason):
            "its reversal refused: \(code.text) \(code.words), \(reason.words)"
        }
    }
}
