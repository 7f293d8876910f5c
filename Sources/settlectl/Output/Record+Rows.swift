import Foundation
import Ledger
import SettlementDomain

extension Record {
    /// A person, for lists and alone.
    init(_ row: PersonRow) {
        let person = row.person
        let diseases = row.person.chronicDiseases.map { disease -> String in
            "\(disease.code) \(disease.from)..." + (disease.until?.description ?? "")
        }
        let chronic = diseases.joined(separator: ", ")
        self.init([
            ("person", .text(person.id.description)), ("name", .text(row.name)),
            ("id_number", .text(row.idNumber.description)), ("sex", .text(person.sex.name)),
            ("born", .text(person.birthDate.description)),
            ("insurance", .text(person.insuranceType.name)),
            ("category", .text(person.category.name)),
            ("region", .text(person.region.description)),
            ("coverage", .text(person.coverage.name)), ("account", .flag(person.hasAccount)),
            ("frozen", .flag(row.frozen)),
            ("employer", .text(row.standing.employer?.text ?? "")),
            ("paid_through", .text(row.standing.paidThrough.map { "\($0)" } ?? "")),
            ("suspended_from", .text(row.standing.suspendedFrom.map { "\($0)" } ?? "")),
            ("covered_from", .text(row.standing.coveredFrom.map { "\($0)" } ?? "")),
            (
                "plans",
                person.plans.isEmpty
                    ? .none : .text(person.plans.map(\.text).joined(separator: " "))
            ),
            ("chronic", chronic.isEmpty ? .none : .text(chronic)),
        ])
    }

    /// A card; its number masked.
    init(_ row: CardRow) {
        self.init([
            ("card", .text(row.number.description)), ("person", .text(row.person.description)),
            ("state", .text("\(row.state)")), ("expires", .text(row.expires.description)),
            ("pin", .text(row.pinState)), ("wrong_pins", .number(Int64(row.triesFailed))),
        ])
    }

    /// An individual account.
    init(_ row: AccountRow) {
        self.init([
            ("person", .text(row.person.description)), ("balance", .money(row.balance)),
            ("entries", .number(Int64(row.entries))), ("chain_head", .text(row.head.hex)),
        ])
    }

    /// What was used of a year's limits.
    init(_ row: AccumulatorRow) {
        self.init([
            ("year", .number(Int64(row.key.year))), ("category", .text(row.key.category.name)),
            ("deductible_used", .money(row.used.deductibleUsed)),
            ("pooled_used", .money(row.used.pooledUsed)),
            ("large_used", .money(row.used.largeUsed)),
            ("stays", row.used.stays == 0 ? .none : .number(Int64(row.used.stays))),
        ])
    }

    /// A family link.
    init(_ link: FamilyLink) {
        self.init([
            ("owner", .text(link.owner.description)),
            ("relationship", .text(link.relationship.name)),
            ("yearly_limit", link.yearlyLimit.map(Scalar.money) ?? .none),
            ("daily_limit", link.dailyLimit.map(Scalar.money) ?? .none),
            ("used", .money(link.used)), ("used_in", .number(Int64(link.usedYear))),
        ])
    }

    /// An institution.
    init(_ institution: Institution) {
        self.init([
            ("institution", .text(institution.id.text)), ("name", .text(institution.name)),
            ("kind", .text(institution.kind.name)), ("level", .text(institution.level.name)),
            ("contract", .text(institution.contract.name)),
            ("region", .text(institution.region.description)),
            ("vaccinates", .flag(institution.vaccinates)),
        ])
    }

    /// A terminal.
    init(_ row: TerminalRow) {
        self.init([
            ("terminal", .text(row.id.text)), ("institution", .text(row.institution.text)),
            ("role", .text(row.role.name)), ("blocked", .flag(row.blocked)),
        ])
    }

    /// A catalog version.
    init(_ row: CatalogRow) {
        self.init([
            ("catalog", .text(row.catalog.version.description)),
            ("from", .text(row.effectiveFrom.description)),
            ("entries", .number(Int64(row.catalog.entries.count))),
        ])
    }

