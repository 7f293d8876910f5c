import Ledger
import NIOCore
import SettlementClient
import SettlementDomain

extension LoadConnection {
    /// Sends a request that a fault befalls.
    func strike(_ flight: Flight, _ now: UInt64) {
        var flight = flight
        let fault = flight.item.fault
        flight.item.fault = .none
        let errand = flight.errand ?? Errand()
        errand.struck = fault
        flight.errand = errand
        loop.figures.faults[fault.rawValue] += 1
        let slot = free.removeLast()
        switch fault {
        case .cutBefore:
            flights[slot] = flight
            port?.close(.cut("before a request was sent"))
        case .cutAfter:
            // By turns sent again and given up.
            errand.isGivenUp = flight.stan % 2 == 1
            send(flight, slot: slot, now)
            flush()
            cutSoon()
        case .duplicate:
            errand.twins = Twins()
            send(flight, slot: slot, now)
            sendSecond(of: flight, now)
        case .none, .late, .reorder: send(flight, slot: slot, now)
        }
    }

    /// Cuts the connection once what was sent is flushed: at the end of a read, that is after it.
    private func cutSoon() {
        guard let port else { return }
        let bound = NIOLoopBound(port, eventLoop: loop.eventLoop)
        loop.eventLoop.execute { bound.value.close(.cut("behind a request")) }
    }

    /// Sends an equal request over another connection of the terminal or this one; where neither has
    /// a place, once the first is answered.
    private func sendSecond(of flight: Flight, _ now: UInt64) {
        if flight.stan % 2 == 1, let other = loop.sibling(of: self) {
            flush()
            other.send(flight, slot: other.free.removeLast(), now)
            other.flush()
        } else if let slot = free.popLast() {
            send(flight, slot: slot, now)
        } else {
            flight.errand?.twins?.isSecondDue = true
        }
    }

    /// Sends a reversal or void of a sale that comes after it, or never.
    func startRace(_ item: WorkItem, intended: UInt64, at now: UInt64) {
        var sale = item
        sale.kind = .settle
        sale.fault = .none
        sale.wrong = .none
        guard var original = flight(sale, intended: intended, at: now),
            let originalNumber = number(), let stan = number()
        else { return }
        original.stan = originalNumber
        if item.fault != .none { loop.figures.faults[item.fault.rawValue] += 1 }
        let form: Race.Form =
            switch item.fault {
            case .reorder where free.count > 1:
                originalNumber % 2 == 0 ? .overtaken : .voidTooEarly
            case .none where item.wrong == .original: .unseen
            default: .late
            }
        let race = Race(form, original, fault: item.fault)
        start(race, stan, now)
        if form == .overtaken || form == .voidTooEarly { startOriginal(of: race, now) }
    }

    /// Reverses a request whose answer was lost.
    func giveUp(_ flight: Flight, at now: UInt64) {
        guard let stan = number() else {
            loop.figures.unanswered += 1
            return
        }
        flight.errand?.isGivenUp = false
        start(Race(.lost, flight, fault: .cutAfter), stan, now)
    }

    private func start(_ race: Race, _ stan: UInt32, _ now: UInt64) {
        var counter = race.original
        counter.item.kind = race.counterKind
        counter.date = date
        counter.stan = stan
        counter.terminalTime = TerminalClock.system.seconds()
        counter.isUncertain = false
        counter.sendings = 0
        counter.attempts = 0
        counter.errand = Errand()
        counter.errand?.race = race
        send(counter, slot: free.removeLast(), now)
    }

    /// Sends the sale that was held back or overtaken.
    func startOriginal(of race: Race, _ now: UInt64) {
        guard let slot = free.popLast() else { return }
        var original = race.original
        original.errand = Errand()
        original.errand?.race = race
        original.intended = now
        send(original, slot: slot, now)
    }

    /// Takes an answer that says that nothing was executed, or that nobody knows: the same request
    /// goes again after a pause.
    func postpone(_ flight: Flight) {
        guard flight.attempts < Self.attemptsMax else {
            loop.figures.unanswered += 1
            return
        }
        var flight = flight
        flight.attempts += 1
        postponed.append(flight)
        guard postponed.count == 1 else { return }
        let this = NIOLoopBound(self, eventLoop: loop.eventLoop)
        loop.eventLoop.scheduleTask(in: .milliseconds(200)) { this.value.takeUpPostponed() }
    }

    private func takeUpPostponed() {
        guard state != .finished else { return }
        resend(postponed)
        postponed = []
        guard state == .ready else { return }
        resume(at: NIODeadline.now().uptimeNanoseconds)
        flush()
        loop.checkEnd()
    }

    /// A minute's worth.
    private static let attemptsMax = 300
}
