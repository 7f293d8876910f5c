import Ledger
import SettlementDomain

/// Through what an operator's command reaches the ledger: the daemon that runs, or, while none
/// does, the store itself.
protocol OperatorDesk {
    /// Applies registrations, all or none; with `dryRun`, only says what would become of each.
    func register(_ registrations: [Registration], dryRun: Bool) throws -> [RegistrationResult]

    /// One page of a question.
    func read(_ question: StoreQuestion) throws -> StorePage

    /// Ends the business date; gives the one that began, by default the day after.
    func closeDay(_ date: CivilDate, next: CivilDate?) throws -> CivilDate

    /// A maintenance task; gives the lines to tell the operator.
    func maintain(_ task: MaintenanceName, _ argument: String) throws -> [String]

    /// Lets go of store or connection.
    func close()
}

/// The maintenance tasks that the daemon and `settlectl` both know.
enum MaintenanceName: String {
    case verify
    case rebuild
    case backup
    case reload
}

/// A command that cannot be carried out: what, where, and what to do.
struct CommandFault: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
