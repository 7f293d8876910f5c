import Ledger
import Logging
import NIOPosix

/// A thread that owns a store: opens it, commits batches, closes it.
public final class CommitterThread: Sendable {
    /// Opens the store; runs on the committer's thread, which the store never leaves.
    public typealias StoreOpening = @Sendable () throws -> any LedgerStore

    private let pool: NIOThreadPool
    private let queue: CommitQueue
    private let ended: AsyncStream<Void>

    private init(pool: NIOThreadPool, queue: CommitQueue, ended: AsyncStream<Void>) {
        self.pool = pool
        self.queue = queue
        self.ended = ended
    }

    /// Opens the store, reads its reference data, and begins to work.
    ///
    /// With `sharing` given, reference data is published there, as by other threads.
    ///
    /// - Returns: the thread, and the reference data as published to sessions.
    /// - Throws: what opening throws, or `StoreFault`; the thread has then ended.
    static func start(
        openStore: @escaping StoreOpening,
        surroundings: @escaping @Sendable (ReferenceHolder) -> Committer.Surroundings,
        queue: CommitQueue, sharing shared: ReferenceHolder? = nil
    ) async throws -> (CommitterThread, ReferenceHolder) {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let (ended, end) = AsyncStream<Void>.makeStream()
        do {
            let holder = try await withCheckedThrowingContinuation {
                (opened: CheckedContinuation<ReferenceHolder, any Error>) in
                pool.submit { state in
                    defer { end.finish() }
                    guard case .active = state else {
                        opened.resume(throwing: CancellationError())
                        return
                    }
                    let store: any LedgerStore
                    let committer: Committer
                    do {
                        store = try openStore()
                        let reference = try store.loadReference()
                        let holder =
                            shared
                            ?? ReferenceHolder(
                                ReferenceSnapshot(reference), version: store.referenceVersion)
                        committer = Committer(
                            store: store, reference: reference, surroundings: surroundings(holder))
                        opened.resume(returning: holder)
                    } catch {
                        opened.resume(throwing: error)
                        return
                    }
                    committer.run()
                    store.close()
                }
            }
            return (CommitterThread(pool: pool, queue: queue, ended: ended), holder)
        } catch {
            try await pool.shutdownGracefully()
            throw error
        }
    }

    /// Takes no more requests, commits those that wait, closes the store; then returns.
    ///
    /// Called once.
    func stop() async throws {
        queue.close()
        for await _ in ended {}
        try await pool.shutdownGracefully()
    }
}

/// The threads of all lanes of a queue.
struct CommitterThreads: Sendable {
    private let threads: [CommitterThread]

    /// Starts a thread for each lane, one after the other.
    ///
    /// - Returns: the threads, and where all of them publish reference data.
    /// - Throws: what the first that cannot start throws; none works then.
    static func start(
        openStore: @escaping CommitterThread.StoreOpening, queue: CommitQueue,
        surroundings: @escaping @Sendable (Int, ReferenceHolder) -> Committer.Surroundings
    ) async throws -> (CommitterThreads, ReferenceHolder) {
        let (first, holder) = try await CommitterThread.start(
            openStore: openStore, surroundings: { surroundings(0, $0) }, queue: queue)
        var threads = [first]
        do {
            for lane in 1..<max(1, queue.lanes) {
                threads.append(
                    try await CommitterThread.start(
                        openStore: openStore, surroundings: { surroundings(lane, $0) },
                        queue: queue, sharing: holder
                    ).0)
            }
        } catch {
            try? await CommitterThreads(threads: threads).stop()
            throw error
        }
        return (CommitterThreads(threads: threads), holder)
    }

    /// Takes no more requests, commits those that wait, closes the stores; then returns.
    func stop() async throws {
        for thread in threads { try await thread.stop() }
    }
}
