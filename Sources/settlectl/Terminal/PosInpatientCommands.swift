import ArgumentParser
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension PosCommand {
    /// Which stay.
    struct StayOptions: ParsableArguments {
        @Option(help: "The stay, as admit named it.")
        var admission: String

        func id() throws -> AdmissionID {
            guard let id = AdmissionID(admission) else {
                throw CommandFault(
                    "--admission \(admission): not a stay such as 20261123-T0000001-000042")
            }
            return id
        }
    }

    /// `settlectl pos admit`.
    struct Admit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begins a stay in hospital.",
            discussion: "  settlectl pos admit --terminal DIR --card 99... --pin 123456")

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var card: CardOptions

        @Option(help: "The first day of the stay; default: the business date.")
        var on: String?

        @Option(help: "What for.")
        var diagnosis: String?

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let command = AdmitCommand(
                card: try card.number(), proof: .absent,
                admittedOn: try on.map { try BillText.day($0, "--on") },
                diagnosis: try diagnosis.map { try BillText.disease($0) })
            let pos = try terminal.open().terminal
            let answer = try await pos.admit(command, pin: card.pin)
            try await PosCommand.show(answer, of: pos, json: json)
        }
    }

    /// `settlectl pos upload`.
    struct Upload: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keeps fees with an open stay; nothing is paid yet.",
            discussion: """
                A line is as in pos settle; at most 200 lines an upload.

                  settlectl pos upload --terminal DIR --admission 20261123-T0000001-000042 \\
                      --line '#0x2x12.50'
                """)

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var stay: StayOptions

        @Option(help: "A line of the fees; may be repeated.")
        var line: [String]

        @Option(help: "When the services were given; default: the business date.")
        var on: String?

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let lines = try line.map { try BillText.line($0) }
            let day = try on.map { try BillText.day($0, "--on") }
            let id = try stay.id()
            let pos = try terminal.open().terminal
            let command = FeeUploadCommand(
                admission: id, day: day, total: lines.reduce(Money.zero) { $0 + $1.amount },
                catalogVersion: try await pos.connection().grant.catalogVersion, lines: lines)
            let answer = try await pos.upload(command)
            try await PosCommand.show(answer, of: pos, json: json)
        }
    }

    /// `settlectl pos cancel-fees`.
    struct CancelFees: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel-fees",
            abstract: "Takes back an upload, or a stay that has no fees.")

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var stay: StayOptions

        @Option(help: "The upload's number; default: the stay itself.")
        var upload: UInt16?

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let id = try stay.id()
            let pos = try terminal.open().terminal
            let answer = try await pos.cancelFees(of: id, upload: upload)
            try await PosCommand.show(answer, of: pos, json: json)
        }
    }

    /// `settlectl pos discharge`.
    struct Discharge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Settles all uploaded fees of a stay, as one bill.",
            discussion: """
                  settlectl pos discharge --terminal DIR --admission 20261123-T0000001-000042 \\
                      --card 99... --pin 123456 --partial
                """)

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var stay: StayOptions
        @OptionGroup var card: CardOptions

        @Option(help: "The last day of the stay; default: the business date.")
        var on: String?

        @Flag(help: "Cash may be due for what the accounts cannot pay.")
        var partial = false

        @Option(help: "The institution's own number of the bill; then nobody else can claim it.")
        var billNumber: String?

        @Flag(help: "Only quote: nothing is debited.")
        var quote = false

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let (id, card, pin) = (try stay.id(), try card.number(), self.card.pin)
            let day = try on.map { try BillText.day($0, "--on") }
            let pos = quote ? try terminal.open().terminal : try terminal.openForMoney()
            let found = try await pos.admissionDetails(of: id, .uploads)
            guard case .admissionDetails(let details) = found.payload else {
                throw CommandFault(ResultText.of(found.result))
            }
            let command = DischargeCommand(
                admission: id, card: card, dischargedOn: day, total: details.admission.total,
                partialAllowed: partial, billNumber: billNumber)
            let show: SettlementClient.Terminal.HandOut = { [json, quote] answer in
                Printer(json: json).show(PosCommand.record(discharge: answer))
                if !quote { Printer.handOut() }
            }
            if quote {
                let answer = try await pos.quoteDischarge(command, pin: pin)
                await show(answer)
                try await PosCommand.end(.answered(answer), of: pos)
            } else {
                let conclusion = try await pos.discharge(command, pin: pin, handOut: show)
                try await PosCommand.end(conclusion, of: pos)
            }
        }
    }

    /// `settlectl pos stay`.
    struct Stay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the uploads, lines or settled parts of a stay.")

        @OptionGroup var terminal: TerminalOptions
        @OptionGroup var stay: StayOptions

        @Option(help: "uploads, lines or parts.")
        var view = "uploads"

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            let views: [String: AdmissionView] = [
                "uploads": .uploads, "lines": .lines, "parts": .parts,
            ]
            guard let view = views[view] else {
                throw CommandFault("--view \(self.view): uploads, lines or parts")
            }
            let id = try stay.id()
            let pos = try terminal.open().terminal
            var rows: [Record] = []
            var from: UInt32? = 0
            while let start = from {
                let response = try await pos.admissionDetails(of: id, view, from: start)
                guard case .admissionDetails(let page) = response.payload else {
                    throw CommandFault(ResultText.of(response.result))
                }
                rows += page.uploads.map(PosCommand.record)
                rows += page.lines.map(PosCommand.record)
                rows += page.parts.map(PosCommand.record)
                from = page.next
            }
            await pos.signOff()
            Printer(json: json).list(rows, empty: "nothing here")
        }
    }
}

