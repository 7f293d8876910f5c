import SettlementClient
import SettlementDomain
import Synchronization

/// What every loop of a run must know.
struct LoadPlan: Sendable {
    /// The longest wait for an answer before the connection is given up, nanoseconds.
    var answerNanoseconds: UInt64
    /// How long a lost connection is tried to be had again, nanoseconds.
    var reconnectNanoseconds: UInt64
    /// The cards.
    var cards: [TestCard]
    /// The encoded sales of each role.
    var templates: [Role: TemplateSet]
    /// How many answers are kept for the check.
    var keptMax: Int
    /// Seeds everything.
    var seed: UInt64
    /// From when on requests are measured, nanoseconds.
    var measuredFrom: UInt64
    var budget: Budget
    var progress: Progress
    /// What befalls requests for money on their way.
    var faults = FaultPlan.none
    /// Whether terminals keep books of what they did: where anything is undone, or befalls.
    var tracksLife = false
}

/// What the progress line shows; added to once a tick.
final class Progress: Sendable {
    private let answered = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let cut = Atomic<Int>(0)

    func add(answers: Int, refusals: Int) {
        answered.add(answers, ordering: .relaxed)
        if refusals > 0 { refused.add(refusals, ordering: .relaxed) }
    }

    func addCut() {
        cut.add(1, ordering: .relaxed)
    }

    var answers: Int { answered.load(ordering: .relaxed) }
    var refusals: Int { refused.load(ordering: .relaxed) }
    var cuts: Int { cut.load(ordering: .relaxed) }
}
