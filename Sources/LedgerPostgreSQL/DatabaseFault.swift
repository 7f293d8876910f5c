import Ledger

/// Why the database did not do what it was sent.
enum DatabaseFault: Error {
    /// The server refused a statement: its SQLSTATE, and what it said.
    case refused(state: String, message: String)
    /// The connection is gone, or an answer did not come in time.
    case lost(String)
    /// The server stopped waiting for its standby: committed there, and perhaps nowhere else.
    case unconfirmed

    /// What this means to the ledger, where it is certain that nothing was committed.
    ///
    /// - Source: PostgreSQL 15, appendix A: 40001 and 40P01 ask to begin again; 55P03 is a lock that
    ///   was not got in time; 23505 is a key that another transaction took; 57014 is a statement that
    ///   took too long; 25006 is a server that has become a standby.
    var storeFault: StoreFault {
        switch self {
        case .refused("40001", _), .refused("40P01", _), .refused("55P03", _),
            .refused("23505", _):
            .conflict
        case .refused(let state, let message):
            .unavailable("the database refused a statement (\(state)): \(message)")
        case .lost(let why): .unavailable(why)
        case .unconfirmed: .outcomeUnknown("the database stopped waiting for its standby")
        }
    }

    /// Whether the connection is of no use any more.
    var endsConnection: Bool {
        switch self {
        case .lost: true
        case .unconfirmed: false
        // Class 57P: the server shuts down or starts; 25006: it is no primary any more.
        case .refused(let state, _): state.hasPrefix("57P") || state == "25006"
        }
    }
}