    /// A policy version.
    init(_ policy: Policy) {
        self.init([
            ("region", .text(policy.region.description)),
            ("policy", .text(policy.version.description)),
            ("from", .text(policy.effectiveFrom.description)),
            ("benefit_rules", .number(Int64(policy.benefits.count))),
            ("plans", .number(Int64(policy.plans.count))),
        ])
    }

    /// A movement of an account.
    init(_ row: Movement) {
        self.init([
            ("entry", .number(Int64(row.sequence))), ("date", .text(row.bookedDate.description)),
            ("time", .text(UTCText.of(row.time))), ("kind", .text("\(row.kind)")),
            ("amount", .money(row.amount)), ("balance", .money(row.balance)),
            ("settlement", row.settlement.map { .text($0.description) } ?? .none),
        ])
    }

    /// A settlement, for lists.
    init(_ row: SettlementRow, sequence: UInt64) {
        self.init([
            ("settlement", .text(row.id.description)), ("entry", .number(Int64(sequence))),
            ("date", .text(row.bookedDate.description)),
            ("institution", .text(row.institution.text)), ("visit", .text(row.visitType.name)),
            ("state", .text("\(row.state)")), ("total", .money(row.split.total)),
            ("pooled", .money(row.split.pooled)), ("account", .money(row.split.account)),
            ("family", .money(row.split.family)), ("cash", .money(row.split.cash)),
        ])
    }

    /// A settlement alone, with every line and payer.
    init(details row: SettlementRow, sequence: UInt64) {
        let split = row.split
        self.init(
            [
                ("settlement", .text(row.id.description)), ("entry", .number(Int64(sequence))),
                ("state", .text("\(row.state)")), ("person", .text(row.person.description)),
                ("card", .text(row.card.description)),
                ("institution", .text(row.institution.text)),
                ("booked", .text(row.bookedDate.description)),
                ("time", .text(UTCText.of(row.time))),
                ("service_date", .text(row.serviceDate.description)),
                ("visit", .text(row.visitType.name)),
                ("benefit", row.benefitCategory.map { .text($0.name) } ?? .none),
                ("catalog", .text(row.catalogVersion.description)),
                ("policy", .text("\(row.policyRegion)/\(row.policyVersion)")),
                ("total", .money(split.total)), ("full_self_pay", .money(split.fullSelfPay)),
                ("over_limit", .money(split.overLimit)),
                ("first_self_pay", .money(split.firstSelfPay)),
                ("in_scope", .money(split.inScope)), ("deductible", .money(split.deductible)),
                ("pooled", .money(split.pooled)), ("large", .money(split.large)),
                ("scope_self_pay", .money(split.scopeSelfPay)),
                ("supplement", .money(split.supplement)), ("personal", .money(split.personal)),
                ("account", .money(split.account)), ("family", .money(split.family)),
                ("cash", .money(split.cash)),
            ],
            lists: [
                ("lines", split.parts.map { Record($0, of: row) }),
                (
                    "plans",
                    split.plans.map {
                        Record([("plan", .text($0.plan.text)), ("amount", .money($0.amount))])
                    }
                ),
                (
                    "family_owners",
                    split.owners.map {
                        Record([
                            ("owner", .text($0.owner.description)), ("amount", .money($0.amount)),
                        ])
                    }
                ),
            ])
    }

    private init(_ part: LinePart, of row: SettlementRow) {
        let code = row.lines.indices.contains(part.line) ? row.lines[part.line].code.text : "?"
        self.init([
            ("line", .number(Int64(part.line))), ("code", .text(code)),
            ("class", .text("\(part.itemClass)")), ("reason", .text("\(part.reason)")),
            ("amount", .money(part.amount)), ("in_scope", .money(part.inScope)),
            ("pooled", .money(part.pooled)), ("large", .money(part.large)),
            ("supplement", .money(part.supplement)), ("account", .money(part.account)),
            ("family", .money(part.family)), ("cash", .money(part.cash)),
        ])
    }
}

extension CardRow {
    /// Whether the PIN can be used.
    fileprivate var pinState: String {
        if verification == nil { return "not set" }
        return triesFailed >= Self.triesMax ? "locked" : "set"
    }
}

/// Milliseconds since 1970 as a person reads them.
enum UTCText {
    static func of(_ millis: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(millis) / 1000)
        return date.formatted(.iso8601)
    }
}
