import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension LoadConnection {
    /// Starts a void, refund, reversal or copy of something sold before; a sale where nothing is.
    func startUndoing(_ item: WorkItem, intended: UInt64, at now: UInt64) {
        if item.kind == .reversal, item.wrong == .original || isForUnseen(item) {
            return startRace(item, intended: intended, at: now)
        }
        guard var flight = flight(item, intended: intended, at: now) else { return }
        guard let undoing = choose(item) else {
            var sale = item
            sale.kind = .settle
            sale.wrong = .none
            return start(sale, intended: intended, at: now)
        }
        undoing.sale.attempts += 1
        flight.item.card = undoing.sale.card
        flight.errand = Errand()
        flight.errand?.undoing = undoing
        if item.kind != .copy {
            guard let stan = number() else { return }
            flight.stan = stan
        }
        if item.fault != .none { return strike(flight, now) }
        send(flight, slot: free.removeLast(), now)
    }

    /// Whether a reversal of the mix names a sale that comes later.
    private func isForUnseen(_ item: WorkItem) -> Bool {
        item.wrong == .none && item.back % 100 >= 90
    }

    private func choose(_ item: WorkItem) -> OwnUndoing? {
        let random = item.back
        switch (item.wrong, item.kind) {
        case (.original, _):
            guard let bill = lane?.bill(item), let stan = number() else { return nil }
            let sale = OwnSale(date: date, stan: stan, card: item.card, bill: bill)
            return OwnUndoing(
                sale, item.kind == .void ? .void : Self.refund(sale, item), wrong: .original)
        case (.card, _), (.amount, _):
            // Of a single card there is no other.
            let wrong = loop.cards.count > 1 ? item.wrong : .amount
            guard let sale = sales.takeStanding(random) else { return nil }
            let act: OwnUndoing.Act =
                switch item.kind {
                case .void: .void
                case .refund: Self.refund(sale, item)
                default: .reversal
                }
            return OwnUndoing(sale, act, wrong: wrong)
        case (.none, .copy): return sales.takeAny(random).map { OwnUndoing($0, .copy) }
        case (.none, .void):
            return sales.takeWhole(random, ofToday: true).map { OwnUndoing($0, .void) }
        case (.none, .refund):
            return sales.takeStanding(random).map { OwnUndoing($0, Self.refund($0, item)) }
        default: return reversal(random)
        }
    }

    /// Half of settles, a quarter of voids and refunds, the rest of what is reversed already.
    private func reversal(_ random: UInt32) -> OwnUndoing? {
        let point = random % 100
        if point >= 75, let sale = sales.takeReversed(random) {
            return OwnUndoing(sale, .reversalAgain)
        }
        if point >= 50, let sale = sales.takeUndone(random) {
            if let step = sale.steps.last { return OwnUndoing(sale, .takeBack(step)) }
            sales.put(sale)
        }
        return sales.takeWhole(random, ofToday: false).map { OwnUndoing($0, .reversal) }
    }

    /// One line or two, whole or one unit of them, with or without the total.
    private static func refund(_ sale: OwnSale, _ item: WorkItem) -> OwnUndoing.Act {
        let open = sale.left.indices.filter { sale.left[$0] > .zero }
        let first = Int(item.template) % max(1, open.count)
        let count = item.back % 5 == 0 ? 2 : 1
        let lines = open[first...].prefix(count).map { line in
            let isUnit = item.back % 2 == 0 && sale.left[line] > .one
            return RefundLine(line: line, quantity: isUnit ? .one : nil, traceCodes: [])
        }
        return .refund(lines, total: item.back % 3 == 0 ? sale.amount(of: lines) : nil)
    }

    /// The body of a void, refund, reversal or copy.
    func undoingBody(_ flight: Flight, _ header: RequestHeader) -> [UInt8]? {
        let card = loop.cards[Int(flight.item.card)].number
        if let race = flight.errand?.race, flight.item.kind == race.counterKind {
            let original = race.original
            return body(
                flight.item.kind, header, original.date, original.stan, card,
                total: original.namedTotal(by: lane), lines: [])
        }
        if let original = flight.errand?.original {
            let template = lane?.undoing(flight.item)
            return body(
                flight.item.kind, header, original.date, original.stan, card,
                total: template?.total, lines: template?.lines ?? [])
        }
        guard let undoing = flight.errand?.undoing else { return nil }
        let sale = undoing.sale
        var (date, stan, lines) = (sale.date, sale.stan, [RefundLine]())
        if case .refund(let some, _) = undoing.act { lines = some }
        if case .takeBack(let step) = undoing.act { (date, stan) = (step.date, step.stan) }
        let other = loop.cards[(Int(sale.card) + 1) % loop.cards.count].number
        return body(
            flight.item.kind, header, date, stan, undoing.wrong == .card ? other : card,
            total: undoing.total, lines: lines)
    }

    private func body(
        _ kind: TransactionKind, _ header: RequestHeader, _ date: CivilDate, _ stan: UInt32,
        _ card: CardNumber, total: Money?, lines: [RefundLine]
    ) -> [UInt8] {
        let id = SettlementID(
            RequestKey(terminal: terminal.credentials.terminal, date: date, stan: stan))
        switch kind {
        case .void:
            let command = VoidCommand(settlement: id, card: card, total: total ?? .zero)
            return RequestEncoder.void(header, command)
        case .refund:
            let command = RefundCommand(settlement: id, card: card, lines: lines, total: total)
            return RequestEncoder.refund(header, command)
        case .copy:
            return RequestEncoder.receiptCopy(ReceiptCopyRequest(header: header, settlement: id))
        default:
            return RequestEncoder.reversal(
                header, originalDate: date, originalSTAN: stan, card: card,
                total: total ?? .zero)
        }
    }
}

extension Race {
    /// The kind of the request that comes before, overtakes or replaces the original.
    var counterKind: TransactionKind { form == .voidTooEarly ? .void : .reversal }
}

extension LoadConnection.Flight {
    /// The total that a reversal or void of it must name.
    func namedTotal(by lane: LoadLane?) -> Money {
        if let undoing = errand?.undoing { return undoing.total ?? .zero }
        return lane?.bill(item)?.total ?? .zero
    }
}
