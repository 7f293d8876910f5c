import ArgumentParser
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

/// `settlectl pos`.
struct PosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pos",
        abstract: "Acts as a terminal over TLS, to try a site by hand.",
        subcommands: [
            SettleBill.self, Void.self, Refund.self, Reverse.self, Copy.self, OpenItemList.self,
            Reconcile.self, Transactions.self, Inquire.self, Status.self, CatalogList.self,
            PosTourCommand.self, Admit.self, Upload.self, CancelFees.self, Discharge.self,
            Stay.self,
        ])

    /// Who acts as the terminal.
    struct TerminalOptions: ParsableArguments {
        @Option(help: "The terminal's folder, as terminal register made it.")
        var terminal: String

        /// The terminal, ready to sign on.
        func open() throws -> (terminal: SettlementClient.Terminal, id: TerminalID) {
            let credentials = try TerminalCredentials(directory: terminal)
            let made = SettlementClient.Terminal(
                credentials, at: try credentials.address(),
                counter: STANCounter(of: credentials))
            return (made, credentials.terminal)
        }

        /// The terminal, ready for what moves money.
        func openForMoney() throws -> SettlementClient.Terminal {
            try PosCommand.openForMoney(try TerminalCredentials(directory: terminal))
        }
    }

    /// A terminal with its file of open items and its day lists.
    ///
    /// Says on standard error what is open already.
    static func openForMoney(
        _ credentials: TerminalCredentials
    ) throws -> SettlementClient.Terminal {
        let openItems = try OpenItems(of: credentials)
        let count = openItems.all.count
        if count > 0 {
            let words = "\(count) open item\(count == 1 ? "" : "s"): settlectl pos open-items\n"
            FileHandle.standardError.write(Data(words.utf8))
        }
        return SettlementClient.Terminal(
            credentials, at: try credentials.address(), counter: STANCounter(of: credentials),
            openItems: openItems, dayLists: DayLists(of: credentials))
    }

    /// The card that pays.
    struct CardOptions: ParsableArguments {
        @Option(help: "The card number.")
        var card: String

        @Option(help: "Its PIN.")
        var pin: String

        func number() throws -> CardNumber {
            try PosCommand.card(card)
        }
    }

    /// `settlectl pos settle`.
    struct SettleBill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "settle",
            abstract: "Settles or quotes a bill and prints the receipt.",
            discussion: """
                A line is CODE or #INDEX, quantity and unit price in yuan, apart by x; then, each after a \
                comma, the days of the course and the trace codes of the packages where it has them:

                  settlectl pos settle --terminal .demo/terminals/DM000001 --card 99... --pin 1... \\
                      --visit pharmacyPurchase --line '#0x2x12.50' --partial
                  settlectl pos settle ... --line '#0x2x12.50,days=7,trace=8123...01,trace=8123...02'
                """)

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var card: CardOptions

        @Option(help: "\(VisitType.allCases.map(\.name).joined(separator: ", ")).")
        var visit: String

        @Option(
            help: """
                CODExQUANTITYxPRICE or #INDEXxQUANTITYxPRICE, with ,days=N and ,trace=CODE where \
                wanted; repeat for more.
                """)
        var line: [String]

        @Flag(help: "Cash may be due for what the accounts cannot pay.")
        var partial = false

        @Option(help: "The day of the service; default: the business date.")
        var serviceDate: String?

        @Option(help: "Of a chronic outpatient visit: the chronic disease that is treated.")
        var diagnosis: String?

        @Option(help: "The institution's own number of the bill; then nobody else can claim it.")
        var billNumber: String?

        @Flag(help: "Only quote: nothing is debited.")
        var quote = false

        @Flag(help: "Answer in JSON instead of a receipt.")
        var json = false

        func run() async throws {
            guard let visit = VisitType(name: visit) else {
                throw CommandFault("--visit \(visit): not a visit type")
            }
            let day = try serviceDate.map { try BillText.day($0, "--service-date") }
            let diagnosis = try diagnosis.map { try BillText.disease($0) }
            let pos = quote ? try terminal.open().terminal : try terminal.openForMoney()
            let catalog = try await pos.catalog()
            let sale = Sale(
                card: try card.number(), pin: card.pin, visitType: visit,
                lines: try line.map { try BillText.line($0) }, catalogVersion: catalog?.version,
                serviceDate: day, partialAllowed: partial, diagnosis: diagnosis,
                billNumber: billNumber)
            let grant = try await pos.connection().grant
            let show: SettlementClient.Terminal.HandOut = { [json, quote] answer in
                if json {
                    Printer(json: true).show(Record(answer))
                } else {
                    let receipt = Receipt(
                        answer, of: sale, at: grant, catalog: catalog,
                        title: quote ? "QUOTE: NOTHING DEBITED" : "SETTLEMENT")
                    print(receipt.text, terminator: "")
                }
                if !quote { Printer.handOut() }
            }
            if quote {
                let answer = try await pos.quote(sale)
                await show(answer)
                try await PosCommand.end(.answered(answer), of: pos)
            } else {
                try await PosCommand.end(try await pos.settle(sale, handOut: show), of: pos)
            }
        }
    }

    /// `settlectl pos inquire`.
    struct Inquire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks who a card's person is and what is left to them.")

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var card: CardOptions

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let pos = try terminal.open().terminal
            let answer = try await pos.inquire(card: try card.number(), pin: card.pin)
            await pos.signOff()
            guard case .inquiry(let found) = answer.response.payload else {
                throw CommandFault(ResultText.of(answer.response.result))
            }
            Printer(json: json).show(
                Record(
                    [
                        ("name", .text(found.nameMasked)),
                        ("insurance", .text(found.insuranceType.name)),
                        ("category", .text(found.category.name)),
                        ("coverage", .text(found.coverage.name)),
                        ("balance", .money(found.balance)),
                    ],
                    lists: [
                        (
                            "accumulators",
                            found.accumulators.map { used in
                                Record([
                                    ("year", .number(Int64(used.year))),
                                    ("category", .text(used.category.name)),
                                    ("deductible_used", .money(used.deductibleUsed)),
                                    ("pooled_used", .money(used.pooledUsed)),
                                    ("large_used", .money(used.largeUsed)),
                                ])
                            }
                        )
                    ]))
        }
    }

    /// `settlectl pos status`.
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks what became of a request of the same terminal.",
            discussion: "  settlectl pos status --terminal DIR --stan 42 --date 2026-11-23")

        @OptionGroup var terminal: TerminalOptions

        @Option(help: "The request's STAN.")
        var stan: UInt32

        @Option(help: "The date in its key.")
        var date: String

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            guard let date = CivilDate(date) else {
                throw CommandFault("--date \(date): not a date such as 2026-11-23")
            }
            let (pos, id) = try terminal.open()
            let response = try await pos.status(
                of: RequestKey(terminal: id, date: date, stan: stan))
            await pos.signOff()
            guard case .status(let status) = response.payload else {
                throw CommandFault(ResultText.of(response.result))
            }
            Printer(json: json).show(Record([("state", .text("\(status.state)"))]))
        }
    }

    /// `settlectl pos catalog`.
    struct CatalogList: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "catalog", abstract: "Downloads the catalog and lists it by index.")

        @OptionGroup var terminal: TerminalOptions

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let pos = try terminal.open().terminal
            let entries = try await pos.catalog()?.entries ?? []
            await pos.signOff()
            Printer(json: json).list(
                entries.enumerated().map { index, entry in
                    Record([
                        ("index", .number(Int64(index))), ("code", .text(entry.code.text)),
                        ("name", .text(entry.name)), ("kind", .text(entry.kind.name)),
                        ("level", .text(entry.level.name)),
                    ])
                }, empty: "no catalog is in force")
        }
    }
}

