import Ledger
import Logging
import NIOCore
import SettlementDomain
import SettlementProtocol

/// Decides waiting requests in batches, each in one transaction of the store, and gives out the
/// answers once the transaction is durable.
///
/// Owns the store; lives on one thread. An answer says 91 only where it is certain that nothing was
/// executed, and 96 where that cannot be found out.
final class Committer {
    /// What the committer works with besides the store.
    struct Surroundings: Sendable {
        var ledger: Ledger
        var clock: any WallClock
        var queue: CommitQueue
        /// Which of the queue's lanes it takes from.
        var lane = 0
        /// Seconds after which an idle committer looks whether others have changed reference data;
        /// nil: there are no others.
        var patience: Double?
        /// At most so many requests share a transaction.
        var batchMax: Int
        var holder: ReferenceHolder
        /// From where too many wrong PINs came; shared by all committers of a daemon.
        var wrongPINs = WrongPINs(.off)
        /// Called before a change of reference data is published: a new terminal's key is there
        /// before the terminal can sign on.
        var reloadKeys: @Sendable () throws -> Void = {}
        /// Takes a batch's answers, sorted by origin.
        var deliver: @Sendable ([Reply]) -> Void
        var metrics: ServerMetrics
        var logger: Logger
    }

    /// How often a batch that met another writer is begun again before it is given up.
    static let conflictsMax = 16

    private let store: any LedgerStore
    private let around: Surroundings
    private var reference: Reference
    private var keys = LoadKeys()
    /// After a fault the reference may be out of date: read it again before the next batch.
    private var referenceIsStale = false
    private var faultLog = FaultLog()
    private var rowsReadAhead = 0

    init(store: any LedgerStore, reference: Reference, surroundings: Surroundings) {
        self.store = store
        self.reference = reference
        around = surroundings
    }

    /// Works until the queue is closed and empty.
    func run() {
        var batch: [PendingRequest] = []
        var readsAhead = true
        while around.queue.take(
            into: &batch, countMax: around.batchMax, lane: around.lane,
            patience: readsAhead ? 0 : around.patience)
        {
            if batch.isEmpty, readsAhead {
                readsAhead = readAhead()
            } else {
                work(on: batch)
            }
        }
    }

    /// Uses a moment in which nothing is asked to read what will be; false: nothing is left to read.
    func readAhead() -> Bool {
        do throws(StoreFault) {
            let rows = try store.readAhead()
            rowsReadAhead += rows
            if rows == 0, rowsReadAhead > 0 {
                around.logger.notice(
                    "what requests ask for was read into memory",
                    metadata: ["rows": "\(rowsReadAhead)"])
            }
            return rows > 0
        } catch {
            // Whoever asks for such a row is told.
            report(error, requests: 0)
            return false
        }
    }

    /// Answers a batch, gives out its answers, and does what was put off for them; an empty batch
    /// is the time to look what others have changed.
    func work(on batch: [PendingRequest]) {
        guard !batch.isEmpty else { return lookAround() }
        let began = NIODeadline.now()
        for part in Self.parts(of: batch) {
            let replies = replies(to: part)
            let dayCloses = part.count { $0.closesDay }
            if dayCloses > 0 { around.queue.dayClosed(dayCloses) }
            around.deliver(dayCloses == 0 ? replies : replies.filter { $0.origin != .nobody })
            store.tidy()
        }
        readDays(for: batch)
        around.metrics.committed(
            requests: batch.count, nanoseconds: (NIODeadline.now() - began).nanoseconds)
    }

    /// A batch, cut behind each request that decides which rows later ones read.
    static func parts(of batch: [PendingRequest]) -> [[PendingRequest]] {
        guard batch.dropLast().contains(where: \.endsBatch) else { return [batch] }
        var parts: [[PendingRequest]] = [[]]
        for pending in batch {
            if parts.last?.last?.endsBatch == true { parts.append([]) }
            parts[parts.endIndex - 1].append(pending)
        }
        return parts
    }

    /// Answers every request of such a part, sorted by origin.
    func replies(to batch: [PendingRequest]) -> [Reply] {
        var undecided: [Undecided] = []
        var questions: [(PendingRequest, StoreQuestion)] = []
        undecided.reserveCapacity(batch.count)
        for pending in batch {
            switch pending.work {
            case .decide(let request): undecided.append(Undecided(pending, request))
            case .read(let question): questions.append((pending, question))
            case .readDay: break
            }
        }
        var replies = undecided.isEmpty ? [] : decide(undecided)
        for (pending, question) in questions { replies.append(answer(question, pending)) }
        if replies.count > 1 { replies.sort { $0.origin < $1.origin } }
        return replies
    }
}

