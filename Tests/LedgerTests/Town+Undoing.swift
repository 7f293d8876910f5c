import Ledger
import SettlementDomain

extension Town {
    /// A line of a made bill.
    struct Item {
        var code = Town.medicine
        var units: Int64 = 1
        var fen: Int64
        var trace: [String] = []
        var days: UInt32?
    }

    /// A bill of these lines.
    static func bill(
        _ items: [Item], visit: VisitType = .outpatient, partial: Bool = true
    ) -> SettleCommand {
        SettleCommand(
            card: card, proof: .value(pin), visitType: visit,
            total: Money(fen: items.reduce(0) { $0 + $1.units * $1.fen }), catalogVersion: nil,
            lines: items.map { item in
                RequestLine(
                    item: .code(item.code), quantity: Quantity(thousandths: item.units * 1000),
                    unitPrice: UnitPrice(tenThousandths: item.fen * 100),
                    amount: Money(fen: item.fen * item.units), courseDays: item.days,
                    traceCodes: item.trace.map { text in make(text) { TraceCode(text) } })
            },
            serviceDate: nil, partialAllowed: partial, accountLimit: nil, quoteDigest: 0)
    }

    static func key(_ stan: UInt32, at terminal: TerminalID = hospital) -> RequestKey {
        RequestKey(terminal: terminal, date: today, stan: stan)
    }

    /// Settles under a key; the settlement's id.
    @discardableResult
    mutating func settle(
        _ items: [Item], visit: VisitType = .outpatient, key: RequestKey
    ) -> SettlementID {
        _ = decide(.settle(Town.bill(items, visit: visit)), key: key)
        precondition(outcome.code.isApproval, "\(outcome.code) \(outcome.detail)")
        return SettlementID(key)
    }

    mutating func void(
        _ id: SettlementID, fen: Int64, card: CardNumber? = Town.card,
        at terminal: TerminalID = Town.hospital, on date: CivilDate = Town.today
    ) -> Outcome {
        decide(
            .void(VoidCommand(settlement: id, card: card, total: Money(fen: fen))), at: terminal,
            on: date)
    }

    mutating func refund(
        _ id: SettlementID, _ lines: [(line: Int, units: Int64?)], total: Int64? = nil,
        trace: [String] = [], at terminal: TerminalID = Town.hospital
    ) -> Outcome {
        decide(
            .refund(
                RefundCommand(
                    settlement: id, card: Town.card,
                    lines: lines.map { line, units in
                        RefundLine(
                            line: line, quantity: units.map { Quantity(thousandths: $0 * 1000) },
                            traceCodes: trace.map { text in Town.make(text) { TraceCode(text) } })
                    }, total: total.map { Money(fen: $0) })), at: terminal)
    }

    mutating func reverse(
        _ original: RequestKey, fen: Int64, card: CardNumber? = Town.card
    ) -> Outcome {
        decide(
            .reverse(ReversalCommand(original: original, card: card, total: Money(fen: fen))),
            at: original.terminal)
    }

    /// Everything that a settlement can change, but for histories of what happened.
    var books: Books {
        var sums: [String: Int64] = [:]
        for entry in rows.entries {
            for posting in entry.postings {
                sums[posting.account.description, default: 0] += posting.amount.fen
            }
        }
        return Books(
            balances: rows.accounts.mapValues(\.balance.fen), sums: sums.filter { $0.value != 0 },
            accumulators: rows.accumulators.values.map(\.used).filter { $0 != Accumulators() },
            taken: rows.traceCodes.filter { $0.value.isTaken }.keys.sorted(),
            uses: rows.usages.mapValues(\.history.records).filter { !$0.value.isEmpty },
            drawn: rows.families.mapValues { $0.links.map(\.used.fen) })
    }

    struct Books: Equatable {
        var balances: [PersonID: Int64]
        var sums: [String: Int64]
        var accumulators: [Accumulators]
        var taken: [TraceCode]
        var uses: [UsageKey: [UsageRecord]]
        var drawn: [PersonID: [Int64]]
    }

    /// Links the owner's account to the person's bills.
    mutating func link(limit: Int64? = nil) {
        register([
            .credit(Town.credit(Town.owner, 100_000, "owner")),
            .family(
                FamilyRow(
                    member: Town.person,
                    links: [
                        FamilyLink(
                            owner: Town.owner, relationship: .spouse,
                            yearlyLimit: limit.map { Money(fen: $0) }, usedYear: 0, used: .zero)
                    ])),
        ])
    }

    func split(of id: SettlementID) -> Split { rows.settlements[id]?.standing ?? Split() }
}

extension Outcome {
    var undone: UndoAnswer? {
        if case .undone(let answer) = payload { answer } else { nil }
    }
}
