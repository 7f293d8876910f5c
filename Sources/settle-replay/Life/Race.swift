import Ledger
import SettlementClient

/// A request for money and the reversal or void that comes before it, overtakes it, or takes its place.
///
/// Confined to a loop.
final class Race {
    enum Form {
        /// The original is sent once its reversal is answered.
        case late
        /// The original is sent right behind its reversal.
        case overtaken
        /// The original is sent right behind a void of it.
        case voidTooEarly
        /// The original's answer was lost; it is given up.
        case lost
        /// The original is never sent.
        case unseen
    }

    let form: Form
    /// The original as it was sent, or is to be sent.
    let original: LoadConnection.Flight
    /// What the run was told to do; `none`: it is a part of the mix.
    let fault: Fault
    private(set) var originalAnswer: ResponseSummary?
    private(set) var counter: ResponseSummary?

    init(_ form: Form, _ original: LoadConnection.Flight, fault: Fault) {
        self.form = form
        self.original = original
        self.fault = fault
    }

    /// What both answers say together.
    enum Outcome: Equatable {
        case pending
        /// The original has no effect, or none any more.
        case undone(Ending)
        /// The original was executed, or refused, as if nothing else had been sent.
        case stands(Ending)
        case surprise(expected: String)
    }

    /// Takes the answer to the original.
    func take(original summary: ResponseSummary) { originalAnswer = summary }

    /// Takes the answer to the reversal or void.
    func take(counter summary: ResponseSummary) { counter = summary }

    /// Whether an answer to the original is to come.
    private var hasOriginal: Bool { form != .lost && form != .unseen }

    /// What came of it.
    var outcome: Outcome {
        guard let counter, !hasOriginal || originalAnswer != nil else { return .pending }
        let code = originalAnswer?.code
        let isApproved = code == 0 || code == 10
        switch (counter.code, Reason(rawValue: counter.reason) ?? .none) {
        case (25, _) where form == .voidTooEarly:
            return code == 21 ? .surprise(expected: "any but 21") : .stands(.voidTooEarly)
        case (0, .originalNotSeen) where form != .voidTooEarly:
            return code == nil || code == 21
                ? .undone(hasOriginal ? .noAction : .neverArrived) : .surprise(expected: "21")
        case (0, .none):
            return code == nil || isApproved
                ? .undone(.reversed) : .surprise(expected: "00 or 10")
        case (0, .originalRefused) where form != .voidTooEarly:
            return isApproved ? .surprise(expected: "a refusal") : .stands(.hadBeenRefused)
        case (51, _), (61, _), (21, .furtherActivity):
            return form == .lost && original.item.kind.undoes
                ? .stands(.notTakenBack) : .surprise(expected: "00")
        default: return .surprise(expected: form == .voidTooEarly ? "25" : "00")
        }
    }
}