extension Committer {
    private struct Undecided {
        var origin: Origin
        var arrived: NIODeadline
        var request: LedgerRequest

        init(_ pending: PendingRequest, _ request: LedgerRequest) {
            origin = pending.origin
            arrived = pending.arrived
            self.request = request
        }
    }

    /// Decides and commits; a fault becomes answers.
    private func decide(_ batch: [Undecided]) -> [Reply] {
        var conflicts = 0
        while true {
            do throws(StoreFault) {
                try refreshReference()
                return try attempt(batch)
            } catch {
                switch error {
                case .conflict, .outdatedReference:
                    if case .outdatedReference = error { referenceIsStale = true }
                    around.metrics.batchConflicted()
                    conflicts += 1
                    if conflicts < Self.conflictsMax { continue }
                case .unavailable, .outcomeUnknown, .corrupt: break
                }
                report(error, requests: batch.count)
                return batch.map { failed($0, .unavailable, .storeUnavailable) }
            }
        }
    }

    /// One round of load, decide, commit.
    ///
    /// - Throws: only faults after which nothing was executed.
    private func attempt(_ batch: [Undecided]) throws(StoreFault) -> [Reply] {
        keys.removeAll()
        for item in batch {
            around.ledger.keys(of: item.request, reference: reference, into: &keys)
        }
        var rows = try store.load(keys, reference: reference)
        let millis = around.clock.milliseconds
        var replies: [Reply] = []
        replies.reserveCapacity(batch.count)
        var wrote: [Bool] = []
        var tries = around.wrongPINs.batch(at: millis)
        for var item in batch {
            let entries = rows.entries.count
            tries.withhold(from: &item.request, reference)
            let decision = around.ledger.decide(item.request, at: millis, on: &rows)
            replies.append(reply(item, decision))
            wrote.append(rows.entries.count > entries)
            if decision.code == .wrongPIN || decision.code == .pinTriesExceeded {
                tries.note(rows.entries[entries...], of: item.request, reference)
            }
        }
        guard !rows.entries.isEmpty else {
            answerQueries(of: batch, rows, &replies)
            return replies
        }
        do throws(StoreFault) {
            try store.commit(rows.entries)
        } catch {
            switch error {
            case .unavailable, .conflict, .outdatedReference: throw error
            case .outcomeUnknown, .corrupt:
                report(error, requests: batch.count)
                // What may have been counted against a card counts here.
                tries.count(around.metrics, around.logger)
                return answersAfterUnknownOutcome(batch, wrote: wrote)
            }
        }
        if let mended = store.takeMended() { report(mended, requests: batch.count, isMended: true) }
        tries.count(around.metrics, around.logger)
        adopt(rows.entries)
        answerQueries(of: batch, rows, &replies)
        return replies
    }

    /// Reads what permitted queries ask for, once their permissions are durable.
    private func answerQueries(
        of batch: [Undecided], _ rows: WorkingSet, _ replies: inout [Reply]
    ) {
        for (index, item) in batch.enumerated() {
            guard case .query(let query) = item.request.command,
                replies[index].code == .approved
            else { continue }
            do throws(StoreFault) {
                guard let (person, name) = around.ledger.person(of: query, on: rows) else {
                    replies[index] = failed(item, .unavailable, .storeUnavailable)
                    continue
                }
                replies[index].body = ResponseEncoder.query(
                    try store.answer(
                        query.question, of: person,
                        employer: reference.terminals[item.request.key.terminal]?.employer),
                    nameMasked: name,
                    recorded: replies[index].body)
            } catch {
                report(error, requests: 1)
                replies[index] = failed(item, .unavailable, .storeUnavailable)
            }
        }
    }

    /// 96 for what may have been executed; the rest, which writes nothing, is decided again.
    ///
    /// A request under the same key as one that may have been executed is no more certain than
    /// that one.
    private func answersAfterUnknownOutcome(_ batch: [Undecided], wrote: [Bool]) -> [Reply] {
        var unknown: Set<RequestKey> = []
        for (item, wrote) in zip(batch, wrote) where wrote && item.request.command.isRecorded {
            unknown.insert(item.request.key)
        }
        var replies: [Reply] = []
        var again: [Undecided] = []
        for (item, wrote) in zip(batch, wrote) {
            if wrote || (item.request.command.isRecorded && unknown.contains(item.request.key)) {
                replies.append(failed(item, .malfunction, .outcomeUnknown))
            } else {
                again.append(item)
            }
        }
        return again.isEmpty ? replies : replies + decide(again)
    }

