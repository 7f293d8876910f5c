import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import TestSupport
import Testing

extension Acceptance {
    @Suite("A day under load")
    struct DayUnderLoadTests {
        /// Seeds that once failed, and one that is drawn anew; set `SETTLED_SEED` to repeat one.
        static let seeds: [UInt64] = {
            let kept: [UInt64] = [20_261_123]
            if let text = ProcessInfo.processInfo.environment["SETTLED_SEED"],
                let seed = UInt64(text)
            {
                return [seed]
            }
            return kept + [UInt64.random(in: 1 ... .max)]
        }()

        @Test(
            """
            22. 100 terminals, 10 accounts, 10,000 random settles, reversals, refunds and retries: \
            sum of debits equals the institutions' payables; every balance equals the sum of its \
            postings; every hash chain verifies.
            """, arguments: seeds)
        func load(seed: UInt64) async throws {
            print("scenario 22: SETTLED_SEED=\(seed)")
            try await RunningDaemon.withTown { daemon in
                let institutions = [Town.pharmacy, Town.otherPharmacy, Town.hospital]
                let rows = (1...100).map { number in
                    Town.terminal(
                        Town.made(TerminalID("X\(String(1_000_000 + number))")),
                        institutions[number % 3], number % 3 == 2 ? .hospital : .pharmacy)
                }
                try daemon.site.addTerminals(rows)
                try await daemon.register(rows.map(Registration.terminal))
                let patients = Array(Town.patients[0..<10])
                let before = try await Books(daemon).balances()
                let own = try await withThrowingTaskGroup(of: OwnBooks.self) { group in
                    for (index, row) in rows.enumerated() {
                        group.addTask {
                            var clerk = Clerk(
                                at: try await daemon.connect(row.id), of: row, patients,
                                seed: seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
                            return try await clerk.work(100)
                        }
                    }
                    return try await group.reduce(into: OwnBooks()) { $0.add($1) }
                }
                let books = Books(daemon)
                let after = try await books.balances()
                func moved(_ prefix: String) -> Int64 {
                    after.filter { $0.key.hasPrefix(prefix) }.values.reduce(0, +)
                        - before.filter { $0.key.hasPrefix(prefix) }.values.reduce(0, +)
                }
                let paid = moved("individual") + moved("pool") + moved("large")
                #expect(paid + moved("institution") == 0, "seed \(seed)")
                for institution in institutions {
                    let owed = moved(LedgerAccount.institution(institution).description)
                    #expect(owed == own.insured[institution] ?? 0, "seed \(seed)")
                }
                for patient in patients {
                    let balance = try await books.balance(of: patient)
                    let taken = own.accounts[patient.id] ?? 0
                    #expect(balance == 100_000 - taken, "seed \(seed)")
                }
                #expect(own.requests >= 10_000)
                #expect(try await books.faults() == [], "seed \(seed)")
                let verified = try await Books(daemon).verification()
                #expect(verified.hasPrefix("sound: "), "seed \(seed): \(verified)")
            }
        }
    }
}

/// What terminals know of their own transactions.
struct OwnBooks: Sendable {
    var requests = 0
    /// What institutions are owed.
    var insured: [InstitutionID: Int64] = [:]
    /// What was taken of each person's account.
    var accounts: [PersonID: Int64] = [:]

    mutating func add(_ other: OwnBooks) {
        requests += other.requests
        insured.merge(other.insured) { $0 + $1 }
        accounts.merge(other.accounts) { $0 + $1 }
    }
}

/// One terminal's clerk, who sells, takes back, reverses and retries by the dice.
struct Clerk {
    /// A sale that stands, or a part of it.
    private struct Sold {
        var id: SettlementID
        var header: RequestHeader
        var sale: Sale
        var patient: PersonID
        /// Lines that are not given back.
        var left: [Int]
    }

    private let terminal: TerminalConnection
    private let row: TerminalRow
    private let patients: [Patient]
    private var dice: SplitMix
    private var stan: UInt32 = 0
    private var sold: [Sold] = []
    private var books = OwnBooks()

    init(
        at terminal: TerminalConnection, of row: TerminalRow, _ patients: [Patient], seed: UInt64
    ) {
        self.terminal = terminal
        self.row = row
        self.patients = patients
        dice = SplitMix(seed: seed)
    }

