import ArgumentParser
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension PosCommand {
    /// `settlectl pos reverse`.
    struct Reverse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Undoes a request of this terminal that had no answer.",
            discussion: """
                The original is named by the STAN and the date of its key; it may never have arrived:

                  settlectl pos reverse --terminal DIR --stan 42 --date 2026-11-23 \\
                      --card 99... --total 25.00
                  settlectl pos reverse --terminal DIR --stan 43 --date 2026-11-23 \\
                      --kind refund --card 99... --total 0
                """)

        @OptionGroup var terminal: TerminalOptions

        @Option(help: "The original's STAN.")
        var stan: UInt32

        @Option(help: "The date in the original's key.")
        var date: String

        @Option(help: "What it was: settle, void, refund.")
        var kind = "settle"

        @Option(help: "The card in the original.")
        var card: String

        @Option(help: "The total in the original, yuan; 0 of a refund that named none.")
        var total: String

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let kinds: [RequestKind] = [.settle, .void, .refund]
            guard let kind = kinds.first(where: { "\($0)" == kind }) else {
                throw CommandFault("--kind \(kind): not settle, void or refund")
            }
            guard (1...RequestKey.stanMax).contains(stan) else {
                throw CommandFault("--stan \(stan): not 1 to \(RequestKey.stanMax)")
            }
            let date = try CivilDate.option("--date", date)
            let (card, total) = (
                try PosCommand.card(card), try PosCommand.money("--total", total)
            )
            let pos = try terminal.openForMoney()
            let printer = try await UndoPrinter(json: json, title: "REVERSAL", of: pos)
            let conclusion = try await pos.reverse(
                RequestKey(terminal: pos.id, date: date, stan: stan), kind, card: card,
                total: total)
            guard case .reversed(_, let answer) = conclusion else {
                return try await PosCommand.end(conclusion, of: pos)
            }
            printer.show(answer)
            await pos.signOff()
        }
    }

    /// `settlectl pos open-items`.
    struct OpenItemList: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open-items",
            abstract: "Lists a terminal's requests without an answer; reverses or forgets them.",
            discussion: """
                Resolving reverses what was given up. Of what was sent before the terminal stopped it \
                asks the status: a refusal is the answer, an approval is reversed, or with \
                --take-answers taken. A reversal that was refused stays until a person has it \
                retried, or forgotten.

                  settlectl pos open-items --terminal DIR
                  settlectl pos open-items --terminal DIR --resolve
                  settlectl pos open-items --terminal DIR --retry 20261123-T0000001-000042
                  settlectl pos open-items --terminal DIR --forget 20261123-T0000001-000042
                """)

        @OptionGroup var terminal: TerminalOptions

        @Flag(help: "Find out what became of each, and send the reversals that are due.")
        var resolve = false

        @Flag(help: "With --resolve: an approval is taken, not reversed.")
        var takeAnswers = false

        @Option(help: "Send this one's reversal again, under a new key.")
        var retry: String?

        @Option(help: "Forget this one: a person has dealt with it.")
        var forget: String?

        @Flag(help: "Answer in JSON.")
        var json = false

        func validate() throws {
            guard [resolve, retry != nil, forget != nil].count(where: { $0 }) <= 1,
                resolve || !takeAnswers
            else { throw ValidationError("only one of --resolve, --retry and --forget") }
        }

        func run() async throws {
            let printer = Printer(json: json)
            if let forget {
                let kept = try OpenItems(of: try TerminalCredentials(directory: terminal.terminal))
                let key = try Self.key("--forget", forget)
                guard kept[key] != nil else {
                    throw CommandFault("--forget \(forget): no such open item")
                }
                try kept.settle(key)
                return printer.done("forgotten", [("key", .text(forget))])
            }
            guard resolve || retry != nil else {
                let kept = try OpenItems(of: try TerminalCredentials(directory: terminal.terminal))
                return printer.list(kept.all.map { Record($0) }, empty: "nothing is open")
            }
            let pos = try terminal.openForMoney()
            let ended: [SettlementClient.Terminal.Conclusion]
            if let retry {
                let key = try Self.key("--retry", retry)
                guard let conclusion = try await pos.retryReversal(of: key) else {
                    throw CommandFault("--retry \(retry): no such open item")
                }
                ended = [conclusion]
            } else {
                ended = try await pos.resolveOpenItems(takeAnswers ? .takeAnswer : .reverse)
            }
            await pos.signOff()
            printer.list(ended.map { Record($0) }, empty: "nothing is open")
            let isOpen = ended.contains { if case .open = $0 { true } else { false } }
            if isOpen { throw ExitCode.failure }
        }

        private static func key(_ name: String, _ text: String) throws -> RequestKey {
            guard let id = SettlementID(text) else {
                throw CommandFault("\(name) \(text): not a key such as 20261123-T0000001-000042")
            }
            return id.key
        }
    }
}