    /// Publishes reference data that these entries changed.
    private func adopt(_ entries: [JournalEntry]) {
        var isChanged = false
        for entry in entries where entry.kind.rawValue >= RequestKind.operatorApply.rawValue {
            for change in entry.changes where reference.apply(change) { isChanged = true }
        }
        if isChanged { publish() }
    }

    /// Learns what others have changed while nothing was asked here.
    private func lookAround() {
        do throws(StoreFault) {
            if try store.isReferenceOutdated() { referenceIsStale = true }
            try refreshReference()
        } catch {
            // Whoever asks for something next is told.
            referenceIsStale = true
        }
    }

    private func refreshReference() throws(StoreFault) {
        guard referenceIsStale else { return }
        reference = try store.loadReference()
        referenceIsStale = false
        publish()
    }

    /// Makes reference data known to sessions, terminals' keys first.
    private func publish() {
        do {
            try around.reloadKeys()
        } catch {
            around.logger.error("keys could not be read again", metadata: ["why": "\(error)"])
        }
        let before = around.holder.current.reference.businessDate
        guard around.holder.publish(ReferenceSnapshot(reference), version: store.referenceVersion)
        else { return }
        if reference.businessDate != before {
            around.logger.notice(
                "the business date has moved",
                metadata: ["from": "\(before)", "to": "\(reference.businessDate)"])
            around.metrics.dayClosed(reference.businessDate)
        }
    }

    private func reply(_ item: Undecided, _ decision: Decision) -> Reply {
        var body = decision.response
        if decision.replayed {
            ResponseEncoder.markReplayed(&body)
            around.metrics.answerReplayed()
        }
        return Reply(
            origin: item.origin, body: body, code: decision.code, reason: decision.reason,
            arrived: item.arrived)
    }

    private func failed(_ item: Undecided, _ code: ResponseCode, _ reason: Reason) -> Reply {
        Reply(
            origin: item.origin, body: result(code, reason), code: code, reason: reason,
            arrived: item.arrived)
    }

    private func result(_ code: ResponseCode, _ reason: Reason) -> [UInt8] {
        ResponseEncoder.result(
            code: code, reason: reason, businessDate: reference.businessDate,
            time: around.clock.milliseconds)
    }

    /// Logs and counts a fault; what it says about the store never reaches a terminal.
    private func report(_ fault: StoreFault, requests: Int, isMended: Bool = false) {
        referenceIsStale = true
        let (name, text) =
            switch fault {
            case .unavailable(let why) where isMended: ("mended", why)
            case .unavailable(let why): ("unavailable", why)
            case .conflict, .outdatedReference:
                ("conflict", "another writer came between, \(Self.conflictsMax) times")
            case .outcomeUnknown(let why): ("outcome_unknown", why)
            case .corrupt(let what): ("corrupt", what)
            }
        around.metrics.storeFailed(name)
        guard let unlogged = faultLog.take(name, at: around.clock.milliseconds) else { return }
        around.logger.log(
            level: name == "corrupt" ? .critical : .error,
            isMended ? "the store failed, and nothing of it is lost" : "the store failed",
            metadata: [
                "fault": "\(name)", "why": "\(text)", "requests": "\(requests)",
                "unlogged_before": "\(unlogged)",
            ])
    }

    /// Reads what a batch's reconciliations need, once its answers are on their way.
    private func readDays(for batch: [PendingRequest]) {
        for case .readDay(let reading) in batch.lazy.map(\.work) {
            do throws(StoreFault) {
                reading.deliver(.success(try reading.pages(from: store)))
            } catch {
                report(error, requests: 1)
                reading.deliver(.failure(error))
            }
        }
    }

    /// Answers an operator's question.
    private func answer(_ question: StoreQuestion, _ pending: PendingRequest) -> Reply {
        let date = reference.businessDate
        let time = around.clock.milliseconds
        let answer: OperatorAnswer
        do throws(StoreFault) {
            answer = .page(
                try store.read(question), of: question, businessDate: date, time: time)
        } catch {
            report(error, requests: 1)
            answer = .refusal(
                .unavailable, .storeUnavailable, detail: "\(error)", businessDate: date, time: time)
        }
        return answer.reply(to: pending.origin, arrived: pending.arrived)
    }
}

extension TerminalRow {
    /// The employer whose own employees alone this terminal asks about; nil for any other terminal.
    fileprivate var employer: InstitutionID? { role == .employer ? institution : nil }
}
