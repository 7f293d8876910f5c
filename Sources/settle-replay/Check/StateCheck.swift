import Ledger
import NIOCore
import SettlementClient
import SettlementDomain

/// Compares what terminals know of their requests with what settlement statuses tell.
struct StateCheck: Sendable {
    /// One request and what its status must say.
    struct Expected: Sendable, Hashable {
        var key: RequestKey
        var state: StatusAnswer.State
        /// Of the recorded answer; nil where the terminal never had it.
        var digest: UInt64?
    }

    /// What there is to ask for: all kept answers, and requests of which only the fate is known.
    ///
    /// - Parameters:
    ///   - kept: answers to keyed requests.
    ///   - states: of requests that were undone, undid something, or were given up.
    ///   - max: of `states` beside those kept, no more than so many.
    /// - Returns: those kept first.
    static func expected(
        _ kept: [KeptAnswer], _ states: [RequestKey: StatusAnswer.State], max: Int
    ) -> [Expected] {
        let unrecorded: Set<UInt8> = [9, 30, 40, 90, 91, 94, 96, 99]
        let answered = kept.filter { !unrecorded.contains($0.code) }.map { answer in
            let isApproved = answer.code == 0 || answer.code == 10
            return Expected(
                key: answer.key, state: states[answer.key] ?? (isApproved ? .approved : .refused),
                digest: answer.digest)
        }
        let known = Set(answered.map(\.key))
        let others = states.lazy.filter { !known.contains($0.key) }.prefix(max)
            .map { Expected(key: $0.key, state: $0.value, digest: nil) }
        return answered + others
    }

    /// Asks for each at its terminal.
    static func run(
        _ expected: [Expected], _ terminals: [LoadTerminal], on loop: any EventLoop
    ) async throws(ClientFault) -> ConservationCheck.Finding {
        var wrong: [String] = []
        let byTerminal = Dictionary(grouping: expected, by: \.key.terminal)
        for terminal in terminals {
            guard let mine = byTerminal[terminal.credentials.terminal] else { continue }
            let connection = try await TerminalConnection.open(
                terminal.credentials, at: terminal.address, on: loop)
            for start in stride(from: 0, to: mine.count, by: questionsAtOnce) {
                let some = mine[start..<min(start + questionsAtOnce, mine.count)]
                wrong += try await ask(Array(some), connection)
            }
            try await connection.signOff()
        }
        return ConservationCheck.Finding(
            what: "each status tells what the terminal knows", holds: wrong.isEmpty,
            detail: "of \(expected.count): \(wrong.count) differ"
                + (wrong.isEmpty ? "" : ": " + wrong.sorted().prefix(5).joined(separator: "; ")))
    }

    private static let questionsAtOnce = 32

    private static func ask(
        _ expected: [Expected], _ connection: TerminalConnection
    ) async throws(ClientFault) -> [String] {
        let answers = await withTaskGroup(of: Result<String?, ClientFault>.self) { group in
            for one in expected {
                group.addTask {
                    do throws(ClientFault) {
                        let response = try await connection.status(
                            ofSTAN: one.key.stan, on: one.key.date)
                        guard case .status(let answer) = response.payload else {
                            return .failure(.protocolViolation("no status"))
                        }
                        return .success(difference(one, answer))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var wrong: [String] = []
        for answer in answers {
            if let text = try answer.get() { wrong.append(text) }
        }
        return wrong
    }

    /// How a status differs from what it must say; nil: it does not.
    static func difference(_ expected: Expected, _ answer: StatusAnswer) -> String? {
        let key = expected.key
        let name = "\(key.terminal) \(key.date) \(key.stan)"
        guard answer.state == expected.state else {
            return "\(name) is \(answer.state), not \(expected.state)"
        }
        let digest = answer.response.withUnsafeBytes { Effects.digest($0) }
        if let known = expected.digest, known != digest {
            return "\(name) has another answer recorded"
        }
        return nil
    }
}
