import Synchronization

/// The context that new connections use, replaceable while old connections go on with theirs.
public final class TLSContextHolder: Sendable {
    /// The configuration whose files are read at start and at every reload.
    public let configuration: TLSConfiguration
    private let state: Mutex<TLSContext>
    private let reloading = Mutex<Void>(())

    /// Reads the files for the first time.
    ///
    /// Blocks on files; not for an event loop.
    ///
    /// - Parameter configuration: names the files.
    /// - Throws: what ``TLSContext/init(_:)`` throws.
    public init(_ configuration: TLSConfiguration) throws(TLSFault) {
        self.configuration = configuration
        state = Mutex(try TLSContext(configuration))
    }

    /// The context for the next connection; any thread.
    public var current: TLSContext {
        state.withLock { $0 }
    }

    /// Reads the same files again; connections made from now on use what they hold.
    ///
    /// If anything is wrong with them nothing changes. Connections that exist keep the context
    /// they began with; ``TLSContext/revokes(_:)`` of the new one tells which of them to end.
    /// Blocks on files; not for an event loop.
    ///
    /// - Throws: what ``TLSContext/init(_:)`` throws; the old context then stays.
    public func reload() throws(TLSFault) {
        try reloading.withLock { _ throws(TLSFault) in
            let fresh = try TLSContext(configuration)
            state.withLock { $0 = fresh }
        }
    }
}
