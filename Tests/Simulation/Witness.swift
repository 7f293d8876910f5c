import Ledger
import SettlementDomain

/// Reads the journal behind the daemons' backs and holds everything against the model.
///
/// The journal gives the order in which requests were decided, and nothing else is taken from it:
/// what each answer and each balance must be, the model says.
final class Witness {
    private(set) var model: Model
    /// What was recorded, as it must be answered from now on.
    private(set) var recorded: [ModelKey: [UInt8]] = [:]
    /// The operator's actions that were sent, until they are seen.
    var expectedActions: [OperatorAction] = []
    private(set) var entriesSeen: UInt64 = 0
    /// A digest of each entry that was seen, by its number.
    private var digests: [UInt64: UInt64] = [:]
    /// Terminals that were blocked, or whose institutions were suspended, at any time.
    private(set) var everRefused: Set<Int> = []
    private let town: Town
    private let disk: any SimulatedDisk
    private let tasks: TaskBook

    init(town: Town, disk: any SimulatedDisk, tasks: TaskBook) {
        self.town = town
        self.disk = disk
        self.tasks = tasks
        model = town.model
    }

    /// Passes over the entries that set the town up.
    func beginAfterSetUp() throws {
        while case .entries(let page)? = disk.read(.entries(after: entriesSeen, limit: 1_000)),
            let last = page.last
        {
            entriesSeen = last.sequence
        }
    }

    /// Looks at what is new in the journal, and then at every balance.
    ///
    /// - Returns: whether the journal could be read.
    @discardableResult
    func look() throws -> Bool {
        var isNew = false
        while true {
            guard case .entries(let page)? = disk.read(.entries(after: entriesSeen, limit: 100))
            else { return false }
            guard !page.isEmpty else { break }
            for entry in page { try take(entry) }
            isNew = true
        }
        if isNew { try checkState() }
        return true
    }

    /// Every entry that was ever seen is still there, as it was.
    func lookBack() throws {
        for (sequence, digest) in digests.sorted(by: { $0.key < $1.key }) {
            guard case .entries(let found)? = disk.read(.entry(sequence)), let entry = found.first,
                Self.digest(of: entry) == digest
            else { throw Violation("entry \(sequence) is gone, or another one") }
        }
    }

    private static func digest(of entry: JournalEntry) -> UInt64 {
        JournalCoding.encode(entry).withUnsafeBytes { XXHash64.hash($0, seed: entry.sequence) }
    }

    private func take(_ entry: JournalEntry) throws {
        guard entry.sequence == entriesSeen + 1 else {
            throw Violation("entry \(entry.sequence) follows entry \(entriesSeen)")
        }
        entriesSeen = entry.sequence
        digests[entry.sequence] = Self.digest(of: entry)
        guard entry.postings.reduce(0, { $0 + $1.amount.fen }) == 0 else {
            throw Violation("entry \(entry.sequence): its postings do not sum to zero")
        }
        guard let answer = entry.answer else { return try take(action: entry) }
        let key = Town.modelKey(answer.key)
        guard let task = tasks[key] else {
            throw Violation("entry \(entry.sequence): nobody sent \(key)")
        }
        let what = "entry \(entry.sequence), \(task.kind) \(key)"
        guard recorded[key] == nil else { throw Violation("\(what): executed twice") }
        guard let expected = model.decide(task.request, under: key) else {
            throw Violation(
                "\(what): recorded \(answer.code), \(answer.reason); the model records nothing")
        }
        guard task.kind == answer.kind else {
            throw Violation("\(what): recorded as \(answer.kind)")
        }
        try Comparison.check(answer.response, of: task.kind, is: expected, what)
        recorded[key] = answer.response
    }

    private func take(action entry: JournalEntry) throws {
        guard let place = expectedActions.firstIndex(where: { $0.isSeen(in: entry) }) else {
            throw Violation("entry \(entry.sequence): no operator asked for \(entry.changes)")
        }
        expectedActions.remove(at: place).apply(to: &model)
        everRefused.formUnion(
            model.terminals.indices.filter {
                model.blocked.contains($0) || model.institutions[model.terminals[$0]].isSuspended
            })
    }

    /// Balances, PIN tries, the year's use and all sums, as stored.
    private func checkState() throws {
        for number in model.persons.indices {
            let id = Town.person(number)
            guard case .accounts(let accounts)? = disk.read(.account(id)),
                case .cards(let cards)? = disk.read(.cardsOf(id)),
                case .accumulators(let rows)? = disk.read(
                    .accumulators(id, year: UInt16(Town.date(model.today).year)))
            else { return }
            let balance = model.balance(number)
            guard balance >= 0, (accounts.first?.balance.fen ?? 0) == Int64(balance) else {
                throw Violation(
                    "person \(number): \(accounts.first?.balance.fen ?? 0) fen stored, the model has \(balance)"
                )
            }
            let tries = model.persons[number].wrongPINs
            guard cards.first.map({ Int($0.triesFailed) }) == tries else {
                throw Violation("person \(number): not \(tries) wrong PINs stored")
            }
            let used = rows.first?.used ?? Accumulators()
            let expected = model.used(by: number, inYearOf: model.today)
            guard used.deductibleUsed.fen == expected.deductible,
                used.pooledUsed.fen == expected.pooled, used.largeUsed.fen == expected.large,
                used.used(by: Town.plan).fen == expected.plan
            else { throw Violation("person \(number): \(used) stored, the model has \(expected)") }
        }
        guard case .balances(let sums)? = disk.read(.balances) else { return }
        let stored = Dictionary(
            uniqueKeysWithValues: sums.map { ($0.account, Int($0.balance.fen)) }
        )
        .filter { $0.value != 0 }
        let expected = model.sums(Town.account)
        guard stored == expected else {
            throw Violation(
                "sums \(stored.sorted { $0.key < $1.key }), the model's \(expected.sorted { $0.key < $1.key })"
            )
        }
    }
}

/// What the operator does.
enum OperatorAction {
    case credit(person: Int, amount: Int, number: Int)
    case suspend(institution: Int, Bool)
    case freeze(person: Int, Bool)
    case block(terminal: Int, Bool)
    case closeDay(Int)

    func isSeen(in entry: JournalEntry) -> Bool {
        entry.changes.contains { change in
            switch (self, change) {
            case (.credit(let person, _, let number), .credit(let row)):
                row.key.person == Town.person(person) && row.key.reference == "credit-\(number)"
            case (.suspend(let institution, let isSuspended), .institution(let row)):
                row.institution.id == Town.institution(institution)
                    && (row.institution.contract == .suspended) == isSuspended
            case (.freeze(let person, let isFrozen), .person(let row)):
                row.person.id == Town.person(person) && row.frozen == isFrozen
            case (.block(let terminal, let isBlocked), .terminal(let row)):
                row.id == Town.terminal(terminal) && row.blocked == isBlocked
            case (.closeDay(let day), .businessDate(let date)): date == Town.date(day + 1)
            default: false
            }
        }
    }

    func apply(to model: inout Model) {
        switch self {
        case .credit(let person, let amount, _): model.credit(person, amount)
        case .suspend(let institution, let isSuspended):
            model.institutions[institution].isSuspended = isSuspended
        case .freeze(let person, let isFrozen): model.persons[person].isFrozen = isFrozen
        case .block(let terminal, let isBlocked):
            if isBlocked { model.blocked.insert(terminal) } else { model.blocked.remove(terminal) }
        case .closeDay(let day): model.today = day + 1
        }
    }
}
