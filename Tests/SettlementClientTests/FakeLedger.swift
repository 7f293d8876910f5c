import Ledger
import SettlementDomain
import SettlementProtocol
import Synchronization

/// A ledger of one terminal for tests of terminals: every sale is paid by the card's account, every
/// key is answered once, by the rules of Protocol/Undoing.md, or with one flaw.
final class FakeLedger: Sendable {
    /// What it does wrong, to see whether a terminal finds out.
    enum Flaw: Sendable {
        case none
        /// It executes a second sending too, and does not say that it was answered.
        case doubles
        /// It forgets reversals that come first: the original is executed.
        case forgetsTombstones
        /// A refund gives a fen less than it should.
        case keepsAFen
        /// It undoes for any total.
        case ignoresTotals
    }

    private struct Sale {
        var card: CardNumber?
        var total: Money
        var lines: [RequestLine]
        var left: [Quantity]
        var state = SettlementRow.State.settled
        var steps: [(key: RequestKey, left: [Quantity], state: SettlementRow.State)] = []
    }

    private struct Answer {
        var body: [UInt8]
        var isApproved: Bool
        var settlement: RequestKey
    }

    private struct State {
        var answers: [RequestKey: Answer] = [:]
        var tombstones: Set<RequestKey> = []
        var sales: [RequestKey: Sale] = [:]
        var executed: [RequestKey: Int] = [:]
    }

    private typealias Result = (code: ResponseCode, reason: Reason, payload: Outcome.Payload)

    private let terminal: TerminalID
    private let date: CivilDate
    private let flaw: Flaw
    private let state = Mutex(State())

    init(_ terminal: TerminalID, on date: CivilDate, flaw: Flaw = .none) {
        self.terminal = terminal
        self.date = date
        self.flaw = flaw
    }

    /// How often each key had an effect.
    var executed: [RequestKey: Int] { state.withLock { $0.executed } }

    /// What all sales take now.
    var taken: Money {
        state.withLock { state in
            state.sales.values.reduce(.zero) { $0 + Self.amount(of: $1, left: $1.left) }
        }
    }

    /// The answer to a request; nil for one that has no key.
    func answer(to request: TerminalRequest) -> [UInt8]? {
        let message: LedgerMessage
        switch request {
        case .ledger(let asked): message = asked
        case .reversal(let reversal): message = reversal.message(of: terminal)
        default: return nil
        }
        guard let day = message.header.businessDate else { return nil }
        let key = RequestKey(terminal: terminal, date: day, stan: message.header.stan)
        return state.withLock { state in
            if let known = state.answers[key], flaw != .doubles {
                var body = known.body
                ResponseEncoder.markReplayed(&body)
                return body
            }
            var settlement = key
            let (code, reason, payload): Result
            if state.tombstones.contains(key), flaw != .forgetsTombstones {
                (code, reason, payload) = (.noActionTaken, .reversedBeforeArrival, .none)
            } else {
                (code, reason, payload) = decide(message.command, key, &settlement, &state)
            }
            if case .undone = payload { state.executed[key, default: 0] += 1 }
            let outcome = Outcome(
                code: code, reason: reason, detail: "", businessDate: date,
                time: FakeDaemon.time, clockDifference: 0, triesLeft: 0, payload: payload)
            let body = ResponseEncoder.encode(outcome, message.command.kind)
            state.answers[key] = Answer(
                body: body, isApproved: code.isApproval, settlement: settlement)
            return body
        }
    }

    private func decide(
        _ command: Command, _ key: RequestKey, _ settlement: inout RequestKey,
        _ state: inout State
    ) -> Result {
        switch command {
        case .settle(let sale):
            state.sales[key] = Sale(
                card: sale.card, total: sale.total, lines: sale.lines,
                left: sale.lines.map(\.quantity))
            state.executed[key, default: 0] += 1
            return (.approved, .none, .settlement(Self.settled(sale, key)))
        case .void(let void):
            settlement = void.settlement.key
            return undo(settlement, void.card, void.total, key, &state) { sale in
                sale.left = sale.left.map { _ in .zero }
                sale.state = .voided
            }
        case .refund(let refund):
            settlement = refund.settlement.key
            return undo(settlement, refund.card, nil, refunded: refund.total, key, &state) { sale in
                for line in refund.lines {
                    let rest = sale.left[line.line].thousandths
                    sale.left[line.line] = Quantity(
                        thousandths: rest - (line.quantity?.thousandths ?? rest))
                }
                sale.state = sale.left.contains { $0 > .zero } ? .partlyRefunded : .refunded
            }
        case .reverse(let reversal): return reverse(reversal, key, &settlement, &state)
        default: return (.approved, .none, .none)
        }
    }

