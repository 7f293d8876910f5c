import NIOCore
import NIOPosix
import SettlementClient
import SettlementDomain

/// A whole run: connections on event loops, lanes with work, the result of all.
final class LoadRun {
    /// How the requests are timed.
    enum Pace: Sendable {
        /// As fast as answers come.
        case closed
        /// So many requests a second, whatever the answers do.
        case rate(Double)
        /// At the recording's offsets, this many times as fast.
        case recorded(speed: Double)
    }

    private let group: MultiThreadedEventLoopGroup
    private var loops: [NIOLoopBound<LoadLoop>] = []
    /// The roles of each loop's connections, in their order.
    private(set) var rolesOfLoops: [[Role]] = []

    init(threads: Int) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    }

    /// The loop for connections beside the load.
    var spareLoop: any EventLoop { group.next() }

    /// The terminals of these roles, in their order; signs on with each to learn its role, until there are
    /// enough.
    ///
    /// - Parameters:
    ///   - credentials: of all there are.
    ///   - roles: which are wanted.
    ///   - count: no more than so many; nil: all.
    /// - Returns: at least one.
    /// - Throws: `ClientFault` of a terminal that cannot sign on; `ReplayFault` where none is left.
    func terminals(
        _ credentials: [TerminalCredentials], of roles: Set<Role>, atMost count: Int?
    ) async throws -> [LoadTerminal] {
        let atOnce = 16
        let loop = spareLoop
        var found: [LoadTerminal] = []
        for start in stride(from: 0, to: credentials.count, by: atOnce)
        where found.count < count ?? .max {
            let some = try credentials[start..<min(start + atOnce, credentials.count)]
                .map { try LoadTerminal($0) }
            let signedOn = try await withThrowingTaskGroup(of: (Int, Role).self) { group in
                for (index, terminal) in some.enumerated() {
                    group.addTask { (index, try await terminal.role(on: loop)) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            found += some.indices.filter { signedOn[$0].map(roles.contains) ?? false }
                .map { some[$0] }
        }
        guard !found.isEmpty else {
            let names = roles.map(\.name).sorted().joined(separator: ", ")
            throw ReplayFault("none of the \(credentials.count) terminals has a role of: \(names)")
        }
        return Array(found.prefix(count ?? .max))
    }

    /// Opens connections of terminals, dealt round, and signs on.
    ///
    /// - Parameters:
    ///   - terminals: at least one.
    ///   - connections: how many in all.
    ///   - depth: requests in flight on each.
    /// - Returns: how many connections there are of each role.
    /// - Throws: `ClientFault` of the first terminal that cannot sign on.
    func open(
        _ terminals: [LoadTerminal], connections: Int, depth: Int
    ) async throws -> [Role: Int] {
        let eventLoops = Array(group.makeIterator())
        var dealt = eventLoops.map { _ in [LoadTerminal]() }
        for index in 0..<connections {
            dealt[index % eventLoops.count].append(terminals[index % terminals.count])
        }
        var pending: [EventLoopFuture<[Role]>] = []
        for (eventLoop, terminals) in zip(eventLoops, dealt) {
            let bound = try await eventLoop.submit {
                NIOLoopBound(LoadLoop(eventLoop, depth: depth), eventLoop: eventLoop)
            }.get()
            loops.append(bound)
            let promise = eventLoop.makePromise(of: [Role].self)
            eventLoop.execute { bound.value.open(terminals, promise) }
            pending.append(promise.futureResult)
        }
        for future in pending { rolesOfLoops.append(try await future.get()) }
        return Dictionary(rolesOfLoops.joined().map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// The lanes of each loop for generated work.
    func lanes(
        _ mix: TransactionMix, _ pace: Pace, _ plan: LoadPlan, start: UInt64
    ) -> [LoopWork] {
        let total = Double(rolesOfLoops.joined().count { plan.templates[$0] != nil })
        var part: UInt64 = 0
        return rolesOfLoops.map { roles in
            let counts = Dictionary(roles.map { ($0, 1) }, uniquingKeysWith: +)
            var lanes: [Role: Lane] = [:]
            for role in counts.keys.sorted(by: { $0.rawValue < $1.rawValue })
            where plan.templates[role] != nil {
                part += 1
                let schedule: Schedule =
                    switch pace {
                    case .rate(let rate):
                        .paced(
                            PacedStarts(
                                start: start, rate: rate * Double(counts[role] ?? 0) / total))
                    case .closed, .recorded: .immediate
                    }
                let work = GeneratedWork(
                    mix: mix, faults: plan.faults,
                    templates: plan.templates[role]?.settles.count ?? 0,
                    cards: plan.cards.count, seed: plan.seed, part: part)
                lanes[role] = Lane(
                    source: .generated(work), schedule: schedule, budget: plan.budget)
            }
            return LoopWork(shared: lanes)
        }
    }

    /// Runs the lanes to their end.
    func run(_ plan: LoadPlan, _ work: [LoopWork]) async throws -> LoopResult {
        let pending = zip(loops, work).map { bound, work in
            let promise = bound.eventLoop.makePromise(of: LoopResult.self)
            bound.eventLoop.execute { bound.value.start(plan, work, promise) }
            return promise.futureResult
        }
        var whole: LoopResult?
        for future in pending {
            let part = try await future.get()
            guard var sum = whole else {
                whole = part
                continue
            }
            sum.figures.add(part.figures)
            sum.effects.add(part.effects)
            sum.books.add(part.books)
            sum.fault = sum.fault ?? part.fault
            whole = sum
        }
        guard let whole else { throw ReplayFault("no event loop") }
        return whole
    }

    /// Ends all connections and threads.
    func close() async {
        try? await group.shutdownGracefully()
    }
}
