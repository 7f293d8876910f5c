import SettlementDomain

/// A request about a card itself: its PIN, its loss, its successor.
public struct CardServiceCommand: Sendable {
    /// What is to be done.
    public enum Step: Sendable {
        /// Sets a PIN in place of the old one, or the first one; ends a lock.
        case changePIN(PINProof)
        /// Nobody may pay with the card until the report is withdrawn.
        case reportLoss
        /// The card was found.
        case withdrawLoss
        /// A new card for the same person; every other card of theirs is cancelled.
        case reissue(NewCard)
        /// Sets the count of wrong PINs to zero.
        case unlockPIN
    }

    /// A card that is issued.
    public struct NewCard: Sendable {
        /// Its number; nil where its check digit is wrong (code 14).
        public var number: CardNumber?
        /// The last day on which it is good.
        public var expires: CivilDate
        /// Its first PIN; absent: none is set yet.
        public var pin: PINProof

        /// Creates a card of its parts.
        public init(number: CardNumber?, expires: CivilDate, pin: PINProof) {
            self.number = number
            self.expires = expires
            self.pin = pin
        }
    }

    /// Whose card, and by what right.
    public var asking: Asking
    /// What is to be done.
    public var step: Step

    /// Creates a command of its parts.
    public init(asking: Asking, step: Step) {
        self.asking = asking
        self.step = step
    }

    /// The card that a new PIN's block is bound to.
    public var cardOfNewPIN: CardNumber? {
        if case .reissue(let new) = step { new.number } else { asking.card }
    }

    /// The frame kind.
    public var kind: RequestKind {
        switch step {
        case .changePIN: .pinChange
        case .reportLoss: .lossReport
        case .withdrawLoss: .lossWithdrawal
        case .reissue: .cardReissue
        case .unlockPIN: .pinUnlock
        }
    }
}

/// The answer to a card service that was done.
public struct CardServiceAnswer: Sendable {
    /// The person's name, masked.
    public var nameMasked: String
    /// The card after it; of a reissue the new one.
    public var card: CardRow
    /// The cards that a reissue cancelled, masked by their last four digits.
    public var cancelled: [String]

    /// Creates an answer of its parts.
    public init(nameMasked: String, card: CardRow, cancelled: [String]) {
        self.nameMasked = nameMasked
        self.card = card
        self.cancelled = cancelled
    }
}
