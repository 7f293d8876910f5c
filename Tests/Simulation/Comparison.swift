import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol

/// What is wrong, in words that name the request and both opinions.
struct Violation: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// Holds answers on the wire against the model's.
enum Comparison {
    static func response(_ kind: RequestKind, _ body: [UInt8]) throws -> TerminalResponse {
        try ResponseDecoder.decode(kind.rawValue | Frame.responseBit, ByteBuffer(bytes: body))
    }

    /// - Throws: `Violation` where a recorded answer is not the model's.
    static func check(
        _ body: [UInt8], of kind: RequestKind, is expected: ModelAnswer, _ what: String
    ) throws {
        let response = try response(kind, body)
        let (code, reason) = (
            Int(response.result.code.rawValue), Int(response.result.reason.rawValue)
        )
        guard code == expected.code, reason == expected.reason else {
            throw Violation(
                "\(what): answered \(code), \(reason); the model says \(expected.code), "
                    + "\(expected.reason); \(response.result.detail)")
        }
        guard Int(response.result.triesLeft) == expected.triesLeft else {
            throw Violation(
                "\(what): \(response.result.triesLeft) tries left, not \(expected.triesLeft)")
        }
        switch response.payload {
        case .settlement(let answer):
            try same(answer.split, expected.split, answer.family.map(\.amount), what)
            let after = answer.balance.fen
            guard expected.balance.map(Int64.init) == after else {
                throw Violation("\(what): balance \(after), not \(expected.balance ?? -1)")
            }
        case .undone(let answer):
            for column in columns
            where answer.givenBack[keyPath: column.wire].fen
                != Int64(expected.split?[keyPath: column.model] ?? -1)
            {
                throw Violation(
                    "\(what): gives back \(answer.givenBack), the model \(String(describing: expected.split))"
                )
            }
            guard answer.balance.fen == Int64(expected.balance ?? -1) else {
                throw Violation(
                    "\(what): balance \(answer.balance.fen), not \(expected.balance ?? -1)")
            }
        case .inquiry(let answer):
            guard answer.balance.fen == Int64(expected.balance ?? -1) else {
                throw Violation(
                    "\(what): balance \(answer.balance.fen), not \(expected.balance ?? -1)")
            }
        case .none:
            guard expected.split == nil else { throw Violation("\(what): no split in the answer") }
        default: throw Violation("\(what): another kind of answer")
        }
    }

    private static var columns: [(wire: KeyPath<Split, Money>, model: KeyPath<ModelSplit, Int>)] {
        [
            (\.total, \.total), (\.pooled, \.pooled), (\.large, \.large),
            (\.supplement, \.supplement), (\.account, \.account), (\.family, \.family),
            (\.cash, \.cash), (\.deductible, \.deductible),
        ]
    }

    private static func same(
        _ split: Split, _ expected: ModelSplit?, _ family: [Money], _ what: String
    ) throws {
        guard let expected else { throw Violation("\(what): a split, and the model has none") }
        var told = ModelSplit()
        told.total = Int(split.total.fen)
        told.full = Int(split.fullSelfPay.fen)
        told.over = Int(split.overLimit.fen)
        told.first = Int(split.firstSelfPay.fen)
        told.scope = Int(split.inScope.fen)
        told.deductible = Int(split.deductible.fen)
        told.pooled = Int(split.pooled.fen)
        told.large = Int(split.large.fen)
        told.scopeSelfPay = Int(split.scopeSelfPay.fen)
        told.supplement = Int(split.supplement.fen)
        told.personal = Int(split.personal.fen)
        told.excluded = Int(split.excluded.fen)
        told.payable = Int(split.payable.fen)
        told.account = Int(split.account.fen)
        told.family = Int(split.family.fen)
        told.cash = Int(split.cash.fen)
        told.parts = split.parts.map { part in
            ModelPart(
                line: part.line, reason: Int(part.reason.rawValue),
                thousandths: Int(part.quantity.thousandths), amount: Int(part.amount.fen),
                full: Int(part.fullSelfPay.fen), over: Int(part.overLimit.fen),
                first: Int(part.firstSelfPay.fen), scope: Int(part.inScope.fen),
                pooled: Int(part.pooled.fen), large: Int(part.large.fen),
                supplement: Int(part.supplement.fen), account: Int(part.account.fen),
                family: Int(part.family.fen), cash: Int(part.cash.fen))
        }
        // The wire tells relatives' names masked: their accounts' balances are looked at besides.
        told.owners = expected.owners
        guard told == expected else {
            throw Violation("\(what): split \(told), the model's \(expected)")
        }
        guard family.map({ Int($0.fen) }) == expected.owners.map(\.amount) else {
            throw Violation("\(what): relatives pay \(family), the model's \(expected.owners)")
        }
    }
}
