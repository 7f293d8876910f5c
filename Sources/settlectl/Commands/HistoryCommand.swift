import ArgumentParser
import Ledger
import SettlementDomain

/// `settlectl history`.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Lists a person's account movements or settlements, newest first, or a day's.",
        discussion: """
              settlectl history account 1000001
              settlectl history settlements 1000001 --limit 20
              settlectl history day 2026-11-23 --institution H99010000001
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable { case account, settlements, day }

    @Argument(help: "account, settlements or day.")
    var kind: Kind

    @Argument(help: "The person's id; for a day, its date.")
    var of: String

    @Option(help: "Of a day: only this institution's.")
    var institution: String?

    @Option(help: "At most so many rows, 1...100000.")
    var limit = 50

    @OptionGroup var options: SiteOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else {
            throw ValidationError("--limit \(limit) is outside 1...100000")
        }
    }

    func run() throws {
        let rows = try options.withDesk { desk, _ in
            if kind != .day, case .persons(let found) = try desk.read(.person(try person())),
                found.isEmpty
            {
                throw CommandFault("\(of): nobody has this number")
            }
            return switch try desk.read(question()) {
            case .movements(let rows): rows.map { Record($0) }
            case .settlements(let rows): rows.map { Record($0.row, sequence: $0.sequence) }
            default: [Record]()
            }
        }
        options.printer.list(rows, empty: "nothing booked")
    }

    private func question() throws -> StoreQuestion {
        switch kind {
        case .account: return .movements(try person(), before: nil, limit: limit)
        case .settlements: return .settlementsOf(try person(), before: nil, limit: limit)
        case .day:
            guard let date = CivilDate(of) else {
                throw CommandFault("\(of): not a date such as 2026-11-23")
            }
            let id = try institution.map { text in
                guard let id = InstitutionID(text) else {
                    throw CommandFault("--institution \(text): not a 12-character code")
                }
                return id
            }
            return .settlementsOn(date, id, after: nil, limit: limit)
        }
    }

    private func person() throws -> PersonID {
        guard let id = PersonID(of) else { throw CommandFault("\(of): not a person id") }
        return id
    }
}

/// `settlectl balances`.
struct BalancesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balances",
        abstract: "Sums every ledger account; together they are zero.")

    @OptionGroup var options: SiteOptions

    func run() throws {
        let rows = try options.withDesk { desk, _ in
            guard case .balances(let rows) = try desk.read(.balances) else { return [Record]() }
            let sum = rows.reduce(Money.zero) { $0 + $1.balance }
            return
                (rows + [(account: "sum", balance: sum)])
                .map { Record([("account", .text($0.account)), ("balance", .money($0.balance))]) }
        }
        options.printer.list(rows, empty: "nothing posted")
    }
}