    mutating func work(_ count: Int) async throws -> OwnBooks {
        while books.requests < count {
            switch dice.next() % 10 {
            case 0..<5: try await sell()
            case 5, 6: try await refund()
            case 7: try await void()
            case 8: try await reverse()
            default: try await reverseFirst()
            }
        }
        await terminal.close()
        return books
    }

    /// A clerk who sees what must not be stops the day.
    private func demand(_ holds: Bool, _ verdict: String) throws {
        guard holds else { throw SiteFault("terminal \(row.id), STAN \(stan): \(verdict)") }
    }

    private mutating func header() -> RequestHeader {
        stan += 1
        books.requests += 1
        return terminal.header(stan: stan)
    }

    private mutating func sell() async throws {
        let patient = patients[Int(dice.next() % UInt64(patients.count))]
        let codes = [Town.medicine, Town.vitamin, Town.whitening]
        let lines = (0..<(1 + dice.next() % 3)).map { _ in
            line(codes[Int(dice.next() % 3)], 1 + Int64(dice.next() % 3_000))
        }
        let visit: VisitType = row.role == .hospital ? .outpatient : .pharmacyPurchase
        let sale = patient.sale(lines, visit, partial: dice.next() % 2 == 0)
        let header = header()
        let answer = try await terminal.settle(sale, header)
        if dice.next() % 5 == 0 {
            books.requests += 1
            let again = try await terminal.settle(sale, header)
            try demand(again.result.replayed && again.code == answer.code, again.verdict)
        }
        guard answer.result.code.isApproval, let settled = answer.settlement, let id = settled.id
        else { return }
        take(settled.split, of: patient.id)
        sold.append(
            Sold(
                id: id, header: header, sale: sale, patient: patient.id,
                left: Array(lines.indices)))
    }

    /// Adds what a split takes; a split that gives back is below zero.
    private mutating func take(_ split: Split, of patient: PersonID, sign: Int64 = 1) {
        books.insured[row.institution, default: 0] += sign * split.insured.fen
        books.accounts[patient, default: 0] += sign * split.account.fen
    }

    private mutating func refund() async throws {
        guard !sold.isEmpty else { return try await sell() }
        let index = Int(dice.next() % UInt64(sold.count))
        let place = Int(dice.next() % UInt64(sold[index].left.count))
        let line = sold[index].left.remove(at: place)
        let item = sold[index]
        let answer = try await terminal.refund(
            item.id, item.sale, [(line, nil)], header())
        try demand(answer.code == "00", answer.verdict)
        if let undone = answer.undone { take(undone.givenBack, of: item.patient, sign: -1) }
        if item.left.isEmpty { sold.remove(at: index) }
    }

    private mutating func void() async throws {
        guard let item = sold.last else { return try await sell() }
        let whole = item.left.count == item.sale.lines.count
        let header = header()
        let answer = try await terminal.void(item.id, item.sale, header)
        try demand(answer.code == (whole ? "00" : "21"), answer.verdict)
        guard whole, let undone = answer.undone else { return }
        sold.removeLast()
        take(undone.givenBack, of: item.patient, sign: -1)
        guard dice.next() % 3 == 0 else { return }
        // The void's answer is taken for lost: it is reversed, and the sale stands again where the
        // money is still there.
        let reversal = try await terminal.reverse(header, item.sale, self.header())
        try demand(["00", "51"].contains(reversal.code), reversal.verdict)
        guard let again = reversal.undone else { return }
        take(again.givenBack, of: item.patient, sign: -1)
        sold.append(item)
    }

    private mutating func reverse() async throws {
        guard let item = sold.last else { return try await sell() }
        let whole = item.left.count == item.sale.lines.count
        let answer = try await terminal.reverse(item.header, item.sale, header())
        try demand(answer.code == (whole ? "00" : "21"), answer.verdict)
        guard let undone = answer.undone else { return }
        sold.removeLast()
        take(undone.givenBack, of: item.patient, sign: -1)
    }

    /// A reversal that overtakes its sale.
    private mutating func reverseFirst() async throws {
        let sale = patients[0].purchase(100)
        let late = header()
        let reversal = try await terminal.reverse(late, sale, header())
        try demand(reversal.result.reason == .originalNotSeen, reversal.verdict)
        books.requests += 1
        let original = try await terminal.settle(sale, late)
        try demand(original.code == "21", original.verdict)
    }
}
