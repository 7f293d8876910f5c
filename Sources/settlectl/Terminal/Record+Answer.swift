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
        let stage: (String, Scalar) =
            switch item.stage {
            case .sent: ("sent", .none)
            case .reversing(let key, _): ("reversing", .text("\(SettlementID(key))"))
            case .refused(let code, let reason):
                ("reversal refused", .text("\(code.text) \(reason)"))
            }
        self.init([
            ("key", .text("\(SettlementID(item.key))")), ("kind", .text("\(item.kind)")),
            ("card", .text("\(item.card)")), ("total", .money(item.total)),
            ("stage", .text(stage.0)), ("by", stage.1),
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
