import ArgumentParser
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import SiteFiles

extension CounterCommand {
    /// `settlectl counter claim`.
    struct Claim: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Claims for bills that a person paid elsewhere.",
            discussion: """
                A claim is taken in, reviewed, decided by another clerk, and paid:

                  settlectl counter claim submit --terminal DIR --id-number 99... \\
                      --document residentID:99... --clerk C017 claim.yaml
                  settlectl counter claim review --terminal DIR --claim ID --clerk C018 take-up
                  settlectl counter claim approve --terminal DIR --claim ID --clerk C018
                  settlectl counter claim pay --terminal DIR --claim ID --clerk C019 --reference B-1
                """,
            subcommands: [
                Submit.self, Review.self, Approve.self, Refuse.self, Pay.self, Show.self,
                List.self,
            ])
    }

    /// A claim that is worked on, and who works on it.
    struct ClaimOptions: ParsableArguments {
        @OptionGroup var terminal: PosCommand.TerminalOptions

        @Option(help: "The claim, as submit named it.")
        var claim: String

        @Option(help: "The clerk who acts.")
        var clerk: String

        @Flag(help: "Answer in JSON.")
        var json = false

        func id() throws -> ClaimID {
            guard let id = ClaimID(claim) else {
                throw CommandFault(
                    "--claim \(claim): not a claim such as 20261123-T0000001-000042")
            }
            return id
        }

        /// Does a step and prints the claim as it is then.
        fileprivate func serve(_ step: (ClaimID) -> ClaimCommand) async throws {
            try await CounterCommand.serve(
                step(try id()), pin: nil, at: try terminal.open().terminal, json: json)
        }
    }

    fileprivate static func serve(
        _ command: ClaimCommand, pin: String?, at pos: Terminal, json: Bool
    ) async throws {
        let response = try await pos.claim(command, pin: pin).response
        await pos.signOff()
        guard case .claims(let list) = response.payload, let claim = list.claims.first else {
            throw CommandFault(ResultText.of(response.result))
        }
        Printer(json: json).show(Record(claim, nameMasked: list.nameMasked))
    }

    /// Papers as `KIND:SHEETS`.
    fileprivate static func paper(_ text: String) throws -> ClaimDocument {
        let parts = text.split(separator: ":").map(String.init)
        guard let first = parts.first, let kind = ClaimDocumentKind(name: first),
            let sheets = parts.count == 1 ? 1 : UInt16(parts[1])
        else {
            let kinds = ClaimDocumentKind.allCases.map(\.name).joined(separator: ", ")
            throw CommandFault("--paper \(text): not KIND:SHEETS; the kinds are \(kinds)")
        }
        return ClaimDocument(kind: kind, sheets: sheets)
    }
}

extension CounterCommand.Claim {
    /// `settlectl counter claim submit`.
    struct Submit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a claim in; Config/README.md describes its file.")

        @OptionGroup var options: CounterOptions

        @Argument(help: "The file with bills, documents and payee.")
        var file: String

