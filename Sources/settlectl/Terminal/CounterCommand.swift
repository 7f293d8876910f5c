import ArgumentParser
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

/// `settlectl counter`.
struct CounterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "counter",
        abstract: "Acts as a terminal of the agency, or any that asks for a person's records.",
        discussion: """
            Who is asked about is named by --card or --id-number. The right to ask is the card's \
            --pin, or at a counter papers that a clerk has seen, or at a gateway its own session:

              settlectl counter transactions --terminal DIR --card 99... --pin 1234
              settlectl counter months --terminal DIR --id-number 99... \\
                  --document residentID:99... --clerk C017 --from 2026-01-01
              settlectl counter accesses --terminal DIR --card 99... --gateway-session S-1
            """,
        subcommands: [
            SetPIN.self, ReportLoss.self, WithdrawLoss.self, Reissue.self, UnlockPIN.self,
            Link.self, Unlink.self, FamilyMembers.self, Transactions.self, Months.self,
            Statement.self, Accesses.self, Contributions.self, Claim.self,
        ])

    /// `settlectl counter set-pin`.
    struct SetPIN: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-pin", abstract: "Changes a PIN, or sets the first; ends a lock.")

        @OptionGroup var options: CounterOptions

        @Option(help: "The new PIN, 4 to 12 digits.")
        var newPin: String

        func run() async throws {
            try await options.serve(.changePIN(.absent), newPIN: newPin)
        }
    }

    /// `settlectl counter report-loss`.
    struct ReportLoss: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "report-loss", abstract: "Reports a card lost: nobody can pay with it.")

        @OptionGroup var options: CounterOptions

        func run() async throws { try await options.serve(.reportLoss) }
    }

    /// `settlectl counter withdraw-loss`.
    struct WithdrawLoss: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw-loss", abstract: "Withdraws a loss report: the card is found.")

        @OptionGroup var options: CounterOptions

        func run() async throws { try await options.serve(.withdrawLoss) }
    }

    /// `settlectl counter reissue`.
    struct Reissue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issues a new card; every other card of the person is cancelled.")

        @OptionGroup var options: CounterOptions

        @Option(help: "The new card's number.")
        var newCard: String

        @Option(help: "The last day on which it is good.")
        var expires: String

        @Option(help: "Its first PIN.")
        var newPin: String?

        func run() async throws {
            guard let number = CardNumber(newCard) else {
                throw CommandFault("--new-card: 10 to 19 digits with their check digit")
            }
            try await options.serve(
                .reissue(
                    CardServiceCommand.NewCard(
                        number: number,
                        expires: try CivilDate.option("--expires", expires), pin: .absent)),
                newPIN: newPin)
        }
    }

    /// `settlectl counter unlock-pin`.
    struct UnlockPIN: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unlock-pin", abstract: "Sets the count of wrong PINs to zero.")

        @OptionGroup var options: CounterOptions

        func run() async throws { try await options.serve(.unlockPIN) }
    }
}
