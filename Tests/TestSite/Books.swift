import CardSecurity
import Ledger
import SettlementClient
import SettlementDomain

/// What the ledger holds, asked over the operator's socket.
public struct Books: Sendable {
    private let connection: OperatorConnection

    /// The books of a daemon.
    public init(_ daemon: RunningDaemon) {
        connection = daemon.operator
    }

    /// A person's account; nil: there is none.
    public func account(of patient: Patient) async throws -> AccountRow? {
        guard case .accounts(let rows) = try await connection.page(.account(patient.id)) else {
            return nil
        }
        return rows.first
    }

    /// A person's balance in fen.
    public func balance(of patient: Patient) async throws -> Int64? {
        try await account(of: patient)?.balance.fen
    }

    /// A patient's card.
    public func card(of patient: Patient) async throws -> CardRow? {
        guard case .cards(let rows) = try await connection.page(.card(patient.card)) else {
            return nil
        }
        return rows.first
    }

    /// The recorded answer of a request; nil: it never reached the ledger.
    public func answer(to key: RequestKey) async throws -> AnswerRow? {
        guard case .answers(let rows) = try await connection.page(.answer(key)) else { return nil }
        return rows.first
    }

    /// A person's settlements, newest first.
    public func settlements(of patient: Patient) async throws -> [SettlementRow] {
        var found: [SettlementRow] = []
        var before: UInt64?
        while true {
            let question = StoreQuestion.settlementsOf(patient.id, before: before, limit: 500)
            guard case .settlements(let rows) = try await connection.page(question),
                let last = rows.last
            else { return found }
            found += rows.map(\.row)
            before = last.sequence
        }
    }

    /// What a person has used this year.
    public func accumulators(of patient: Patient) async throws -> [AccumulatorRow] {
        let year = UInt16(Town.today.year)
        guard
            case .accumulators(let rows) = try await connection.page(
                .accumulators(patient.id, year: year))
        else { return [] }
        return rows
    }

    /// Sums of postings by ledger account; individual accounts are one sum.
    public func balances() async throws -> [String: Int64] {
        guard case .balances(let rows) = try await connection.page(.balances) else { return [:] }
        return Dictionary(rows.map { ($0.account, $0.balance.fen) }) { $0 + $1 }
    }

    /// Every entry of the journal, in order.
    public func journal() async throws -> [JournalEntry] {
        var found: [JournalEntry] = []
        while true {
            let question = StoreQuestion.entries(after: found.last?.sequence ?? 0, limit: 1_000)
            guard case .entries(let entries) = try await connection.page(question),
                !entries.isEmpty
            else { return found }
            found += entries
        }
    }

    /// The daemon's own verification of its store, in the words of `settlectl verify`.
    public func verification() async throws -> String {
        let response = try await connection.maintain("verify")
        guard case .maintained(let lines) = response.payload else { return "\(response)" }
        return lines.joined(separator: "\n")
    }

    /// Reads the whole journal and finds what does not fit; empty: all is well.
    ///
    /// Sequence numbers follow each other, postings sum to zero, each balance is the sum of its
    /// postings and never below zero, each hash follows from the one before, no request key
    /// has two answers, and what is stored of accounts and sums is what the journal says.
    public func faults() async throws -> [String] {
        var audit = JournalAudit()
        for entry in try await journal() { audit.take(entry) }
        for account in audit.accounts.values {
            guard case .accounts(let rows) = try await connection.page(.account(account.person))
            else { continue }
            if rows.first != account {
                audit.faults.append("account \(account.person) is stored differently")
            }
        }
        let individual = audit.accounts.values.reduce(Int64(0)) { $0 + $1.balance.fen }
        let stored = try await balances()
        let all = stored.values.reduce(0, +)
        if all != 0 { audit.faults.append("all balances sum to \(all)") }
        let summed = stored.filter { $0.key.hasPrefix("individual") }.values.reduce(0, +)
        if summed != individual {
            audit.faults.append("individual accounts: \(summed) stored, \(individual) posted")
        }
        return audit.faults
    }
}

/// The journal as far as it was read.
private struct JournalAudit {
    var accounts: [PersonID: AccountRow] = [:]
    var faults: [String] = []
    private var sequence: UInt64 = 0
    private var keys: Set<RequestKey> = []

    mutating func take(_ entry: JournalEntry) {
        func note(_ fault: String) { faults.append("entry \(entry.sequence): \(fault)") }
        let follows =
            TestEngine.current == .sqlite
            ? entry.sequence == sequence + 1 : entry.sequence > sequence
        if !follows { note("follows \(sequence)") }
        sequence = entry.sequence
        let sum = entry.postings.reduce(Int64(0)) { $0 + $1.amount.fen }
        if sum != 0 { note("postings sum to \(sum)") }
        if let answer = entry.answer, !keys.insert(answer.key).inserted {
            note("a second answer to STAN \(answer.key.stan)")
        }
        let chained = JournalCoding.chainBytes(entry)
        for case .account(let row) in entry.changes {
            guard let old = accounts[row.person] else {
                if row.balance != .zero || row.entries != 0 { note("opens with a balance") }
                accounts[row.person] = row
                continue
            }
            let posted = entry.postings.filter { $0.account == .individual(row.person) }
                .reduce(Int64(0)) { $0 + $1.amount.fen }
            let head = JournalCoding.head(after: old.head, chainBytes: chained) {
                Digest(words: SHA256.digest($0).words)
            }
            if row.balance.fen != old.balance.fen + posted { note("balance of \(row.person)") }
            if row.balance < .zero { note("\(row.person) is below zero") }
            if row.entries != old.entries + 1 { note("entry count of \(row.person)") }
            if row.head != head { note("hash chain of \(row.person)") }
            accounts[row.person] = row
        }
    }
}
