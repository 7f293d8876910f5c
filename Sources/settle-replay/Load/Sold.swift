import SettlementDomain

/// A settlement that this connection made, or a part of it, as far as it stands.
struct Sold: Sendable {
    var date: CivilDate
    var stan: UInt32
    /// Which card of the card file paid.
    var card: Int32
    /// The sale's total, fen.
    var total: Int64
    /// The positions of lines that were not given back.
    var left: [Int]
    /// How many lines it had.
    var lines: Int

    /// Whether nothing of it was given back yet.
    var isWhole: Bool { left.count == lines }
}

/// What one request does to another.
struct Undoing: Sendable {
    /// The settlement, or the sale that a reversal names.
    var sold: Sold
    /// Of a refund: which line.
    var line: Int?
    /// Whether the sale's own answer was counted: only then what is given back is taken off.
    var isCounted: Bool
    /// What is to be sent once a reversal is answered: the sale that it names.
    var follow: WorkItem?
}

/// What an answer must be, so that the run is sound.
enum Expectation: Sendable {
    case anything
    /// 00 or 10.
    case approval
    /// 21: it was reversed before it arrived.
    case noAction
    /// The answer that was recorded before.
    case replay

    /// Whether an answer fits; one that says that nothing was executed says nothing.
    func fits(code: UInt8, replayed: Bool) -> Bool {
        if [9, 90, 91].contains(code) { return true }
        switch self {
        case .anything: return true
        case .approval: return code == 0 || code == 10
        case .noAction: return code == 21
        case .replay: return replayed
        }
    }
}
