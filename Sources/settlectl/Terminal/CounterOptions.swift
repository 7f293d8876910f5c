import ArgumentParser
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

/// Who is asked about, and by what right.
struct AskingOptions: ParsableArguments {
    @Option(help: "The person's card.")
    var card: String?

    @Option(help: "Or the person's ID number.")
    var idNumber: String?

    @Option(help: "The right: the card's PIN.")
    var pin: String?

    @Option(
        help: """
            The right: a paper, KIND:NUMBER; residentID, householdRegister, passport, \
            socialSecurityCard or otherDocument.
            """)
    var document: String?

    @Option(help: "The clerk who saw the paper.")
    var clerk: String?

    @Option(help: "Somebody else asks: the agent, NAME:IDNUMBER:REFERENCE:VALIDUNTIL.")
    var proxy: String?

    @Option(help: "The right: the gateway's session with the person.")
    var gatewaySession: String?

    func asking() throws -> Asking {
        Asking(subject: try subject(), authority: try authority())
    }

    private func subject() throws -> Subject {
        switch (card, idNumber) {
        case (let card?, nil): return .card(try PosCommand.card(card))
        case (nil, let text?): return .idNumber(try Self.idNumber("--id-number", text))
        default: throw CommandFault("give either --card or --id-number")
        }
    }

    private func authority() throws -> Authority {
        switch (pin, document, gatewaySession) {
        case (.some, nil, nil): return .pin(.absent)
        case (nil, nil, let session?): return .gatewaySession(session)
        case (nil, nil, nil) where idNumber != nil: return .role
        case (nil, let paper?, nil):
            let parts = paper.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, let kind = IdentityDocument(name: parts[0]) else {
                throw CommandFault("--document \(paper): not KIND:NUMBER")
            }
            guard let clerk else { throw CommandFault("--document needs --clerk") }
            return .documents(
                IdentityCheck(
                    document: kind, number: parts[1], clerk: clerk, proxy: try power()))
        default:
            throw CommandFault("give one of --pin, --document and --gateway-session")
        }
    }

    private func power() throws -> PowerOfAttorney? {
        guard let proxy else { return nil }
        let parts = proxy.split(separator: ":").map(String.init)
        guard parts.count == 4 else {
            throw CommandFault("--proxy \(proxy): not NAME:IDNUMBER:REFERENCE:VALIDUNTIL")
        }
        return PowerOfAttorney(
            agentName: parts[0], agentIDNumber: try Self.idNumber("--proxy", parts[1]),
            reference: parts[2], validUntil: try CivilDate.option("--proxy", parts[3]))
    }

    private static func idNumber(_ name: String, _ text: String) throws -> IDNumber {
        guard let number = IDNumber(text) else {
            throw CommandFault("\(name): not 18 characters with their check character")
        }
        return number
    }
}

/// What every subcommand of `settlectl counter` needs.
struct CounterOptions: ParsableArguments {
    @OptionGroup var terminal: PosCommand.TerminalOptions
    @OptionGroup var asking: AskingOptions

    @Flag(help: "Answer in JSON.")
    var json = false

    /// Changes something about a card and prints what it is then.
    func serve(_ step: CardServiceCommand.Step, newPIN: String? = nil) async throws {
        let command = CardServiceCommand(asking: try asking.asking(), step: step)
        let pos = try terminal.open().terminal
        let response = try await pos.cardService(command, pin: asking.pin, newPIN: newPIN)
            .response
        await pos.signOff()
        guard case .cardService(let done) = response.payload else {
            throw CommandFault(ResultText.of(response.result))
        }
        Printer(json: json).show(
            Record([
                ("name", .text(done.nameMasked)), ("card", .text("\(done.card)")),
                ("state", .text("\(done.state)")), ("expires", .text("\(done.expires)")),
                ("pin_set", .flag(done.isPINSet)),
                ("cancelled", .text(done.cancelled.joined(separator: ", "))),
            ]))
    }

    /// Asks for records and gives the answer's payload.
    func query(_ question: PersonQuery.Question) async throws -> TerminalResponse.Payload {
        let query = PersonQuery(asking: try asking.asking(), question: question)
        let pos = try terminal.open().terminal
        let response = try await pos.query(query, pin: asking.pin).response
        await pos.signOff()
        guard response.result.code.isApproval else {
            throw CommandFault(ResultText.of(response.result))
        }
        return response.payload
    }
}