    private func reverse(
        _ reversal: ReversalCommand, _ key: RequestKey, _ settlement: inout RequestKey,
        _ state: inout State
    ) -> Result {
        guard let original = state.answers[reversal.original] else {
            state.tombstones.insert(reversal.original)
            return (.approved, .originalNotSeen, .none)
        }
        guard original.isApproved else { return (.approved, .originalRefused, .none) }
        settlement = original.settlement
        guard var sale = state.sales[settlement] else {
            return (.originalNotFound, .originalUnknown, .none)
        }
        if reversal.original != settlement {
            guard let step = sale.steps.last, step.key == reversal.original else {
                return (.noActionTaken, .furtherActivity, .none)
            }
            let before = Self.amount(of: sale, left: sale.left)
            sale.steps.removeLast()
            sale.left = step.left
            sale.state = step.state
            state.sales[settlement] = sale
            let given = before - Self.amount(of: sale, left: sale.left)
            return (.approved, .none, undone(settlement, given, sale.state))
        }
        if sale.state == .reversed { return (.approved, .originalReversed, .none) }
        return undo(settlement, reversal.card, reversal.total, key, &state) { sale in
            sale.left = sale.left.map { _ in .zero }
            sale.state = .reversed
        }
    }

    private func undo(
        _ settlement: RequestKey, _ card: CardNumber?, _ total: Money?, refunded: Money? = nil,
        _ key: RequestKey, _ state: inout State, _ carryOut: (inout Sale) -> Void
    ) -> Result {
        guard var sale = state.sales[settlement] else {
            return (.originalNotFound, .originalUnknown, .none)
        }
        guard sale.card == card else { return (.originalDataDiffers, .dataDiffers, .none) }
        guard [.settled, .partlyRefunded].contains(sale.state) else {
            return (.alreadyUndone, .originalVoided, .none)
        }
        if let total, total != sale.total, flaw != .ignoresTotals {
            return (.originalAmountDiffers, .amountDiffers, .none)
        }
        let (left, before) = (sale.left, sale.state)
        carryOut(&sale)
        let back = Self.amount(of: sale, left: left) - Self.amount(of: sale, left: sale.left)
        if let refunded, refunded != back { return (.invalidAmount, .totalDiffers, .none) }
        if sale.state != .reversed { sale.steps.append((key, left, before)) }
        state.sales[settlement] = sale
        let given = flaw == .keepsAFen && total == nil ? back - Money(fen: 1) : back
        return (.approved, .none, undone(settlement, given, sale.state))
    }

    private func undone(
        _ settlement: RequestKey, _ given: Money, _ state: SettlementRow.State
    ) -> Outcome.Payload {
        var split = Split()
        split.total = given
        split.account = given
        return .undone(
            UndoAnswer(
                settlement: SettlementID(settlement), state: state, settledDate: date,
                givenBack: split, remaining: nil, balance: .zero, accumulator: nil,
                nameMasked: "", ownersMasked: []))
    }

    private static func settled(_ sale: SettleCommand, _ key: RequestKey) -> SettlementAnswer {
        var split = Split()
        split.total = sale.total
        split.account = sale.total
        return SettlementAnswer(
            id: SettlementID(key), catalogVersion: CatalogVersion(rawValue: 7),
            policyVersion: PolicyVersion(rawValue: 1), policyRegion: region,
            benefitCategory: nil, split: split, balance: .zero, accumulator: nil,
            nameMasked: "", ownersMasked: [], quoteDigest: 0)
    }

    private static let region: RegionCode = {
        guard let region = RegionCode(rawValue: 310_000) else {
            preconditionFailure("a test's constant is no region")
        }
        return region
    }()

    private static func amount(of sale: Sale, left: [Quantity]) -> Money {
        zip(sale.lines, left).reduce(.zero) { sum, pair in
            let (line, quantity) = pair
            if quantity == line.quantity { return sum + line.amount }
            return sum
                + min(line.amount, line.unitPrice.amount(for: quantity) ?? line.amount)
        }
    }
}
