import ArgumentParser
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

/// `settlectl collect`.
struct CollectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Acts as a collector's or employer's terminal: contributions.",
        discussion: """
              settlectl collect pay --terminal DIR --name 张三 --id-number 99... \
                  --period 2026-11 --base 8000 --employer-part 784 --individual-part 160 \
                  --employer E99010000001
              settlectl collect declare november.csv --name 2026-11/1 --terminal DIR
              settlectl collect pay --terminal DIR --name 李四 --id-number 99... \
                  --period 2026 --individual-part 400
            """,
        subcommands: [Pay.self, Declare.self])

    /// `settlectl collect pay`.
    struct Pay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pays for one person and period; a period is paid for once.")

        @OptionGroup var terminal: PosCommand.TerminalOptions

        @Option(help: "The full name, as the ID document says.")
        var name: String

        @Option(help: "The ID number.")
        var idNumber: String

        @Option(help: "A month such as 2026-11; for a resident a year such as 2026.")
        var period: String

        @Option(help: "The month's base in yuan; not for a resident.")
        var base: String = "0"

        @Option(help: "What the employer pays, in yuan.")
        var employerPart: String = "0"

        @Option(help: "What the person pays, in yuan.")
        var individualPart: String

        @Option(help: "The employer's code; default: the one registered for the person.")
        var employer: String?

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            guard let number = IDNumber(idNumber) else {
                throw CommandFault("--id-number: not 18 characters with their check character")
            }
            guard let period = ContributionPeriod(period) else {
                throw CommandFault("--period \(period): not 2026-11 or 2026")
            }
            let employer = try employer.map { text throws in
                guard let institution = InstitutionID(text) else {
                    throw CommandFault("--employer \(text): not an institution's code")
                }
                return ContributionLine.Employer.named(institution)
            }
            let line = ContributionLine(
                name: name, idNumber: number, period: period,
                base: try Money.option("--base", base),
                employerPart: try Money.option("--employer-part", employerPart),
                individualPart: try Money.option("--individual-part", individualPart),
                employer: employer ?? .registered)
            let pos = try terminal.open().terminal
            let response = try await pos.pay(line).response
            await pos.signOff()
            guard case .contribution(let done) = response.payload else {
                throw CommandFault(ResultText.of(response.result))
            }
            Printer(json: json).show(Record(done))
        }
    }
}

extension Money {
    /// The amount of an option's text.
    static func option(_ name: String, _ text: String) throws -> Money {
        guard let money = Money(yuan: text) else {
            throw CommandFault("\(name) \(text): not an amount such as 1234.50")
        }
        return money
    }
}

extension Record {
    init(_ done: ContributionResponse) {
        self.init([
            ("name", .text(done.nameMasked)), ("period", .text("\(done.period)")),
            ("credited", .text("\(done.credited)")), ("pooled", .text("\(done.pooled)")),
            ("balance", .text(done.balance.map { "\($0)" } ?? "no account")),
            ("coverage", .text(done.coverage.name)),
            ("covered_from", .text(done.coveredFrom.map { "\($0)" } ?? "")),
            ("paid_through", .text(done.paidThrough.map { "\($0)" } ?? "")),
        ])
    }
}