extension PosCommand {
    /// Shows what became of a stay, and ends; a refusal is a failure.
    fileprivate static func show(
        _ answer: SettlementClient.Terminal.Answer, of pos: SettlementClient.Terminal, json: Bool
    ) async throws {
        await pos.signOff()
        guard case .admission(let stay) = answer.response.payload else {
            throw CommandFault(ResultText.of(answer.response.result))
        }
        Printer(json: json).show(
            Record([
                ("admission", .text(stay.id.description)), ("state", .text("\(stay.state)")),
                ("name", .text(stay.nameMasked)),
                ("admitted_on", .text(stay.admittedOn.description)),
                ("diagnosis", stay.diagnosis.map { .text($0.text) } ?? .none),
                ("upload", stay.upload.map { .number(Int64($0)) } ?? .none),
                ("uploads", .number(Int64(stay.uploads))),
                ("lines", .number(Int64(stay.lineCount))), ("total", .money(stay.total)),
            ]))
    }

    fileprivate static func record(discharge answer: SettlementClient.Terminal.Answer) -> Record {
        let result = answer.response.result
        var fields: [(String, Scalar)] = [
            ("code", .text(result.code.text)), ("reason", .text(result.reason.words)),
        ]
        guard case .settlement(let paid) = answer.response.payload else {
            return Record(fields + [("detail", .text(result.detail))])
        }
        let split = paid.split
        fields += [
            ("settlement", paid.id.map { .text($0.description) } ?? .none),
            ("admission", paid.admission.map { .text($0.description) } ?? .none),
            ("lines", .number(Int64(paid.lineCount))), ("total", .money(split.total)),
            ("in_scope", .money(split.inScope)), ("deductible", .money(split.deductible)),
            ("pooled", .money(split.pooled)), ("large", .money(split.large)),
            ("supplement", .money(split.supplement)), ("account", .money(split.account)),
            ("family", .money(split.family)), ("cash", .money(split.cash)),
            ("balance", .money(paid.balance)),
        ]
        return Record(fields)
    }

    fileprivate static func record(_ upload: AdmissionDetailsContent.Upload) -> Record {
        Record([
            ("upload", .number(Int64(upload.number))), ("date", .text(upload.day.description)),
            ("lines", .number(Int64(upload.lineCount))), ("total", .money(upload.total)),
            ("cancelled", .flag(upload.isCancelled)),
            ("request", .text(SettlementID(upload.request).description)),
        ])
    }

    fileprivate static func record(_ row: AdmissionDetailsContent.Line) -> Record {
        Record([
            ("upload", .number(Int64(row.upload))),
            ("date", row.line.day.map { .text($0.description) } ?? .none),
            ("code", .text(row.line.code.text)),
            ("quantity", .text(row.line.quantity.description)),
            ("amount", .money(row.line.amount)),
        ])
    }

    fileprivate static func record(_ part: LinePart) -> Record {
        Record([
            ("line", .number(Int64(part.line))), ("class", .text("\(part.itemClass)")),
            ("reason", .text(part.reason.words)), ("amount", .money(part.amount)),
            ("pooled", .money(part.pooled)), ("large", .money(part.large)),
            ("supplement", .money(part.supplement)), ("account", .money(part.account)),
            ("family", .money(part.family)), ("cash", .money(part.cash)),
        ])
    }
}
