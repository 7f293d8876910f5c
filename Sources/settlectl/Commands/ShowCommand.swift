import ArgumentParser
import Ledger
import SettlementDomain

/// `settlectl show`.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one thing with all that belongs to it.",
        discussion: """
              settlectl show person 1000001
              settlectl show card 6228480000000017
              settlectl show settlement 20261123-T0000001-000042
              settlectl show answer 20261123-T0000001-000043
              settlectl show institution H99010000001
              settlectl show catalog 1 --json
              settlectl show policy 990100/1
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case person, card, settlement, answer, institution, terminal, catalog, policy
    }

    @Argument(help: "\(Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: Kind

    @Argument(help: "Its id.")
    var id: String

    @OptionGroup var options: SiteOptions

    func run() throws {
        let record = try options.withDesk { desk, _ in
            switch kind {
            case .person: try person(desk)
            case .card: try card(desk)
            case .settlement: try settlement(desk)
            case .answer: try answer(desk)
            case .institution, .terminal, .catalog, .policy:
                try ReferenceRecord.find(kind, id, at: desk)
            }
        }
        options.printer.show(record)
    }

    private func person(_ desk: any OperatorDesk) throws -> Record {
        let question: StoreQuestion
        if let number = IDNumber(id) {
            question = .personByIDNumber(number)
        } else if let id = PersonID(id) {
            question = .person(id)
        } else {
            throw CommandFault("\(id): neither a person id nor an ID number")
        }
        guard case .persons(let rows) = try desk.read(question), let row = rows.first else {
            throw CommandFault("no such person")
        }
        let id = row.person.id
        var record = Record(row)
        if case .accounts(let accounts) = try desk.read(.account(id)), let account = accounts.first
        {
            record.fields += Record(account).fields.dropFirst()
        }
        if case .cards(let cards) = try desk.read(.cardsOf(id)) {
            record.lists.append((name: "cards", rows: cards.map { Record($0) }))
        }
        let year = try businessYear(desk)
        if case .accumulators(let rows) = try desk.read(.accumulators(id, year: year)) {
            record.lists.append((name: "accumulators", rows: rows.map { Record($0) }))
        }
        if case .families(let families) = try desk.read(.family(id)) {
            let links = families.flatMap(\.links).map { Record($0) }
            record.lists.append((name: "family_owners", rows: links))
        }
        return record
    }

    private func businessYear(_ desk: any OperatorDesk) throws -> UInt16 {
        guard case .reference(let changes) = try desk.read(.reference) else { return 0 }
        for case .businessDate(let date) in changes { return UInt16(clamping: date.year) }
        return 0
    }

    private func card(_ desk: any OperatorDesk) throws -> Record {
        guard let number = CardNumber(id) else {
            throw CommandFault("not a card number: 10 to 19 digits with their check digit")
        }
        guard case .cards(let rows) = try desk.read(.card(number)), let row = rows.first else {
            throw CommandFault("no such card")
        }
        return Record(row)
    }

    private func settlement(_ desk: any OperatorDesk) throws -> Record {
        guard let id = SettlementID(id) else {
            throw CommandFault("\(id): not a settlement id such as 20261123-T0000001-000042")
        }
        guard case .settlements(let rows) = try desk.read(.settlement(id)), let found = rows.first
        else { throw CommandFault("no settlement \(id)") }
        return Record(details: found.row, sequence: found.sequence)
    }

    private func answer(_ desk: any OperatorDesk) throws -> Record {
        guard let key = SettlementID(id)?.key else {
            throw CommandFault("\(id): not a key such as 20261123-T0000001-000043")
        }
        guard case .answers(let rows) = try desk.read(.answer(key)), let row = rows.first else {
            throw CommandFault("no request with key \(id) is recorded")
        }
        return Record([
            ("key", .text(id)), ("kind", .text("\(row.kind)")), ("code", .text(row.code.text)),
            ("meaning", .text("\(row.code)")), ("reason", .text("\(row.reason)")),
            ("content", .text(row.content.hex)),
            ("response_bytes", .number(Int64(row.response.count))),
        ])
    }
}
