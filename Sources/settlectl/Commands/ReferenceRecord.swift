import Ledger
import SettlementDomain

/// Institutions, terminals, catalogs and policies as `settlectl show` gives them.
enum ReferenceRecord {
    /// The one with that id.
    static func find(
        _ kind: ShowCommand.Kind, _ id: String, at desk: any OperatorDesk
    ) throws -> Record {
        guard case .reference(let changes) = try desk.read(.reference) else {
            throw CommandFault("the store gives no reference data")
        }
        for change in changes {
            switch (kind, change) {
            case (.institution, .institution(let row)) where row.institution.id.text == id:
                return record(row.institution, changes)
            case (.terminal, .terminal(let row)) where row.id.text == id:
                return Record(row)
            case (.catalog, .catalog(let row)) where row.catalog.version.description == id:
                return record(row)
            case (.policy, .policy(let row))
            where "\(row.policy.region)/\(row.policy.version)" == id:
                return record(row.policy)
            default: continue
            }
        }
        throw CommandFault("no \(kind.rawValue) \(id)")
    }

    private static func record(_ institution: Institution, _ changes: [RowChange]) -> Record {
        var record = Record(institution)
        let visits = institution.permittedVisitTypes.members.map(\.name)
        record.fields.append((name: "visit_types", value: .text(visits.joined(separator: " "))))
        let terminals = changes.compactMap { change -> Record? in
            guard case .terminal(let row) = change, row.institution == institution.id else {
                return nil
            }
            return Record(row)
        }
        record.lists = [(name: "terminals", rows: terminals)]
        return record
    }

    private static func record(_ row: CatalogRow) -> Record {
        var record = Record(row)
        let entries = row.catalog.entries.enumerated().map { index, entry in
            Record([
                ("index", .number(Int64(index))), ("code", .text(entry.code.text)),
                ("name", .text(entry.name)), ("kind", .text(entry.kind.name)),
                ("level", .text(entry.level.name)),
                ("first_self_pay", .text(entry.firstSelfPay.description)),
                ("ceiling", entry.priceCeiling.map { .text($0.description) } ?? .none),
                ("from", .text(entry.effectiveFrom.description)),
                ("to", entry.effectiveTo.map { .text($0.description) } ?? .none),
                (
                    "restrictions",
                    .text(entry.restrictions.map(\.description).joined(separator: ";"))
                ),
            ])
        }
        record.lists = [(name: "entries", rows: entries)]
        return record
    }

    private static func record(_ policy: Policy) -> Record {
        var record = Record(policy)
        let from = policy.traceCodesRequiredFrom.map(\.description)
        record.fields.append((name: "trace_codes_from", value: from.map { .text($0) } ?? .none))
        let benefits = policy.benefits.map { rule in
            Record([
                ("benefit", .text(rule.benefit?.name ?? "any")),
                ("insurance", .text(rule.insuranceType?.name ?? "any")),
                ("category", .text(rule.category?.name ?? "any")),
                ("level", .text(rule.level?.name ?? "any")),
                ("deductible", .money(rule.deductible)), ("ratio", .text(rule.ratio.description)),
            ])
        }
        let caps = policy.caps.map { rule in
            Record([
                ("benefit", .text(rule.benefit?.name ?? "any")),
                ("insurance", .text(rule.insuranceType?.name ?? "any")),
                ("pooled_cap", .money(rule.pooledCap)),
                ("large_ratio", .text(rule.largeRatio.description)),
                ("large_cap", .money(rule.largeCap)),
            ])
        }
        let plans = policy.plans.map { plan in
            Record([
                ("plan", .text(plan.id.text)), ("ratio", .text(plan.ratio.description)),
                ("annual_cap", .money(plan.annualCap)),
            ])
        }
        record.lists = [
            (name: "benefits", rows: benefits), (name: "caps", rows: caps),
            (name: "plans", rows: plans),
        ]
        return record
    }
}
