import ArgumentParser
import Ledger
import SettlementDomain

/// `settlectl list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists institutions, terminals, catalogs, policies, persons or cards.",
        discussion: """
            Persons come in the order of their ids, cards in one that says nothing of their numbers: the \
            store does not know these.

              settlectl list terminals
              settlectl list persons --limit 20 --after 1000 --json
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case institutions, terminals, catalogs, policies, persons, cards
    }

    @Argument(help: "\(Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: Kind

    @Option(help: "At most so many persons or cards, 1...100000.")
    var limit = 100

    @Option(help: "Only those after this person id or card number.")
    var after: String?

    @OptionGroup var options: SiteOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else {
            throw ValidationError("--limit \(limit) is outside 1...100000")
        }
    }

    func run() throws {
        let rows = try options.withDesk { desk, _ in
            switch kind {
            case .persons: try persons(desk)
            case .cards: try cards(desk)
            case .institutions, .terminals, .catalogs, .policies: try reference(desk)
            }
        }
        options.printer.list(rows, empty: "no \(kind.rawValue)")
    }

    private func persons(_ desk: any OperatorDesk) throws -> [Record] {
        let id = try after.map { text in
            guard let id = PersonID(text) else {
                throw CommandFault("--after \(text): not a person id")
            }
            return id
        }
        guard case .persons(let rows) = try desk.read(.persons(after: id, limit: limit)) else {
            return []
        }
        return rows.map { Record($0) }
    }

    private func cards(_ desk: any OperatorDesk) throws -> [Record] {
        let number = try after.map { text in
            guard let number = CardNumber(text) else {
                throw CommandFault("--after: not a card number")
            }
            return number
        }
        guard case .cards(let rows) = try desk.read(.cards(after: number, limit: limit)) else {
            return []
        }
        return rows.map { Record($0) }
    }

    private func reference(_ desk: any OperatorDesk) throws -> [Record] {
        guard case .reference(let changes) = try desk.read(.reference) else { return [] }
        return changes.compactMap { change in
            switch (kind, change) {
            case (.institutions, .institution(let row)): Record(row.institution)
            case (.terminals, .terminal(let row)): Record(row)
            case (.catalogs, .catalog(let row)): Record(row)
            case (.policies, .policy(let row)): Record(row.policy)
            default: nil
            }
        }
    }
}
