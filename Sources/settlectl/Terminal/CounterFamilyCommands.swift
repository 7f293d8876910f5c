import ArgumentParser
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension CounterCommand {
    /// The relative that a family command names.
    struct RelativeOptions: ParsableArguments {
        @Option(help: "The relative's card.")
        var relativeCard: String?

        @Option(help: "Or the relative's ID number.")
        var relativeIdNumber: String?

        func subject() throws -> Subject {
            switch (relativeCard, relativeIdNumber) {
            case (let card?, nil):
                guard let number = CardNumber(card) else {
                    throw CommandFault("--relative-card: not a card number")
                }
                return .card(number)
            case (nil, let text?):
                guard let number = IDNumber(text) else {
                    throw CommandFault("--relative-id-number: not an ID number")
                }
                return .idNumber(number)
            default:
                throw CommandFault("give either --relative-card or --relative-id-number")
            }
        }
    }

    /// `settlectl counter link`.
    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a relative draw on the owner's individual account.")

        @OptionGroup var options: CounterOptions
        @OptionGroup var relative: RelativeOptions

        @Option(help: "\(Relationship.allCases.map(\.name).joined(separator: ", ")).")
        var relationship: String

        @Option(help: "The most in a calendar year, yuan; default: no limit.")
        var yearlyLimit: String?

        @Option(help: "The most on a business date, yuan; default: no limit.")
        var dailyLimit: String?

        @Option(help: "The owner's place in the order of drawing, 1...8.")
        var position: Int?

        func run() async throws {
            guard let relationship = Relationship(name: relationship) else {
                throw CommandFault("--relationship \(relationship): not a relationship")
            }
            let terms = FamilyTerms(
                relationship: relationship,
                yearlyLimit: try yearlyLimit.map { try PosCommand.money("--yearly-limit", $0) },
                dailyLimit: try dailyLimit.map { try PosCommand.money("--daily-limit", $0) },
                position: position)
            try await options.change(.link(terms), try relative.subject())
        }
    }

    /// `settlectl counter unlink`.
    struct Unlink: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a relative's permission to draw on the owner's account.")

        @OptionGroup var options: CounterOptions
        @OptionGroup var relative: RelativeOptions

        func run() async throws {
            try await options.change(.unlink, try relative.subject())
        }
    }

    /// `settlectl counter family`.
    struct FamilyMembers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "family",
            abstract: "Lists who may draw on whose account, and what relatives drew.")

        @OptionGroup var options: CounterOptions

        @Option(help: "Lines at most, 1...200.")
        var count: Int = 50

        @Option(help: "The cursor that the page before gave.")
        var before: UInt64?

        func run() async throws {
            guard
                case .familyList(let list) = try await options.query(
                    .family(before: before, limit: count))
            else { return }
            Printer(json: options.json).show(
                Record(
                    [
                        ("name", .text(list.nameMasked)),
                        ("next", list.next.map { .number(Int64(clamping: $0)) } ?? .none),
                    ],
                    lists: [
                        ("members", list.members.map { Record($0) }),
                        ("owners", list.owners.map { Record($0) }),
                        ("lines", list.lines.map { Record($0) }),
                    ]))
        }
    }
}

extension CounterOptions {
    /// Changes a family link and prints what it is then.
    fileprivate func change(_ step: FamilyCommand.Step, _ relative: Subject) async throws {
        let command = FamilyCommand(asking: try asking.asking(), relative: relative, step: step)
        let pos = try terminal.open().terminal
        let response = try await pos.family(command, pin: asking.pin).response
        await pos.signOff()
        guard case .family(let link) = response.payload else {
            throw CommandFault(ResultText.of(response.result))
        }
        let printer = Printer(json: json)
        if let link { printer.show(Record(link)) } else { printer.done("unlinked") }
    }
}

extension Record {
    /// A family link.
    fileprivate init(_ link: FamilyMember) {
        self.init([
            ("name", .text(link.nameMasked)), ("id_number", .text(link.idNumberMasked)),
            ("relationship", .text(link.relationship.name)),
            ("yearly_limit", link.yearlyLimit.map { .money($0) } ?? .none),
            ("used_this_year", .money(link.usedThisYear)),
            ("daily_limit", link.dailyLimit.map { .money($0) } ?? .none),
            ("used_today", .money(link.usedToday)), ("position", .number(Int64(link.position))),
        ])
    }
}
