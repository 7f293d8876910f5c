import Ledger

/// How the store reaches and treats its database.
public struct PostgreSQLOptions: Sendable {
    /// libpq's connection string; several hosts and `target_session_attrs=read-write` let a daemon
    /// find the primary after a failover.
    public var connection: String
    /// What records and card numbers are kept under: the one that the database was made with.
    public var seal: any StoreSeal
    /// The longest wait for an answer of the server, milliseconds; 100...600,000, default 10,000.
    ///
    /// After it the connection is given up. The server gives up a statement after it too.
    public var answerMillis: Int32
    /// The longest wait for a lock that another writer holds, milliseconds; 1...60,000, default 500.
    public var lockMillis: Int32
    /// How long is tried to find out whether a commit whose answer was lost has happened.
    ///
    /// Milliseconds; 0...600,000, default 10,000. After it the outcome is unknown.
    public var resolveMillis: Int64

    /// Creates options; what is not named is the default.
    public init(
        connection: String, seal: any StoreSeal, answerMillis: Int32 = 10_000,
        lockMillis: Int32 = 500, resolveMillis: Int64 = 10_000
    ) {
        self.connection = connection
        self.seal = seal
        self.answerMillis = answerMillis
        self.lockMillis = lockMillis
        self.resolveMillis = resolveMillis
    }
}
