import Ledger
import SettlementDomain

/// One void, refund, reversal or copy of a sale of this terminal.
///
/// Confined to a loop.
final class OwnUndoing {
    /// What is done.
    enum Act: Hashable {
        case void
        /// Some lines or quantities, with the total that is named; nil: none.
        case refund([RefundLine], total: Money?)
        /// Of the settle.
        case reversal
        /// Of the last void or refund, which is taken back.
        case takeBack(OwnSale.Step)
        /// Of the settle, which is reversed already.
        case reversalAgain
        case copy
    }

    let sale: OwnSale
    let act: Act
    let wrong: Wrong

    init(_ sale: OwnSale, _ act: Act, wrong: Wrong = .none) {
        self.sale = sale
        self.act = act
        self.wrong = wrong
    }

    /// The total that the request names; nil: none.
    var total: Money? {
        let right: Money? =
            switch act {
            case .void, .reversal, .reversalAgain: sale.bill.total
            case .refund(_, let total): total
            case .takeBack(let step): step.total
            case .copy: nil
            }
        guard wrong == .amount else { return right }
        return (right ?? sale.bill.total) + Money(fen: 1)
    }

    /// What the terminal does about an answer.
    enum Verdict: Hashable {
        /// It was done; the sale is now what the model says.
        case done
        /// It was rightly refused or changed nothing; the sale is as before.
        case nothing
        /// It is not what it had to be.
        case surprise(expected: String)
    }

    /// Compares an answer with what it must be.
    func verdict(code: UInt8, reason: UInt16) -> Verdict {
        if wrong != .none {
            return code == refusal ? .nothing : .surprise(expected: "\(refusal)")
        }
        switch act {
        case .copy: return code == 0 ? .nothing : .surprise(expected: "00")
        case .reversalAgain:
            return code == 0 && reason == Reason.originalReversed.rawValue
                ? .nothing : .surprise(expected: "00, 502")
        case .void:
            // The business date has moved since the sale: it is to be refunded.
            if code == 12, reason == Reason.otherBusinessDate.rawValue { return .nothing }
        case .takeBack:
            // What was given back was spent, or a limit was used up: it stays undone.
            if code == 51 || code == 61 { return .nothing }
        case .refund, .reversal: break
        }
        return code == 0 && reason == 0 ? .done : .surprise(expected: "00, 0")
    }

    /// The code that what is wrong must get.
    private var refusal: UInt8 {
        let code: ResponseCode
        switch wrong {
        case .none: code = .approved
        case .card: code = .originalDataDiffers
        case .original: code = .originalNotFound
        case .amount:
            if case .refund = act { code = .invalidAmount } else { code = .originalAmountDiffers }
        }
        return code.rawValue
    }

    /// Brings the sale up to what was done.
    ///
    /// - Parameters:
    ///   - date: of the undoing's key.
    ///   - stan: of the undoing's key.
    func carryOut(_ date: CivilDate, _ stan: UInt32) {
        switch act {
        case .void: sale.void(date, stan)
        case .refund(let lines, let total): sale.refund(lines, total: total, date, stan)
        case .reversal: sale.reverse()
        case .takeBack: sale.takeBackLast()
        case .reversalAgain, .copy: break
        }
    }
}
