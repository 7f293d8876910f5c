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
        // Of a query only that it was let in, or why not, is recorded.
        if expected.isOfQuery { return }
        switch response.payload {
        case .settlement(let answer):
            var split = expected.split
            // A stay's parts are asked for page by page.
            if answer.admission != nil {
                guard Int(answer.lineCount) == (split.map { Set($0.parts.map(\.line)).count } ?? 0)
                else { throw Violation("\(what): \(answer.lineCount) lines") }
                split?.parts = []
            }
            try same(answer.split, split, answer.family.map(\.amount), what)
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
            try same(.inquiry(isSuspended: answer.coverage == .suspended), expected.told, what)
        case .none, .family(nil):
            guard expected.split == nil, expected.told == nil else {
                throw Violation("\(what): nothing in the answer, not \(expected)")
            }
        default:
            guard let told = told(response.payload) else {
                throw Violation("\(what): another kind of answer")
            }
            try same(told, expected.told, what)
        }
    }

    private static func same(
        _ told: ModelTold, _ expected: ModelTold?, _ what: String
    ) throws {
        guard told == expected else {
            throw Violation("\(what): \(told), the model's \(String(describing: expected))")
        }
    }

    /// What an answer tells, in the model's words; nil where it tells nothing of the kind.
    private static func told(_ payload: TerminalResponse.Payload) -> ModelTold? {
        switch payload {
        case .cardService(let answer):
            .card(
                number: Town.number(of: answer.card),
                Town.checked(ModelCard.State(rawValue: Int(answer.state.rawValue))),
                expires: Town.day(answer.expires), hasPIN: answer.isPINSet,
                cancelled: answer.cancelled.count)
        case .family(let link?):
            .link(
                position: link.position, yearly: link.yearlyLimit.map { Int($0.fen) },
                daily: link.dailyLimit.map { Int($0.fen) }, thisYear: Int(link.usedThisYear.fen),
                today: Int(link.usedToday.fen))
        case .contribution(let answer):
            .payment(
                credited: Int(answer.credited.fen), pooled: Int(answer.pooled.fen),
                balance: answer.balance.map { Int($0.fen) },
                isSuspended: answer.coverage == .suspended,
                coveredFrom: answer.coveredFrom.map(Town.day),
                paidThrough: answer.paidThrough.map { $0.year * 12 + $0.month - 1 })
        case .declaration(let answer):
            .declaration(
                accepted: Int(answer.accepted),
                refused: answer.refusals.map { refusal in
                    ModelLineRefusal(
                        line: Int(refusal.line), code: Int(refusal.code.rawValue),
                        reason: Int(refusal.reason.rawValue))
                })
        case .admission(let stay): told(stay)
        case .claims(let list): list.claims.first.map(told)
        default: nil
        }
    }

    private static func told(_ claim: ClaimContent) -> ModelTold {
        .claim(
            Town.checked(ModelClaim.State(rawValue: Int(claim.state.rawValue))),
            total: Int(claim.total.fen), approved: Int(claim.approved.fen),
            awards: claim.awards.map { award in
                let split = award.split
                return [
                    split.total, split.pooled, split.large, split.supplement, split.account,
                    split.family, split.cash,
                ].map { "\($0.fen)" }.joined(separator: " ")
            })
    }

    static func told(_ stay: AdmissionContent) -> ModelTold {
        .stay(
            Town.checked(ModelStay.State(rawValue: Int(stay.state.rawValue))),
            uploads: Int(stay.uploads), lines: Int(stay.lineCount), total: Int(stay.total.fen),
            settlement: stay.settlement.map { Town.modelKey($0.key) },
            upload: stay.upload.map(Int.init))
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
