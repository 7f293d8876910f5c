/// What befalls a request for money on its way, to see that nothing is lost or doubled.
enum Fault: Int, CaseIterable, Sendable {
    case none = 0
    /// The connection is cut before the request is sent; it is sent over the next one.
    case cutBefore = 1
    /// The connection is cut behind the request: its answer is lost. Over the next connection it is
    /// sent again, or given up and reversed, by turns.
    case cutAfter = 2
    /// A sale is held back until its reversal is answered.
    case late = 3
    /// The request is sent twice, over the same connection or another of the terminal.
    case duplicate = 4
    /// A sale is overtaken by its reversal, or by a void of it.
    case reorder = 5

    /// As options and reports call it.
    var name: String {
        switch self {
        case .none: "none"
        case .cutBefore: "cut-before"
        case .cutAfter: "cut-after"
        case .late: "late"
        case .duplicate: "duplicate"
        case .reorder: "reorder"
        }
    }

    /// Whether it may befall a void or refund too.
    var strikesUndoings: Bool {
        switch self {
        case .cutBefore, .cutAfter, .duplicate: true
        case .none, .late, .reorder: false
        }
    }
}

/// How it ended with a request that a fault befell.
enum Ending: Int, CaseIterable, Sendable {
    case executedOnce, hadBeenExecuted, refused, answered, reversed, neverArrived, hadBeenRefused,
        noAction, voidTooEarly, notTakenBack

    var words: String {
        switch self {
        case .executedOnce: "executed once"
        case .hadBeenExecuted: "had been executed"
        case .refused: "refused"
        case .answered: "answered in time"
        case .reversed: "undone by its reversal"
        case .neverArrived: "had never arrived"
        case .hadBeenRefused: "had been refused"
        case .noAction: "no action taken"
        case .voidTooEarly: "the void found nothing"
        case .notTakenBack: "could not be taken back"
        }
    }
}
