import SettlementDomain

/// Something stored that contradicts the rest: where, and what is wrong with it.
public struct VerificationFinding: Sendable, Hashable, CustomStringConvertible {
    /// The journal entry, or the table and row.
    public var place: String
    /// What is wrong there.
    public var problem: String

    /// Creates a finding.
    public init(place: String, problem: String) {
        self.place = place
        self.problem = problem
    }

    /// Place and problem in one line.
    public var description: String { "\(place): \(problem)" }
}

/// What a verification looked at and found.
public struct VerificationReport: Sendable {
    /// Journal entries read.
    public internal(set) var entries: UInt64 = 0
    /// Postings summed.
    public internal(set) var postings: UInt64 = 0
    /// Settlements whose identities were checked.
    public internal(set) var settlements: UInt64 = 0
    /// Individual accounts whose chains were walked.
    public internal(set) var accounts: UInt64 = 0
    /// A fingerprint of the heads of all chains: two journals with the same one end every account
    /// alike.
    public internal(set) var chains = Digest.zero
    /// The first findings, in the order of the walk; at most `findingsMax`.
    public internal(set) var findings: [VerificationFinding] = []
    /// All findings, those not kept too.
    public internal(set) var findingCount: UInt64 = 0

    /// As many findings are kept; the rest is counted.
    public static let findingsMax = 100

    /// Whether nothing was found.
    public var isSound: Bool { findingCount == 0 }

    /// The report for a person: `sound: ...` or `unsound: ...`, then a line a finding.
    public var lines: [String] {
        let looked =
            "\(entries) entries, \(postings) postings, \(settlements) settlements, "
            + "\(accounts) accounts"
        guard !isSound else { return ["sound: \(looked)"] }
        return ["unsound: \(findingCount) findings in \(looked)"] + findings.map { "\($0)" }
    }
}

/// Walks a journal from its first entry on and checks that it agrees with itself.
///
/// It checks that no number is missing, that the postings of each entry sum to zero, that each
/// individual account's row is its postings' sum with the right hash, that each request was answered
/// once, that a stay's row and its discharge are the uploads that stand, and that each settlement's split keeps its identities and is what was posted.
public struct Verification: Sendable {
    /// What a journal says of one individual account.
    public struct Account: Sendable, Hashable {
        /// The sum of its postings.
        public var balance = Money.zero
        /// How many entries posted to it.
        public var entries: UInt64 = 0
        /// The hash of the newest of them.
        public var head = Digest.zero
    }

    /// Whether the walk remembers every answered key, 40 bytes each, to find one that is answered
    /// twice; a store that keeps answers by key finds them itself.
    public enum AnswerKeys: Sendable { case remembered, checkedByStore }

    /// How a store numbers its entries: without gaps from 1, or only ever upwards, so that the store
    /// itself counts whether any is missing.
    public enum Numbering: Sendable { case counting, ascending }

    /// What was found so far.
    public private(set) var report = VerificationReport()
    /// Each individual account as the journal leaves it.
    public private(set) var accounts: [PersonID: Account] = [:]
    /// The newest entry's number.
    public private(set) var last: UInt64 = 0
    private let sha256: SHA256Function
    private let answerKeys: AnswerKeys
    private let numbering: Numbering
    private var answered: Set<RequestKey> = []
    /// The business date under which the next entry must be booked; nil before the first.
    private var businessDate: CivilDate?
    /// The fees of each stay as the entries before left them.
    private var stays = StayCheck()
    /// Each claim and each bill as the entries before left them.
    private var claims = ClaimCheck()
    /// What the entries of each business date have made the agency owe.
    private var owed: [ClearingKey: Int64] = [:]

    /// Creates a walk that begins before the first entry.
    public init(
        sha256: @escaping SHA256Function, answerKeys: AnswerKeys, numbering: Numbering = .counting
    ) {
        self.sha256 = sha256
        self.numbering = numbering
        self.answerKeys = answerKeys
    }

    /// Adds a finding of the caller's own.
    public mutating func note(_ place: String, _ problem: String) {
        report.findingCount += 1
        guard report.findings.count < VerificationReport.findingsMax else { return }
        report.findings.append(VerificationFinding(place: place, problem: problem))
    }