/// Bill lines as an operator types them.
enum BillText {
    /// Reads a day.
    static func day(_ text: String, _ option: String) throws -> CivilDate {
        guard let day = CivilDate(text) else {
            throw CommandFault("\(option) \(text): not a day such as 2026-11-23")
        }
        return day
    }

    /// Reads a diagnosis.
    static func disease(_ text: String) throws -> DiseaseCode {
        guard let code = DiseaseCode(text) else {
            throw CommandFault("--diagnosis \(text): not 1 to 20 letters, digits, - or .")
        }
        return code
    }

    /// Reads `CODExQUANTITYxPRICE` or `#INDEXxQUANTITYxPRICE`, with `,days=N` and `,trace=CODE` behind it.
    static func line(_ text: String) throws -> RequestLine {
        let pieces = text.split(separator: ",", omittingEmptySubsequences: false)
        let parts = (pieces.first ?? "").split(separator: "x", omittingEmptySubsequences: false)
            .map(String.init)
        guard parts.count == 3, let quantity = Quantity(units: parts[1]),
            let price = UnitPrice(yuan: parts[2]), let amount = price.amount(for: quantity)
        else { throw CommandFault("--line \(text): not CODExQUANTITYxPRICE, such as #0x2x12.50") }
        let item: RequestLine.Item
        if parts[0].hasPrefix("#") {
            guard let index = UInt32(parts[0].dropFirst()) else {
                throw CommandFault("--line \(text): \(parts[0]) is no #INDEX, such as #0")
            }
            item = .index(index)
        } else if let code = ItemCode(parts[0]) {
            item = .code(code)
        } else {
            throw CommandFault("--line \(text): neither an item code nor #INDEX")
        }
        var line = RequestLine(
            item: item, quantity: quantity, unitPrice: price, amount: amount, courseDays: nil,
            traceCodes: [])
        for piece in pieces.dropFirst() {
            if piece.hasPrefix("days="), line.courseDays == nil,
                let days = UInt32(piece.dropFirst(5)), days > 0
            {
                line.courseDays = days
            } else if piece.hasPrefix("trace="), let code = TraceCode(String(piece.dropFirst(6))) {
                line.traceCodes.append(code)
            } else {
                throw CommandFault(
                    "--line \(text): \"\(piece)\" is neither days=N, once, nor trace=CODE of 1 to 32 "
                        + "characters")
            }
        }
        return line
    }
}

/// A refusal in words.
enum ResultText {
    static func of(_ result: ResultFields) -> String {
        "\(result.code.text) \(result.code.words): \(result.reason.words)"
            + (result.detail.isEmpty ? "" : " (\(result.detail))")
            + (result.code == .wrongPIN ? "; tries left: \(result.triesLeft)" : "")
    }
}
