import Ledger

/// What a request of the workload is.
enum TransactionKind: Int, CaseIterable, Sendable {
    case settle = 0
    case quote = 1
    case inquiry = 2
    case status = 3
    case echo = 4
    case void = 5
    case refund = 6
    case reversal = 7
    /// A receipt's copy.
    case copy = 8

    var name: String { "\(self)" }

    /// Whether it undoes something.
    var undoes: Bool { self == .void || self == .refund || self == .reversal }

    /// Whether it moves money.
    var movesMoney: Bool { self == .settle || undoes }

    /// The kind of its frames.
    var requestKind: RequestKind {
        switch self {
        case .settle: .settle
        case .quote: .quote
        case .inquiry: .cardInquiry
        case .status: .settlementStatus
        case .echo: .echo
        case .void: .void
        case .refund: .refund
        case .reversal: .reversal
        case .copy: .receiptCopy
        }
    }
}

/// What is wrong, on purpose, with a void, refund or reversal.
enum Wrong: UInt8, CaseIterable, Sendable {
    case none = 0
    /// Another total than the original's.
    case amount = 1
    /// Another card than the original's.
    case card = 2
    /// It names what was never sent.
    case original = 3
}