    /// Adds a finding about an entry.
    mutating func note(_ entry: JournalEntry, _ problem: String) {
        note(Self.place(entry.sequence), problem)
    }

    /// Notes that an entry cannot be read; the walk goes on after it.
    public mutating func takeUnreadable(_ sequence: UInt64, _ problem: String) {
        follow(sequence)
        note(Self.place(sequence), problem)
    }

    /// Checks the next entry.
    public mutating func take(_ entry: JournalEntry) {
        follow(entry.sequence)
        report.entries += 1
        report.postings += UInt64(entry.postings.count)
        var sum: Int64 = 0
        for posting in entry.postings {
            let (next, overflow) = sum.addingReportingOverflow(posting.amount.fen)
            guard !overflow else { return note(entry, "its postings overflow") }
            sum = next
        }
        if sum != 0 { note(entry, "its postings sum to \(Money(fen: sum)), not to zero") }
        checkDate(entry)
        if let answer = entry.answer, answerKeys == .remembered {
            let (isNew, _) = answered.insert(answer.key)
            if !isNew { note(entry, "answers \(SettlementID(answer.key)) a second time") }
        }
        checkAccounts(entry)
        for change in entry.changes { stays.take(change) }
        for case .admission(let row) in entry.changes {
            if let problem = stays.problem(of: row) { note(entry, problem) }
        }
        for case .settlement(let row) in entry.changes {
            check(row, of: entry)
            if let problem = stays.problem(of: row) { note(entry, problem) }
        }
        for problem in claims.take(entry) { note(entry, problem) }
        for case .clearing(let row) in entry.changes { check(row, of: entry) }
        for case .contribution(let row) in entry.changes { check(row, of: entry) }
        for posting in entry.postings where entry.answer != nil {
            guard case .institution(let institution) = posting.account else { continue }
            let key = ClearingKey(institution: institution, date: entry.bookedDate)
            owed[key, default: 0] &+= posting.amount.fen
        }
    }

    /// What was found in all.
    public mutating func finish() -> VerificationReport {
        report.accounts = UInt64(accounts.count)
        report.chains = .zero
        for (person, account) in accounts {
            var writer = ByteWriter(capacity: 48)
            person.write(to: &writer)
            writer.digest(account.head)
            report.chains = report.chains.exclusiveOr(writer.withUnsafeBytes(sha256))
        }
        return report
    }

    private static func place(_ sequence: UInt64) -> String {
        "journal entry \(sequence)"
    }

    private mutating func follow(_ sequence: UInt64) {
        if numbering == .ascending {
            if sequence <= last { note(Self.place(sequence), "comes after \(last)") }
        } else if sequence != last + 1 {
            note(
                Self.place(last + 1),
                sequence > last ? "is missing; the next is \(sequence)" : "comes after \(last)")
        }
        last = sequence
    }

    private mutating func checkAccounts(_ entry: JournalEntry) {
        var posted: [PersonID: Money] = [:]
        for posting in entry.postings {
            guard case .individual(let person) = posting.account else { continue }
            posted[person, default: .zero] += posting.amount
        }
        let chained = posted.isEmpty ? [] : JournalCoding.chainBytes(entry)
        for case .account(let row) in entry.changes {
            var account = accounts[row.person] ?? Account()
            if let amount = posted.removeValue(forKey: row.person) {
                account.balance = account.balance.checkedAdding(amount) ?? Money(fen: .max)
                account.entries += 1
                account.head = JournalCoding.head(
                    after: account.head, chainBytes: chained, sha256: sha256)
            }
            let name = LedgerAccount.individual(row.person)
            if row.balance != account.balance {
                note(entry, "\(name) has \(row.balance), its postings sum to \(account.balance)")
            } else if row.balance < .zero {
                note(entry, "\(name) is below zero")
            }
            if row.entries != account.entries {
                note(entry, "\(name) counts \(row.entries) entries, there are \(account.entries)")
            }
            if row.head != account.head {
                note(entry, "\(name): the hash chain breaks here")
            }
            // Go on from what is stored, so that one break is one finding.
            accounts[row.person] = Account(
                balance: row.balance, entries: row.entries, head: row.head)
        }
        for person in posted.keys.sorted() {
            note(entry, "posts to \(LedgerAccount.individual(person)) without its new balance")
        }
    }

