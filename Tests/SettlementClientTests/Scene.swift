import Foundation
import Ledger
@testable import SettlementClient
import SettlementDomain
import SettlementProtocol

/// A terminal with its files, against a daemon that reacts as a test says.
struct Scene {
    let material: TestTerminal
    let daemon: FakeDaemon

    init(_ react: @escaping FakeDaemon.React) async throws {
        material = try TestTerminal()
        daemon = try await material.daemon(react)
    }

    /// A terminal, as after a restart: its files are read anew.
    func terminal(
        attempts: Int = 3, failure: @escaping DurableFile.Failure = { _ in 0 },
        pause: @escaping @Sendable () async -> Void = {}
    ) throws -> Terminal {
        let credentials = try material.credentials(for: daemon)
        return Terminal(
            credentials, at: try credentials.address(), counter: STANCounter(of: credentials),
            openItems: try OpenItems(
                path: material.directory + "/terminal.open", linesMin: 64, failure: failure),
            dayLists: lists,
            patience: Terminal.Patience(attemptsMax: attempts) { _ in await pause() })
    }

    /// The terminal's day lists.
    var lists: DayLists { DayLists(folder: material.directory + "/days") }

    /// What is open, once no terminal has the file.
    func open() throws -> [OpenItem] {
        try OpenItems(of: try material.credentials(for: daemon)).all
    }

    /// Leaves an item in the file, as a terminal that stops in the middle does.
    func leave(_ item: OpenItem) throws {
        try OpenItems(of: try material.credentials(for: daemon)).note(item)
    }

    /// The kinds of what arrived, with STANs.
    var seen: [String] {
        daemon.seen.map { "\($0.request.kind) \($0.request.header.stan)" }
    }

    /// The reversals that arrived.
    var reversals: [ReversalRequest] {
        daemon.seen.compactMap { seen in
            if case .reversal(let reversal) = seen.request { reversal } else { nil }
        }
    }

    static func result(
        _ code: ResponseCode, _ reason: Reason = .none, date: CivilDate? = nil
    ) -> [UInt8] {
        ResponseEncoder.result(
            code: code, reason: reason, businessDate: date, time: FakeDaemon.time)
    }

    static func status(
        _ state: StatusAnswer.State, _ response: [UInt8] = [], of kind: RequestKind = .settle
    ) -> [UInt8] {
        ResponseEncoder.encode(
            Outcome(
                code: .approved, reason: .none, detail: "", businessDate: .first, time: 1,
                clockDifference: 0, triesLeft: 0,
                payload: .status(
                    StatusAnswer(
                        state: state, kind: response.isEmpty ? nil : kind, response: response))),
            .settlementStatus)
    }

    /// The answer to a void, refund or reversal that gave so much back, all but the cash to accounts.
    static func undone(
        _ fen: Int64, cash: Int64, of stan: UInt32, on date: CivilDate, reason: Reason = .none
    ) throws -> [UInt8] {
        var back = Split()
        back.total = Money(fen: fen)
        back.personal = Money(fen: fen)
        back.account = Money(fen: fen - cash)
        back.cash = Money(fen: cash)
        return ResponseEncoder.encode(
            Outcome(
                code: .approved, reason: reason, detail: "", businessDate: date,
                time: FakeDaemon.time, clockDifference: 0, triesLeft: 0,
                payload: .undone(
                    UndoAnswer(
                        settlement: SettlementID(try Made.key(stan)), state: .reversed,
                        settledDate: date, givenBack: back, remaining: nil,
                        balance: Money(fen: 5000), accumulator: nil, nameMasked: "张*",
                        ownersMasked: []))),
            .reversal)
    }
}

extension Terminal.Conclusion {
    /// The daemon's answer, where it ended with one.
    var answer: Terminal.Answer? {
        if case .answered(let answer) = self { answer } else { nil }
    }

    /// The item that was reversed, where it ended so.
    var reversed: OpenItem? {
        if case .reversed(let item, _) = self { item } else { nil }
    }

    /// What is open, where it ended so.
    var open: OpenItem? {
        if case .open(let item, _) = self { item } else { nil }
    }
}
