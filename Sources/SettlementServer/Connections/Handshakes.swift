/// The connections of one event loop whose handshakes are not over, oldest first; at most so many.
///
/// A peer that opens connections and says nothing keeps none of the places: for one connection more
/// the oldest ends, and whoever means it is done with a handshake long before being the oldest. Used
/// on that loop only.
final class Handshakes {
    private let countMax: Int
    private var open: Set<ConnectionTicket> = []
    /// In their order, from `first` on, with some that are over.
    private var began: [ConnectionTicket] = []
    private var first = 0

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Handshakes that are not over.
    var count: Int { open.count }

    /// A handshake begins.
    ///
    /// - Returns: the oldest, where it has to end for this one.
    func begin(_ ticket: ConnectionTicket) -> ConnectionTicket? {
        var oldest: ConnectionTicket?
        if open.count >= countMax, first < began.count {
            oldest = began[first]
            open.remove(began[first])
            forgetEnded()
        }
        open.insert(ticket)
        began.append(ticket)
        return oldest
    }

    /// A handshake is over, in whatever way; without effect on one that is over already.
    func end(_ ticket: ConnectionTicket) {
        if open.remove(ticket) != nil { forgetEnded() }
    }

    /// Keeps the oldest that is not over at `first`.
    private func forgetEnded() {
        while first < began.count, !open.contains(began[first]) { first += 1 }
        if first == began.count {
            began.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 1_024, first * 2 > began.count {
            began.removeFirst(first)
            first = 0
        }
    }
}
