import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension LoadConnection {
    /// Remembers what an answer has made or undone.
    func remember(_ flight: Flight, _ summary: ResponseSummary) {
        guard flight.item.kind == .settle, !flight.isDuplicate,
            summary.code == 0 || summary.code == 10, let bill = lane?.bill(flight.item)
        else { return }
        if sold.count >= Self.soldMax { sold.removeFirst(Self.soldMax / 2) }
        sold.append(
            Sold(
                date: flight.date, stan: flight.stan, card: flight.item.card, total: bill.total,
                left: Array(0..<bill.lines), lines: bill.lines))
    }

    /// Starts a void, refund, reversal or copy of something sold before; a sale where nothing is.
    func startUndoing(_ item: WorkItem, intended: UInt64, at now: UInt64) {
        var item = item
        let undoing: Undoing
        switch item.kind {
        case .refund, .copy:
            guard let last = sold.indices.last else { return startSale(item, intended, now) }
            let place = last - Int(item.back) % min(sold.count, 8)
            var target = sold[place]
            var line: Int?
            if item.kind == .refund {
                line = target.left.remove(at: Int(item.template) % target.left.count)
                if target.left.isEmpty { sold.remove(at: place) } else { sold[place] = target }
            }
            undoing = Undoing(sold: target, line: line, isCounted: true)
        default:
            guard let place = sold.lastIndex(where: \.isWhole) else {
                return startSale(item, intended, now)
            }
            undoing = Undoing(sold: sold.remove(at: place), line: nil, isCounted: true)
        }
        item.card = undoing.sold.card
        start(item, undoing, item.kind == .copy ? .anything : .approval, intended, now)
    }

    private func startSale(_ item: WorkItem, _ intended: UInt64, _ now: UInt64) {
        var sale = item
        sale.kind = .settle
        start(sale, intended: intended, at: now)
    }

    /// Reverses a sale that is held back, or overtakes it; it must then get 21.
    func startReversed(_ item: WorkItem, intended: UInt64, at now: UInt64) {
        guard let bill = lane?.bill(item), let stan = number() else { return }
        loop.figures.faults[item.fault.rawValue] += 1
        let target = Sold(
            date: date, stan: stan, card: item.card, total: bill.total, left: [],
            lines: bill.lines)
        let overtakes = item.fault == .reorder && free.count > 1
        var sale = item
        sale.fault = .none
        var reversal = sale
        reversal.kind = .reversal
        start(
            reversal,
            Undoing(
                sold: target, line: nil, isCounted: false, follow: overtakes ? nil : sale),
            .approval, intended, now)
        if overtakes { startLate(sale, target, now) }
    }

    /// Sends the sale whose reversal was sent before.
    func startLate(_ sale: WorkItem, _ target: Sold, _ now: UInt64) {
        guard let slot = free.popLast() else { return }
        var flight = Flight(
            item: sale, date: target.date, stan: target.stan,
            terminalTime: TerminalClock.system.seconds(), intended: now, sent: now)
        flight.expectation = .noAction
        send(flight, slot: slot, now)
    }

    /// Gives up a sale whose answer was lost: its reversal takes its place.
    func reversed(_ flight: Flight, at now: UInt64) -> Flight? {
        guard let bill = lane?.bill(flight.item), let stan = number() else { return nil }
        var reversal = flight
        reversal.item.kind = .reversal
        reversal.item.fault = .none
        reversal.undoing = Undoing(
            sold: Sold(
                date: flight.date, stan: flight.stan, card: flight.item.card, total: bill.total,
                left: [], lines: bill.lines),
            line: nil, isCounted: false)
        reversal.date = date
        reversal.stan = stan
        reversal.terminalTime = TerminalClock.system.seconds()
        reversal.expectation = .approval
        return reversal
    }

    private func start(
        _ item: WorkItem, _ undoing: Undoing, _ expectation: Expectation, _ intended: UInt64,
        _ now: UInt64
    ) {
        guard let slot = free.popLast() else { return }
        var flight = Flight(
            item: item, date: date, stan: 0, terminalTime: TerminalClock.system.seconds(),
            intended: intended, sent: now)
        if item.kind != .copy {
            guard let stan = number() else { return free.append(slot) }
            flight.stan = stan
        }
        flight.undoing = undoing
        flight.expectation = expectation
        send(flight, slot: slot, now)
    }

    /// The body of a void, refund, reversal or copy.
    func undoingBody(_ flight: Flight, _ header: RequestHeader) -> (RequestKind, [UInt8])? {
        guard let undoing = flight.undoing else { return nil }
        let sold = undoing.sold
        let id = SettlementID(
            RequestKey(
                terminal: terminal.credentials.terminal, date: sold.date, stan: sold.stan))
        let card = loop.cards[Int(sold.card)].number
        let total = Money(fen: sold.total)
        switch flight.item.kind {
        case .void:
            let command = VoidCommand(settlement: id, card: card, total: total)
            return (.void, RequestEncoder.void(header, command))
        case .refund:
            let line = RefundLine(line: undoing.line ?? 0, quantity: nil, traceCodes: [])
            let command = RefundCommand(settlement: id, card: card, lines: [line], total: nil)
            return (.refund, RequestEncoder.refund(header, command))
        case .reversal:
            return (
                .reversal,
                RequestEncoder.reversal(
                    header, originalDate: sold.date, originalSTAN: sold.stan, card: card,
                    total: total)
            )
        case .copy:
            return (
                .receiptCopy,
                RequestEncoder.receiptCopy(ReceiptCopyRequest(header: header, settlement: id))
            )
        case .settle, .quote, .inquiry, .status, .echo: return nil
        }
    }

    /// The next STAN; nil where there are none, which ends the run.
    func number() -> UInt32? {
        do {
            return try nextNumber()
        } catch {
            loop.fail(error)
            return nil
        }
    }

    /// Settlements that are remembered, at most.
    static let soldMax = 256
}

extension LoadConnection.Flight {
    /// The same request once more; its answer must be the first one's, replayed.
    var duplicate: LoadConnection.Flight {
        var flight = self
        flight.isToBeRepeated = false
        flight.isDuplicate = true
        flight.expectation = .replay
        return flight
    }
}
