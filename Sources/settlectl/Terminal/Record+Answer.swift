import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension Record {
    /// A terminal's answer to a quote or settle.
    init(_ answer: SettlementClient.Terminal.Answer) {
        let result = answer.response.result
        self.init([
            ("key", .text(SettlementID(answer.key).description)), ("code", .text(result.code.text)),
            ("meaning", .text(result.code.words)), ("reason", .text(result.reason.words)),
            ("detail", result.detail.isEmpty ? .none : .text(result.detail)),
            ("replayed", .flag(result.replayed)),
        ])
        guard case .settlement(let settled) = answer.response.payload else { return }
        let split = settled.split
        fields += [
            ("settlement", settled.id.map { .text($0.description) } ?? .none),
            ("catalog", .text(settled.catalogVersion.description)),
            ("policy", .text("\(settled.policyRegion)/\(settled.policyVersion)")),
            ("total", .money(split.total)), ("pooled", .money(split.pooled)),
            ("large", .money(split.large)), ("supplement", .money(split.supplement)),
            ("account", .money(split.account)), ("family", .money(split.family)),
            ("cash", .money(split.cash)), ("balance", .money(settled.balance)),
        ]
        let parts = split.parts.map { part in
            Record([
                ("line", .number(Int64(part.line))), ("class", .text("\(part.itemClass)")),
                ("reason", .text("\(part.reason)")), ("amount", .money(part.amount)),
                ("pooled", .money(part.pooled)), ("account", .money(part.account)),
                ("family", .money(part.family)), ("cash", .money(part.cash)),
            ])
        }
        lists = [(name: "lines", rows: parts)]
    }
}

extension Record {
    /// A void's, refund's or reversal's answer.
    init(undoing answer: SettlementClient.Terminal.Answer) {
        let result = answer.response.result
        self.init([
            ("code", .text(result.code.text)), ("reason", .text("\(result.reason)")),
            ("detail", .text(result.detail)), ("replayed", .flag(result.replayed)),
            ("key", .text("\(SettlementID(answer.key))")),
        ])
        guard case .undone(let undone) = answer.response.payload else { return }
        let back = undone.givenBack
        fields += [
            ("settlement", .text("\(undone.settlement)")), ("state", .text("\(undone.state)")),
            ("given_back", .money(back.total)), ("pooled", .money(back.pooled)),
            ("large", .money(back.large)), ("supplement", .money(back.supplement)),
            ("account", .money(back.account)), ("family", .money(back.family)),
            ("cash", .money(back.cash)),
            ("remaining", undone.remaining.map { .money($0.total) } ?? .none),
            ("balance", .money(undone.balance)),
        ]
    }

    /// A request without an answer.
    init(_ item: OpenItem) {
        self.init([
            ("key", .text("\(SettlementID(item.key))")), ("kind", .text("\(item.kind)")),
            ("card", .text("\(item.card)")), ("total", .money(item.total)),
            ("stage", .text(item.stage.words)),
        ])
    }

    /// How an open item ended.
    init(_ conclusion: SettlementClient.Terminal.Conclusion) {
        switch conclusion {
        case .answered(let answer):
            self.init([
                ("key", .text("\(SettlementID(answer.key))")), ("ended", .text("answered")),
                ("by", .text(ResultText.of(answer.response.result))),
            ])
        case .reversed(let item, let reversal):
            self.init([
                ("key", .text("\(SettlementID(item.key))")), ("ended", .text("reversed")),
                ("by", .text("\(SettlementID(reversal.key))")),
            ])
        case .open(let item, let fault):
            self.init([
                ("key", .text("\(SettlementID(item.key))")), ("ended", .text("open")),
                ("by", .text(fault.map { "\(item.stage.words): \($0)" } ?? item.stage.words)),
            ])
        }
    }

    /// A settlement once more, with what became of it.
    init(copy: ReceiptCopy, of id: SettlementID) {
        self.init(
            SettlementClient.Terminal.Answer(
                key: id.key,
                response: TerminalResponse(
                    result: copy.originalResult, payload: .settlement(copy.original))))
        fields.insert(("copy", .flag(true)), at: 0)
        fields += [
            ("state", .text("\(copy.state)")), ("settled_date", .text("\(copy.settledDate)")),
            ("remaining", copy.remaining.map { .money($0.total) } ?? .none),
        ]
        lists.append((name: "undone", rows: copy.undone.map { Record($0) }))
    }

    /// One void, refund or reversal of a settlement.
    init(_ step: UndoneStep) {
        self.init([
            ("undone_by", .text("\(step.kind)")), ("key", .text("\(SettlementID(step.key))")),
            ("booked", .text("\(step.bookedDate)")), ("given_back", .money(step.givenBack.total)),
            ("cash", .money(step.givenBack.cash)), ("then", .text(step.state.words)),
        ])
    }

    /// A kind's totals as both sides have them.
    init(_ kind: RequestKind, own: KindTotals, daemon: KindTotals) {
        self.init([
            ("kind", .text("\(kind)")),
            ("own_count", .number(Int64(own.count))), ("own_total", .money(own.total)),
            ("own_insured", .money(own.insured)),
            ("daemon_count", .number(Int64(daemon.count))), ("daemon_total", .money(daemon.total)),
            ("daemon_insured", .money(daemon.insured)),
        ])
    }

    /// A transaction on which both sides differ.
    init(_ difference: Difference) {
        let either = difference.terminal ?? difference.daemon
        let found =
            switch (difference.terminal, difference.daemon) {
            case (.some, nil): "only here"
            case (nil, .some): "only at the daemon"
            default: "amounts differ"
            }
        func money(_ amount: Money?) -> Scalar { amount.map { .money($0) } ?? .none }
        self.init([
            ("difference", .text(found)),
            ("key", either.map { .text("\(SettlementID($0.key))") } ?? .none),
            ("kind", either.map { .text("\($0.kind)") } ?? .none),
            ("own_total", money(difference.terminal?.total)),
            ("own_insured", money(difference.terminal?.insured)),
            ("daemon_total", money(difference.daemon?.total)),
            ("daemon_insured", money(difference.daemon?.insured)),
        ])
    }

    /// A transaction of a date's books.
    init(_ row: DayTransaction) {
        self.init([
            ("terminal", .text(row.key.terminal.text)), ("date", .text("\(row.key.date)")),
            ("stan", .number(Int64(row.key.stan))), ("kind", .text("\(row.kind)")),
            ("total", .money(row.total)), ("insured", .money(row.insured)),
            ("settlement", row.settlement.map { .text("\($0)") } ?? .none),
        ])
    }
}
