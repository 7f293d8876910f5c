import Ledger
import Logging
import SettlementDomain
import Synchronization

/// How many wrong PINs came from where, and from where PINs are not looked at for a while.
///
/// Beside the tries of a card, which the ledger counts: who tries two PINs on each of many cards is
/// found by where they come from. In memory, one for all committers of a daemon: a restart begins
/// anew, and daemons that share a database count each for itself. It holds no more than the
/// terminals and institutions that are registered.
final class WrongPINs: Sendable {
    /// Where PINs come from.
    enum Source: Hashable, Sendable {
        case terminal(TerminalID)
        case institution(InstitutionID)
    }

    /// How many wrong PINs of a window are too many; 0: never.
    struct Bounds: Sendable, Equatable {
        var terminalMax: Int
        var gatewayMax: Int
        var institutionMax: Int
        /// A window begins with its first wrong PIN and is over after so long.
        var windowMillis: Int64

        /// Nothing is too many.
        static let off = Bounds(terminalMax: 0, gatewayMax: 0, institutionMax: 0, windowMillis: 1)
    }

    private struct Window {
        var ends: Int64
        var count: Int
    }

    private struct State {
        var windows: [Source: Window] = [:]
        /// Those whose window is full.
        var closed: Set<Source> = []
    }

    private let bounds: Bounds
    private let state = Mutex(State())

    init(_ bounds: Bounds) {
        self.bounds = bounds
    }

    /// What a batch that is decided at this time goes by.
    func batch(at millis: Int64) -> WrongPINBatch {
        WrongPINBatch(self, at: millis, closed: closed(at: millis))
    }

    /// Where a terminal's wrong PINs count, and how many are too many there.
    ///
    /// A gateway's count for itself alone: it speaks for a whole region, and must not close the
    /// agency's counters.
    func sources(of terminal: TerminalRow) -> [(source: Source, countMax: Int)] {
        let all: [(source: Source, countMax: Int)] =
            terminal.role == .gateway
            ? [(.terminal(terminal.id), bounds.gatewayMax)]
            : [
                (.terminal(terminal.id), bounds.terminalMax),
                (.institution(terminal.institution), bounds.institutionMax),
            ]
        return all.filter { $0.countMax > 0 }
    }

    /// Wrong PINs of the window that this time is in.
    func count(of source: Source, at millis: Int64) -> Int {
        state.withLock { state in
            state.windows[source].flatMap { isOpen($0, at: millis) ? $0.count : nil } ?? 0
        }
    }

    /// Counts wrong PINs.
    ///
    /// - Returns: when the window ends that is full by these; nil: it is not, or was before.
    func add(_ count: Int, to source: Source, countMax: Int, at millis: Int64) -> Int64? {
        state.withLock { state in
            var window = state.windows[source] ?? Window(ends: 0, count: 0)
            if !isOpen(window, at: millis) {
                window = Window(ends: millis + bounds.windowMillis, count: 0)
                state.closed.remove(source)
            }
            window.count += count
            state.windows[source] = window
            guard window.count >= countMax, state.closed.insert(source).inserted else { return nil }
            return window.ends
        }
    }

    private func closed(at millis: Int64) -> Set<Source> {
        state.withLock { state in
            guard !state.closed.isEmpty else { return [] }
            let closed = state.closed.filter { source in
                state.windows[source].map { isOpen($0, at: millis) } ?? false
            }
            state.closed = closed
            return closed
        }
    }

    /// Whether the window has begun and is not over; a clock that was set back ends it too.
    private func isOpen(_ window: Window, at millis: Int64) -> Bool {
        millis < window.ends && window.ends - millis <= bounds.windowMillis
    }
}

/// The wrong PINs of one batch: they close their sources within it, and count once it is committed.
struct WrongPINBatch {
    private struct Counted {
        var count: Int
        var countMax: Int
        /// Whose the last one was.
        var terminal: TerminalRow
    }

    private let wrongPINs: WrongPINs
    private let millis: Int64
    private var closed: Set<WrongPINs.Source>
    private var counted: [WrongPINs.Source: Counted] = [:]

    fileprivate init(_ wrongPINs: WrongPINs, at millis: Int64, closed: Set<WrongPINs.Source>) {
        self.wrongPINs = wrongPINs
        self.millis = millis
        self.closed = closed
    }

    /// Takes the PIN out of a request from where too many wrong ones came.
    ///
    /// A recorded answer is found before the ledger looks for a PIN.
    func withhold(from request: inout LedgerRequest, _ reference: Reference) {
        guard !closed.isEmpty, let terminal = reference.terminals[request.key.terminal],
            wrongPINs.sources(of: terminal).contains(where: { closed.contains($0.source) })
        else { return }
        request.command.setProof(.withheld)
    }

    /// Looks for a wrong PIN among the entries that a request has made.
    mutating func note(
        _ entries: ArraySlice<JournalEntry>, of request: LedgerRequest, _ reference: Reference
    ) {
        guard entries.contains(where: \.countsWrongPIN),
            let terminal = reference.terminals[request.key.terminal]
        else { return }
        for (source, countMax) in wrongPINs.sources(of: terminal) {
            let count = (counted[source]?.count ?? 0) + 1
            counted[source] = Counted(count: count, countMax: countMax, terminal: terminal)
            if wrongPINs.count(of: source, at: millis) + count >= countMax {
                closed.insert(source)
            }
        }
    }

    /// Counts what was noted, once it is durable, and raises an alarm for each source that is full
    /// by it: once a window.
    func count(_ metrics: ServerMetrics, _ logger: Logger) {
        for (source, counted) in counted {
            let ends = wrongPINs.add(
                counted.count, to: source, countMax: counted.countMax, at: millis)
            guard let ends else { continue }
            let limit = limit(source, counted.terminal)
            metrics.limitReached(limit)
            logger.error(
                "too many wrong PINs: no PIN from there is looked at for a while",
                metadata: [
                    "limit": "\(limit)", "wrong_pins": "\(counted.countMax)",
                    "terminal": "\(counted.terminal.id)",
                    "institution": "\(counted.terminal.institution)",
                    "until": "\(UTCTimestamp.text(milliseconds: ends))",
                ])
        }
    }

    private func limit(_ source: WrongPINs.Source, _ terminal: TerminalRow) -> String {
        switch source {
        case .institution: "wrong_pins_per_institution"
        case .terminal where terminal.role == .gateway: "wrong_pins_per_gateway"
        case .terminal: "wrong_pins_per_terminal"
        }
    }
}
