import NIOCore
import SettlementClient
import SettlementDomain

/// What a request is about beside itself; a plain one has none.
///
/// Confined to a loop; two equal requests share it.
final class Errand {
    /// What it undoes.
    var undoing: OwnUndoing?
    /// What it runs against.
    var race: Race?
    /// Its second sending.
    var twins: Twins?
    /// Of a recording: its own name.
    var named: NamedRequest?
    /// Of a recording: what it names.
    var original: NamedRequest?
    /// What befell it.
    var struck = Fault.none
    /// Whether it is reversed, not sent again, over the next connection.
    var isGivenUp = false
}

/// The two answers to a request that was sent twice.
///
/// Confined to a loop.
final class Twins {
    private struct Answer {
        var isReplayed: Bool
        var digest: UInt64
    }

    private var answers: [Answer] = []
    /// Whether the second is sent when the first is answered.
    var isSecondDue = false

    /// How many of the two are answered.
    var count: Int { answers.count }

    /// Takes an answer.
    func take(_ summary: ResponseSummary, _ body: ByteBuffer) {
        answers.append(
            Answer(
                isReplayed: summary.replayed,
                digest: Effects.digest(body, replayed: summary.replayed)))
    }

    /// Whether one of the two was executed, and the other got the same answer once more.
    var areOne: Bool {
        answers.count == 2 && answers[0].digest == answers[1].digest
            && answers.contains(where: \.isReplayed)
    }
}

/// A request of a recording that others name, under the key that it has in this run.
///
/// Confined to a loop.
final class NamedRequest {
    let date: CivilDate
    let stan: UInt32
    let terminalTime: Int64
    var isAnswered = false

    init(date: CivilDate, stan: UInt32, terminalTime: Int64) {
        self.date = date
        self.stan = stan
        self.terminalTime = terminalTime
    }
}
