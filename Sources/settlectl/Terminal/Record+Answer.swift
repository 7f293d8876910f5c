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