        func run() async throws {
            guard let clerk = options.asking.clerk else {
                throw CommandFault("--clerk: who takes the claim in?")
            }
            let read = try ClaimFile(path: file) { try? BillText.line($0) }
            let pos = try options.terminal.open().terminal
            let submission = ClaimSubmission(
                asking: try options.asking.asking(), clerk: clerk,
                catalogVersion: try await pos.connection().grant.catalogVersion,
                bills: read.bills, documents: read.documents, payee: read.payee)
            try await CounterCommand.serve(
                .submit(submission), pin: options.asking.pin, at: pos, json: options.json)
        }
    }

    /// `settlectl counter claim review`.
    struct Review: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Goes on with a claim that is not decided.",
            discussion: """
                STEP is take-up, want-documents (with --paper), supplement (with --paper) or \
                withdraw.
                """)

        @OptionGroup var options: CounterCommand.ClaimOptions

        @Argument(help: "take-up, want-documents, supplement or withdraw.")
        var step: String

        @Option(help: "A paper that is wanted or was brought, KIND:SHEETS; may be repeated.")
        var paper: [String] = []

        @Option(help: "Why.")
        var text: String = ""

        func run() async throws {
            let papers = try paper.map(CounterCommand.paper)
            let review: ClaimReview
            switch step {
            case "take-up": review = .takeUp
            case "want-documents": review = .wantDocuments(papers, text: text)
            case "supplement": review = .supplement(papers, text: text)
            case "withdraw": review = .withdraw(text: text)
            default: throw CommandFault("\(step): not a step of a review")
            }
            try await options.serve { .review($0, clerk: options.clerk, review) }
        }
    }

    /// `settlectl counter claim approve`.
    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pays what the policy gives for each line that is not disallowed.")

        @OptionGroup var options: CounterCommand.ClaimOptions

        @Option(help: "So much of the policy's ratios, per cent.")
        var share: String = "100"

        @Option(
            help: """
                What is not accepted, BILL.LINE:REASON or BILL.LINE:YUAN:REASON, both counted from 1; \
                may be repeated.
                """)
        var disallow: [String] = []

        func run() async throws {
            guard let share = Ratio(percent: share), share > .zero else {
                throw CommandFault("--share \(share): not a percentage above 0")
            }
            let disallowed = try disallow.map(Self.disallowance)
            try await options.serve {
                .decide($0, clerk: options.clerk, .approve(share: share, disallowed))
            }
        }

        private static func disallowance(_ text: String) throws -> Disallowance {
            let parts = text.split(separator: ":", maxSplits: 2).map(String.init)
            let place = (parts.first ?? "").split(separator: ".").compactMap { Int($0) }
            guard (2...3).contains(parts.count), place.count == 2, place.allSatisfy({ $0 >= 1 })
            else {
                throw CommandFault(
                    "--disallow \(text): not BILL.LINE:REASON or BILL.LINE:YUAN:REASON")
            }
            return Disallowance(
                bill: place[0] - 1, line: place[1] - 1,
                amount: parts.count == 3 ? try PosCommand.money("--disallow", parts[1]) : nil,
                text: parts[parts.count - 1])
        }
    }

    /// `settlectl counter claim refuse`.
    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Pays nothing, and says why.")

        @OptionGroup var options: CounterCommand.ClaimOptions

        @Option(help: "Why.")
        var text: String

        func run() async throws {
            try await options.serve { .decide($0, clerk: options.clerk, .refuse(text: text)) }
        }
    }

    /// `settlectl counter claim pay`.
    struct Pay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Books that the bank has paid what was approved.")

        @OptionGroup var options: CounterCommand.ClaimOptions

        @Option(help: "The bank's reference of the payment.")
        var reference: String

        func run() async throws {
            try await options.serve {
                .pay($0, clerk: options.clerk, reference: reference)
            }
        }
    }

    /// `settlectl counter claim show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a claim with lines, decision and history.")

        @OptionGroup var options: CounterCommand.ClaimOptions

        func run() async throws {
            let id = try options.id()
            let pos = try options.terminal.open().terminal
            var shown: ClaimContent?
            var name = ""
            var from: Int?
            repeat {
                let query = PersonQuery(
                    asking: Asking(subject: .claim(id), authority: .clerk(options.clerk)),
                    question: .claim(id, from: from))
                let response = try await pos.query(query).response
                guard case .claims(let list) = response.payload, let claim = list.claims.first
                else { throw CommandFault(ResultText.of(response.result)) }
                name = list.nameMasked
                var whole = shown ?? claim
                for (index, bill) in claim.bills.enumerated() where !bill.lines.isEmpty {
                    whole.bills[index] = bill
                    if claim.awards.indices.contains(index) {
                        whole.awards[index] = claim.awards[index]
                    }
                }
                shown = whole
                from = list.next.map { Int(clamping: $0) - 1 }
            } while from != nil
            await pos.signOff()
            guard let shown else { return }
            Printer(json: options.json).show(
                Record(shown, nameMasked: name, lines: true))
        }
    }

    /// `settlectl counter claim list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists a person's claims, newest first.")

        @OptionGroup var options: CounterOptions

        @Option(help: "Rows at most, 1...200.")
        var count: Int = 50

        @Option(help: "The cursor that the page before gave.")
        var before: UInt64?

        func run() async throws {
            guard
                case .claims(let list) = try await options.query(
                    .claims(before: before, limit: count))
            else { return }
            Printer(json: options.json).show(
                Record(
                    [
                        ("name", .text(list.nameMasked)),
                        ("next", list.next.map { .number(Int64(clamping: $0)) } ?? .none),
                    ],
                    lists: [("claims", list.claims.map { Record(summaryOf: $0) })]))
        }
    }
}

