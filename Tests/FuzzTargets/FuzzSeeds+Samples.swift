import Foundation
import Ledger
import SettlementDomain
import SettlementProtocol
import TestSupport

extension FuzzSeeds {
    static func sampleQuestions() -> [StoreQuestion] {
        let person = SyntheticLedger.person(1)
        let settlement = SettlementID(Samples.key)
        return [
            .person(person), .card(SyntheticLedger.card(1)), .cardsOf(person), .account(person),
            .family(person), .accumulators(person, year: 2026), .settlement(settlement),
            .answer(Samples.key), .entry(7), .persons(after: person, limit: 10),
            .cards(after: nil, limit: 10), .movements(person, before: 9, limit: 10),
            .settlementsOf(person, before: nil, limit: 10),
            .settlementsOn(Samples.day, Samples.institution, after: 3, limit: 10),
            .entries(after: 0, limit: 100), .balances, .counts, .reference,
            .clearings(Samples.day), .owner(person), .claimsOf(person),
            .claim(ClaimID(Samples.key)), .claimsDue(before: Samples.day, after: nil, limit: 5),
            .contributionsOf(person, before: nil, limit: 5),
            .historyOf(
                person, from: Samples.day, through: Samples.day, before: nil, limit: 5),
            .accesses(person, before: 4, limit: 5),
            .day(
                Samples.day, Samples.institution, Samples.terminal, after: Samples.key,
                through: nil, limit: 5),
        ]
    }

    static func samplePages() -> [StorePage] {
        var ledger = SyntheticLedger(seed: 5)
        let site = ledger.site()
        var entries: [JournalEntry] = []
        for _ in 0..<40 { entries.append(ledger.any()) }
        let rows = ledger.rows
        return [
            .persons(some(rows.persons.values)), .cards(some(rows.cards.values)),
            .accounts(some(rows.accounts.values)), .families(some(rows.families.values)),
            .accumulators(some(rows.accumulators.values)),
            .settlements(some(rows.settlements.values).map { (sequence: 4, row: $0) }),
            .entries(Array(entries.suffix(4))),
            .movements(entries.flatMap(\.movements).suffix(4)),
            .balances([(account: "bank", balance: Money(fen: -5))]),
            .counts([(name: "persons", count: 3)]),
            .reference(site.suffix(2).flatMap(\.changes)),
            .day(Array(entries.compactMap(\.dayRow).prefix(3))),
        ]
    }

    /// Three of the rows, always the same.
    private static func some<Row: Journaled>(_ rows: some Sequence<Row>) -> [Row] {
        let sorted = rows.map { (row: $0, bytes: JournalCoding.encode($0)) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return sorted.prefix(3).map(\.row)
    }

    static func sampleRegistrations() -> [Registration] {
        let person = SyntheticLedger.person(1)
        return [
            .catalog(SyntheticLedger.catalog(version: 3)),
            .policy(SyntheticLedger.policy(version: 2)),
            .terminal(
                TerminalRow(
                    id: Samples.terminal, institution: Samples.institution, role: .vaccination,
                    blocked: true)),
            .family(FamilyRow(member: person, links: [])),
            .periodic(PeriodicRow(person: person, run: .interest(year: 2026))),
            .clearing(
                ClearingRow(
                    key: ClearingKey(institution: Samples.institution, date: Samples.day),
                    amount: Money(fen: 12))),
            .lapse(ClaimID(Samples.key)),
        ]
    }

    static func recordings() throws -> [[UInt8]] {
        let text = """
            settle-recording 2
            # an invented workload
            terminal 1 pharmacy
            terminal 2 hospital
            0 1 echo
            10 1/0.1 inquiry 1
            1200 1/0.2 settle 1 pharmacyPurchase partial,limit=500,before=1 \
            1000,125000,1250,7,1,XA01ABD075A002010100483
            1300 2/0.1 quote 2/nopin outpatient - 2000,100000,2000,0,0,990000000000001
            1400 1/0.3 void 1/0.2 1 1250
            1500 1/0.4 refund 1/0.2 1 - 0,500,0 0,-,1
            1600 1/0.5 reversal 1/0.4 1 1250
            1700 1 status 1
            1800 1 status 1/0.2
            1900 1 copy 1/0.2
            """
        let old = """
            settle-recording 1
            terminal 1 pharmacy
            0 1 settle 1 pharmacyPurchase - 1000,125000,1250,0,0,990000000000001
            9 1 status 1
            """
        return [Array(text.utf8), Array(old.utf8)]
    }

    static func certificates() throws -> [[UInt8]] {
        let index = [
            "issued\t0A\tterminal\t2026-11-23T03:44:05Z\t2027-11-23T03:44:05Z\tCN=T0000001",
            "revoked\t0A\t2026-11-24T00:00:00Z\tkeyCompromise",
            "list\t3\t2026-11-24T00:00:00Z\t2026-12-24T00:00:00Z",
        ]
        var seeds = index.map { [3] + Array($0.utf8) }
        seeds.append([4] + Array("2026-11-23T03:44:05Z".utf8))
        seeds.append([2] + Array("T0000001\0urn:settled:terminal:T0000001".utf8))
        seeds.append([2] + Array("T0000001\0urn:settled:terminal:T0000002\0urn:x".utf8))
        for pem in try CertificateSeeds.pems() {
            seeds.append([0] + pem.utf8)
            if let der = CertificateSeeds.der(pem) { seeds.append([1] + der) }
        }
        return seeds
    }

    static func texts() -> [[UInt8]] {
        let texts: [(UInt8, String)] = [
            (0, "-12.50"), (0, "9999999999999.99"), (1, "2.500"), (2, "0.0001"), (3, "92.5"),
            (3, "100"), (4, "2026-11-23"), (4, "20261123"), (6, "6228480000000000"),
            (7, "20261123-T0000001-000103"), (8, "10000001"), (9, "P99010000001"),
            (10, "T0000001"), (11, "990100"), (12, "E11.9"), (13, "2026-11"), (13, "2026"),
            (15, "ｎｏ． 12-ß"),
        ]
        let card = SyntheticLedger.card(1)
        let person = SyntheticLedger.checked(IDNumber(digits: 99_010_019_800_101_001))
        return texts.map { [$0] + Array($1.utf8) }
            + [
                [6] + Array(card.clearText.utf8), [14] + card.bcd,
                [5] + Array(person.clearText.utf8),
            ]
    }

    /// Some runs of choices, drawn from seeds: each form of request, and all of them mixed.
    static func sessions() -> [[UInt8]] {
        var random = SplitMix(seed: 11)
        func draw(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() % 0xe0) }
        }
        var seeds: [[UInt8]] = []
        for form in UInt8(0)...31 {
            // A few sales first, so that there is something to name.
            let sales = [7] + draw(30) + [8] + draw(30)
            seeds.append(sales + (0..<6).flatMap { _ in [form] + draw(14) })
        }
        for _ in 0..<24 { seeds.append(draw(400)) }
        return seeds
    }
}