    /// An entry is booked under the business date; only a later date can take its place.
    private mutating func checkDate(_ entry: JournalEntry) {
        var date = businessDate ?? entry.bookedDate
        if entry.bookedDate != date {
            note(entry, "is booked under \(entry.bookedDate); the business date is \(date)")
        }
        for case .businessDate(let next) in entry.changes {
            if next <= date { note(entry, "ends \(date) for \(next), which is not later") }
            date = next
        }
        businessDate = date
    }

    /// A payment is what the date's postings to the institution sum to, and posts just that.
    private mutating func check(_ row: ClearingRow, of entry: JournalEntry) {
        let owed = owed[row.key] ?? 0
        if row.amount.fen != owed {
            note(
                entry,
                "pays \(row.key.institution) \(row.amount) for \(row.key.date); its postings of "
                    + "that date sum to \(Money(fen: owed))")
        }
        var posted: [LedgerAccount: Int64] = [:]
        for posting in entry.postings { posted[posting.account, default: 0] &+= posting.amount.fen }
        let expected: [LedgerAccount: Int64] =
            row.amount == .zero
            ? [:] : [.institution(row.key.institution): -row.amount.fen, .bank: row.amount.fen]
        if posted != expected {
            note(entry, "its postings are not those of a payment of \(row.amount)")
        }
    }

    private mutating func check(_ row: SettlementRow, of entry: JournalEntry) {
        report.settlements += 1
        if let identity = row.split.brokenIdentity() {
            note(entry, "settlement \(row.id) breaks \(identity)")
        }
        guard let key = entry.answer?.key else {
            return note(entry, "changes settlement \(row.id) without a request")
        }
        // What a settle takes, or what an undoing gives back, which is the mirror.
        let taken: Split
        if key == row.id.key {
            taken = row.split
        } else if let last = row.undone.last, last.key == key {
            let before = row.undone.dropLast().last?.standing ?? row.split
            taken = last.standing.less(before)
            if let identity = last.standing.brokenIdentity() {
                note(entry, "what remains of settlement \(row.id) breaks \(identity)")
            }
            if last.state != row.state {
                note(entry, "settlement \(row.id) is not what its last step says")
            }
        } else {
            return note(entry, "changes settlement \(row.id) without a step of its own")
        }
        checkPostings(of: entry, taking: taken, row)
    }

    private mutating func checkPostings(
        of entry: JournalEntry, taking split: Split, _ row: SettlementRow
    ) {
        var expected: [LedgerAccount: Int64] = [:]
        func add(_ account: LedgerAccount, _ amount: Money) {
            if amount != .zero { expected[account, default: 0] &+= amount.fen }
        }
        add(.individual(row.person), -split.account)
        for share in split.owners { add(.individual(share.owner), -share.amount) }
        add(.pool(row.policyRegion, row.insuranceType), -split.pooled)
        add(.large(row.policyRegion, row.insuranceType), -split.large)
        for share in split.plans { add(.supplement(share.plan), -share.amount) }
        add(.institution(row.institution), split.insured)
        expected = expected.filter { $0.value != 0 }
        var posted: [LedgerAccount: Int64] = [:]
        for posting in entry.postings where posting.amount != .zero {
            posted[posting.account, default: 0] &+= posting.amount.fen
        }
        if posted != expected {
            note(entry, "its postings are not those of settlement \(row.id)")
        }
    }
}

extension MemoryStore {
    /// Checks that the journal agrees with itself and the accounts with it.
    public func verify(sha256: @escaping SHA256Function) -> VerificationReport {
        var walk = Verification(sha256: sha256, answerKeys: .remembered)
        for entry in entries { walk.take(entry) }
        for (person, account) in walk.accounts {
            let row = AccountRow(
                person: person, balance: account.balance, entries: account.entries,
                head: account.head)
            if rows.accounts[person] != row {
                walk.note("\(LedgerAccount.individual(person))", "is not what the journal says")
            }
        }
        return walk.finish()
    }
}
