import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension LoadConnection {
    /// Counts an answer and does what it demands.
    func take(_ flight: Flight, _ summary: ResponseSummary, _ body: ByteBuffer, _ now: UInt64) {
        guard flight.errand != nil || flight.isUncertain || loop.books != nil else {
            // What said nothing of a plain request that was sent once did nothing: it is over.
            guard summary.code == ResponseCode.malfunction.rawValue else {
                return loop.answered(
                    flight, terminal.credentials.terminal, summary, body, now, isFirst: true)
            }
            return takeNothing(flight, summary, body, now)
        }
        if summary.saysNothing, flight.errand != nil || flight.isUncertain || summary.code == 96 {
            return takeNothing(flight, summary, body, now)
        }
        let errand = flight.errand
        let isFirst = errand?.twins.map { $0.count == 0 } ?? !(errand?.named?.isAnswered ?? false)
        loop.answered(
            flight, terminal.credentials.terminal, summary, body, now, isFirst: isFirst)
        errand?.named?.isAnswered = true
        if let twins = errand?.twins { conclude(twins, flight, summary, body, now) }
        guard isFirst else { return }
        if let race = errand?.race {
            conclude(race, flight, summary, body, now)
        } else if let undoing = errand?.undoing {
            conclude(undoing, flight, summary, body)
        } else if flight.item.kind == .settle, summary.isApproval {
            remember(flight)
        }
        if let struck = errand?.struck { conclude(struck, flight, summary) }
    }

    private func takeNothing(
        _ flight: Flight, _ summary: ResponseSummary, _ body: ByteBuffer, _ now: UInt64
    ) {
        loop.answered(
            flight, terminal.credentials.terminal, summary, body, now, isFirst: false)
        var flight = flight
        if summary.code == ResponseCode.malfunction.rawValue { flight.isUncertain = true }
        postpone(flight)
    }

    /// Keeps a sale, to be undone later.
    private func remember(_ flight: Flight) {
        guard loop.books != nil, flight.item.name < 0, let bill = lane?.bill(flight.item) else {
            return
        }
        sales.put(
            OwnSale(
                date: flight.date, stan: flight.stan, card: flight.item.card, bill: bill))
    }

    // MARK: Undoings

    private func conclude(
        _ undoing: OwnUndoing, _ flight: Flight, _ summary: ResponseSummary, _ body: ByteBuffer
    ) {
        let sale = undoing.sale
        switch undoing.verdict(code: summary.code, reason: summary.reason) {
        case .done:
            let amount = refunded(by: undoing)
            undoing.carryOut(flight.date, flight.stan)
            if let amount, amount.fen != summary.total {
                loop.surprise(flight, terminal, expected: "\(amount) back", summary)
            }
            set(sale.state, of: sale)
            if case .takeBack(let step) = undoing.act {
                loop.books?.set(.reversed, of: key(step.date, step.stan))
            }
        case .nothing:
            if undoing.act == .void, undoing.wrong == .none { sale.isOfToday = false }
        case .surprise(let expected): loop.surprise(flight, terminal, expected: expected, summary)
        }
        if summary.code == 0, let told = told(flight, body), told != sale.state {
            loop.surprise(flight, terminal, expected: "state \(sale.state), not \(told)", summary)
        }
        if undoing.wrong != .original { sales.put(sale) }
    }

    /// What a refund must give back, before it is carried out.
    private func refunded(by undoing: OwnUndoing) -> Money? {
        guard case .refund(let lines, _) = undoing.act else { return nil }
        return undoing.sale.amount(of: lines)
    }

    /// The settlement's state that an answer tells; nil: none.
    private func told(_ flight: Flight, _ body: ByteBuffer) -> StatusAnswer.State? {
        let frame = Frame(
            kind: flight.item.kind.requestKind.responseKind, requestID: 0, body: body)
        switch (try? ResponseDecoder.decode(frame))?.payload {
        case .undone(let response): return response.state
        case .receiptCopy(let copy): return copy.state
        default: return nil
        }
    }

    private func set(_ state: StatusAnswer.State, of sale: OwnSale) {
        loop.books?.set(state, of: key(sale.date, sale.stan))
    }

    private func key(_ date: CivilDate, _ stan: UInt32) -> RequestKey {
        RequestKey(terminal: terminal.credentials.terminal, date: date, stan: stan)
    }

    // MARK: Races

    private func conclude(
        _ race: Race, _ flight: Flight, _ summary: ResponseSummary, _ body: ByteBuffer,
        _ now: UInt64
    ) {
        if flight.item.kind == race.counterKind {
            race.take(counter: summary)
            if race.form == .late { startOriginal(of: race, now) }
        } else {
            race.take(original: summary)
        }
        let original = race.original
        switch race.outcome {
        case .pending: return
        case .undone(let ending):
            loop.figures.end(race.fault, ending)
            let seen = race.originalAnswer.map { $0.isApproval } ?? (ending == .reversed)
            let isVoid = race.form == .voidTooEarly
            loop.books?.set(
                isVoid ? .voided : seen || race.originalAnswer == nil ? .reversed : .refused,
                of: key(original.date, original.stan))
            // A void or refund that was taken back: the sale is as before.
            if let undoing = original.errand?.undoing {
                if ending == .reversed { undoing.sale.tookBackLost() }
                sales.put(undoing.sale)
            }
        case .stands(let ending):
            loop.figures.end(race.fault, ending)
            if race.form == .lost {
                concludeLost(original, ending, now)
            } else if race.originalAnswer?.isApproval == true {
                remember(original)
            }
        case .surprise(let expected):
            loop.surprise(flight, terminal, expected: expected, summary)
        }
    }

    /// A lost request that its reversal did not undo: it was refused, or the undoing stays.
    private func concludeLost(_ original: Flight, _ ending: Ending, _ now: UInt64) {
        guard ending == .notTakenBack else {
            loop.books?.set(.refused, of: key(original.date, original.stan))
            if let undoing = original.errand?.undoing { sales.put(undoing.sale) }
            return
        }
        // Its answer is asked for once more, to know what it gave back.
        var again = original
        again.errand = Errand()
        again.errand?.undoing = original.errand?.undoing
        postpone(again)
    }

    // MARK: Faults

    private func conclude(
        _ twins: Twins, _ flight: Flight, _ summary: ResponseSummary, _ body: ByteBuffer,
        _ now: UInt64
    ) {
        twins.take(summary, body)
        if twins.isSecondDue, twins.count == 1, let slot = free.popLast() {
            twins.isSecondDue = false
            return send(flight, slot: slot, now)
        }
        guard twins.count == 2 else { return }
        guard twins.areOne else {
            return loop.surprise(flight, terminal, expected: "one answer twice", summary)
        }
        loop.figures.end(.duplicate, summary.isApproval ? .executedOnce : .refused)
    }

    private func conclude(_ struck: Fault, _ flight: Flight, _ summary: ResponseSummary) {
        switch struck {
        case .cutBefore:
            // It had not left: nothing can have been recorded.
            if summary.replayed, flight.sendings == 1 {
                loop.surprise(flight, terminal, expected: "a first answer", summary)
            }
            loop.figures.end(struck, summary.isApproval ? .executedOnce : .refused)
        case .cutAfter:
            let ending: Ending =
                flight.sendings == 1
                ? .answered
                : !summary.isApproval
                    ? .refused : summary.replayed ? .hadBeenExecuted : .executedOnce
            loop.figures.end(struck, ending)
        case .none, .late, .duplicate, .reorder: break
        }
    }
}

extension ResponseSummary {
    /// 00 or 10.
    var isApproval: Bool { code == 0 || code == 10 }

    /// Whether it says nothing of earlier sendings of the request: 09, 90, 91, 96.
    var saysNothing: Bool { [9, 90, 91, 96].contains(code) }
}