extension Record {
    /// A claim in one row.
    init(summaryOf claim: ClaimContent) {
        self.init([
            ("claim", .text("\(claim.id)")), ("state", .text(claim.state.name)),
            ("total", .money(claim.total)), ("approved", .money(claim.approved)),
            ("due", claim.due.map { .text("\($0)") } ?? .none),
            ("payee", .text(claim.payee)),
        ])
    }

    /// A claim with bills and history; with every line where they are wanted.
    fileprivate init(_ claim: ClaimContent, nameMasked: String, lines: Bool = false) {
        var record = Record(summaryOf: claim)
        record.fields.insert(("name", .text(nameMasked)), at: 0)
        record.lists.append(
            (
                "bills",
                claim.bills.enumerated().map { index, bill in
                    Record(bill, claim.awards.indices.contains(index) ? claim.awards[index] : nil)
                }
            ))
        if lines {
            record.lists.append(
                (
                    "lines",
                    claim.bills.enumerated().flatMap { index, bill in
                        Record.lines(
                            of: bill, index,
                            claim.awards.indices.contains(index) ? claim.awards[index] : nil)
                    }
                ))
        }
        record.lists.append(("history", claim.events.map { Record($0) }))
        self = record
    }

    private init(_ bill: ClaimBill, _ award: ClaimAward?) {
        let split = award?.split
        self.init([
            ("place", .text(bill.place.code)), ("bill", .text(bill.number)),
            ("service_date", .text("\(bill.serviceDate)")),
            ("visit_type", .text(bill.visitType.name)), ("total", .money(bill.total)),
            ("deductible", split.map { .money($0.deductible) } ?? .none),
            ("pooled", split.map { .money($0.pooled) } ?? .none),
            ("large", split.map { .money($0.large) } ?? .none),
            ("supplement", split.map { .money($0.supplement) } ?? .none),
            ("stays_with_person", split.map { .money($0.cash) } ?? .none),
        ])
    }

    private static func lines(
        of bill: ClaimBill, _ index: Int, _ award: ClaimAward?
    ) -> [Record] {
        guard let award, !award.split.parts.isEmpty else {
            return bill.lines.enumerated().map { position, line in
                Record([
                    ("line", .text("\(index + 1).\(position + 1)")),
                    ("item", .text("\(line.code)")), ("amount", .money(line.amount)),
                    ("class", .none), ("reason", .none), ("paid", .none), ("text", .none),
                ])
            }
        }
        return award.split.parts.map { part in
            let refusal = award.disallowed.first { $0.line == part.line }
            return Record([
                ("line", .text("\(index + 1).\(part.line + 1)")),
                (
                    "item",
                    bill.lines.indices.contains(part.line)
                        ? .text("\(bill.lines[part.line].code)") : .none
                ), ("amount", .money(part.amount)), ("class", .text(part.itemClass.name)),
                ("reason", .text(part.reason.name)),
                ("paid", .money(part.pooled + part.large + part.supplement)),
                (
                    "text",
                    part.reason == .notAccepted
                        ? refusal.map { .text($0.text) } ?? .none : .none
                ),
            ])
        }
    }

    private init(_ event: ClaimEvent) {
        let papers = event.documents.map { "\($0.kind.name):\($0.sheets)" }
        self.init([
            ("date", .text("\(event.date)")), ("step", .text(event.step.name)),
            ("clerk", .text(event.clerk)), ("text", .text(event.text)),
            ("papers", .text(papers.joined(separator: " "))),
        ])
    }
}
