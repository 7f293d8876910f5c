import SettlementClient
import SettlementDomain

/// What one loop is given to send.
struct LoopWork: Sendable {
    /// Of all its connections of a role.
    var shared: [Role: Lane] = [:]
    /// Of one connection only, by its place on the loop.
    var own: [Int: Lane] = [:]
}

/// What one loop's part of a run gave.
struct LoopResult: Sendable {
    var figures: Figures
    var effects: Effects
    /// What each terminal has done.
    var books: OwnBooks
    /// Why it ended early; nil: it did not.
    var fault: ClientFault?
}
