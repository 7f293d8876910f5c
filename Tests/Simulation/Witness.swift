import Ledger
import SettlementDomain
import SettlementProtocol

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
    /// Questions that were asked and not judged yet, and answers to some of them.
    private var questions: [SimulatedQuestion] = []
    private var answers: [(question: SimulatedQuestion, response: TerminalResponse)] = []
    /// Lines of a declaration that were paid and whose page is not seen yet.
    private var declaredLines = 0
    var checks = 0
    /// Requests that were decided, by kind and code.
    private(set) var decided: [String: Int] = [:]
    private(set) var questionsJudged = 0
    private let events: Trace
    let town: Town
    let disk: any SimulatedDisk
    private let tasks: TaskBook

    init(town: Town, disk: any SimulatedDisk, tasks: TaskBook, events: Trace) {
        self.events = events
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
            for entry in page {
                try take(entry)
                for question in questions { question.allow(reply(to: question)) }
            }
            isNew = true
        }
        if isNew { try checkState() }
        try judgeAnswers()
        return true
    }

    /// A question may be answered what is true from now on.
    func open(_ question: SimulatedQuestion) {
        question.allow(reply(to: question))
        questions.append(question)
    }

    /// No answer comes to it any more.
    func drop(_ question: SimulatedQuestion) { questions.removeAll { $0 === question } }

    /// Holds an answer against what was true since it was asked, once all is seen that it may have
    /// seen.
    func close(_ question: SimulatedQuestion, _ response: TerminalResponse) throws {
        question.isAnswered = true
        answers.append((question, response))
        try look()
    }

    private func reply(to question: SimulatedQuestion) -> ModelReply {
        model.reply(to: question.question, digest: SimulatedQuestion.digest)
    }

    private func judgeAnswers() throws {
        let judged = answers
        answers = []
        for (question, response) in judged {
            drop(question)
            questionsJudged += 1
            try Comparison.check(response, to: question, recorded: recorded, today: model.today)
        }
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
        guard let answer = entry.answer else {
            if entry.kind == .contributionDeclaration {
                declaredLines += 1
                return
            }
            return try take(action: entry)
        }
        let key = Town.modelKey(answer.key)
        guard let task = tasks[key] else {
            throw Violation("entry \(entry.sequence): nobody sent \(key)")
        }
        let what = "entry \(entry.sequence), \(task.kind) \(key)"
        guard recorded[key] == nil else { throw Violation("\(what): executed twice") }
        let paid = model.contributions.count
        guard let expected = model.decide(task.request, under: key) else {
            throw Violation(
                "\(what): recorded \(answer.code), \(answer.reason); the model records nothing")
        }
        guard task.kind == answer.kind else {
            throw Violation("\(what): recorded as \(answer.kind)")
        }
        events.note("\(what): \(answer.code), \(answer.reason)")
        try Comparison.check(answer.response, of: task.kind, is: expected, what)
        if task.kind == .contributionDeclaration {
            guard model.contributions.count - paid == declaredLines else {
                throw Violation("\(what): \(declaredLines) of its lines were paid")
            }
            declaredLines = 0
        }
        recorded[key] = answer.response
        decided["\(task.kind) \(answer.code.text)", default: 0] += 1
    }

    private func take(action entry: JournalEntry) throws {
        guard let place = expectedActions.firstIndex(where: { $0.isSeen(in: entry) }) else {
            throw Violation("entry \(entry.sequence): no operator asked for \(entry.changes)")
        }
        let action = expectedActions.remove(at: place)
        events.note("entry \(entry.sequence): the operator's \(action)")
        guard action.apply(to: &model) else {
            throw Violation("entry \(entry.sequence): \(action) was not to be done")
        }
        everRefused.formUnion(
            model.terminals.indices.filter {
                model.blocked.contains($0) || model.institutions[model.terminals[$0]].isSuspended
            })
    }
}
