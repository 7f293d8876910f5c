import SettlementClient
import SettlementDomain

extension LoadConnection {
    /// Sends a request of a recording that names another or is named: each under the key that its
    /// name has in this run.
    func startNamed(_ item: WorkItem, intended: UInt64, at now: UInt64) {
        guard var flight = flight(item, intended: intended, at: now) else { return }
        let errand = Errand()
        flight.errand = errand
        if item.original >= 0 {
            guard let original = request(named: item.original) else { return }
            errand.original = original
            (flight.date, flight.stan) = (original.date, original.stan)
        }
        if item.name >= 0 {
            guard let own = request(named: item.name) else { return }
            errand.named = own
            (flight.date, flight.stan) = (own.date, own.stan)
            flight.terminalTime = own.terminalTime
        } else if item.kind.movesMoney {
            guard let stan = number() else { return }
            (flight.date, flight.stan) = (date, stan)
        }
        send(flight, slot: free.removeLast(), now)
    }

    private func request(named name: Int32) -> NamedRequest? {
        if let known = named[name] { return known }
        guard let stan = number() else { return nil }
        let new = NamedRequest(
            date: date, stan: stan, terminalTime: TerminalClock.system.seconds())
        named[name] = new
        return new
    }
}
