import SettlementDomain

/// The rules that decide every request: pure, the same on every store and in every simulation.
///
/// Called by whoever owns the store, one request after the other; a request sees what those before
/// it in the batch have done.
public struct Ledger: Sendable {
    /// Limits that the rules go by.
    public struct Limits: Sendable, Hashable {
        /// How many days before the business date a key's date may lie.
        public var keyDaysMax: Int
        /// How many days before the business date a service may have been given.
        public var serviceDaysMax: Int
        /// The most lines of a bill.
        public var linesMax: Int
        /// A settlement is voided and refunded no more once so much has happened to it.
        public var undoingsMax: Int

        /// Creates limits; the defaults are those of Protocol/Sessions.md.
        public init(
            keyDaysMax: Int = 31, serviceDaysMax: Int = 366, linesMax: Int = 200,
            undoingsMax: Int = 100
        ) {
            self.keyDaysMax = keyDaysMax
            self.serviceDaysMax = serviceDaysMax
            self.linesMax = linesMax
            self.undoingsMax = undoingsMax
        }
    }

    let limits: Limits
    let sha256: SHA256Function
    let encodeResponse: ResponseEncoding

    /// Creates the rules with what they need from outside.
    ///
    /// - Parameters:
    ///   - limits: how far back dates may lie and how long bills may be.
    ///   - sha256: for hash chains and quote digests.
    ///   - encodeResponse: makes the body that is recorded and sent.
    public init(
        limits: Limits = Limits(), sha256: @escaping SHA256Function,
        encodeResponse: @escaping ResponseEncoding
    ) {
        self.limits = limits
        self.sha256 = sha256
        self.encodeResponse = encodeResponse
    }

    /// Decides one request on the rows of its batch and appends what it does to them.
    ///
    /// An answer that is recorded is in the entry that it appends; one that is not appends nothing.
    /// - Parameters:
    ///   - request: what is asked, by whom, under which key.
    ///   - millis: the daemon's clock, milliseconds since 1970 UTC.
    ///   - rows: what `keys(of:reference:into:)` asked for.
    /// - Returns: the body to send.
    public func decide(
        _ request: LedgerRequest, at millis: Int64, on rows: inout WorkingSet
    ) -> Decision {
        if request.command.isRecorded {
            if let recorded = rows.answers[request.key] {
                return again(recorded, to: request, at: millis, on: rows)
            }
            if rows.tombstones[request.key] != nil {
                return record(
                    refusal(.noActionTaken, .reversedBeforeArrival), of: request, at: millis,
                    on: &rows)
            }
        }
        switch request.command {
        case .settle(let command):
            return settle(command, of: request, at: millis, on: &rows, debits: true)
        case .quote(let command):
            return settle(command, of: request, at: millis, on: &rows, debits: false)
        case .inquire(let inquiry):
            return inquire(inquiry, of: request, at: millis, on: &rows)
        case .family(let command):
            return family(command, of: request, at: millis, on: &rows)
        case .query(let query):
            return permit(query, of: request, at: millis, on: &rows)
        case .contribute(let command):
            return contribute(command, of: request, at: millis, on: &rows)
        case .card(let command):
            return serve(command, of: request, at: millis, on: &rows)
        case .inpatient(let command):
            return decide(command, of: request, at: millis, on: &rows)
        case .claim(let command):
            return decide(command, of: request, at: millis, on: &rows)
        case .void(let command):
            return undo(request, at: millis, on: &rows) { find(command, of: request, on: $0) }
        case .refund(let command):
            return undo(request, at: millis, on: &rows) { find(command, of: request, on: $0) }
        case .reverse(let command):
            return reverse(command, of: request, at: millis, on: &rows)
        case .copyReceipt(let id):
            return respond(
                copy(of: id, for: request, on: rows), to: request, at: millis, on: rows)
        case .status(let original):
            return respond(
                status(of: original, on: rows), to: request, at: millis, on: rows)
        case .closeDay(let date, let next):
            return closeDay(date, next: next, of: request, at: millis, on: &rows)
        case .register(let registrations, let dryRun):
            return register(
                registrations, of: request, at: millis, on: &rows, dryRun: dryRun)
        }
    }

    /// The recorded answer; 94 where the same key came with other content.
    private func again(
        _ recorded: AnswerRow, to request: LedgerRequest, at millis: Int64, on rows: WorkingSet
    ) -> Decision {
        recorded.content == request.content
            ? Decision(
                response: recorded.response, replayed: true, code: recorded.code,
                reason: recorded.reason)
            : respond(
                refusal(.keyReused, .keyReused, "the key was used for other content"),
                to: request, at: millis, on: rows)
    }
}

/// A decision before date, time and clock are put to it.
struct Verdict {
    var code: ResponseCode
    var reason: Reason
    var detail = ""
    var triesLeft: UInt8 = 0
    var payload = Outcome.Payload.none
}

extension Ledger {
    /// The difference between the clocks from which on it is reported, seconds.
    static let clockDifferenceMin: Int64 = 300

    /// A refusal with nothing but its code, reason and place.
    func refusal(_ code: ResponseCode, _ reason: Reason, _ detail: String = "") -> Verdict {
        Verdict(code: code, reason: reason, detail: detail)
    }

    /// The outcome of a verdict at this time.
    func outcome(
        _ verdict: Verdict, of request: LedgerRequest, at millis: Int64, on rows: WorkingSet
    ) -> Outcome {
        let (gap, overflows) = request.terminalTime.subtractingReportingOverflow(millis / 1000)
        let difference = overflows ? (request.terminalTime < 0 ? .min : .max) : gap
        let isReported =
            request.terminalTime != 0 && difference.magnitude >= Self.clockDifferenceMin
        return Outcome(
            code: verdict.code, reason: verdict.reason, detail: verdict.detail,
            businessDate: rows.reference.businessDate, time: millis,
            clockDifference: isReported ? difference : 0, triesLeft: verdict.triesLeft,
            payload: verdict.payload)
    }

    /// Encodes a verdict that is not recorded.
    func respond(
        _ verdict: Verdict, to request: LedgerRequest, at millis: Int64, on rows: WorkingSet
    ) -> Decision {
        let outcome = outcome(verdict, of: request, at: millis, on: rows)
        return Decision(
            response: encodeResponse(outcome, request.command.kind), replayed: false,
            code: verdict.code, reason: verdict.reason)
    }

    /// Records a verdict with what it changes: one journal entry.
    ///
    /// The accounts come with their new balances and, still, the heads of their chains before it.
    func record(
        _ verdict: Verdict, of request: LedgerRequest, at millis: Int64, on rows: inout WorkingSet,
        settlement: SettlementID? = nil, postings: [Posting] = [], accounts: [AccountRow] = [],
        changes: [RowChange] = []
    ) -> Decision {
        let outcome = outcome(verdict, of: request, at: millis, on: rows)
        let response = encodeResponse(outcome, request.command.kind)
        var entry = JournalEntry(
            sequence: 0, time: millis, bookedDate: rows.reference.businessDate,
            kind: request.command.kind, voucher: request.voucher,
            answer: AnswerRow(
                key: request.key, kind: request.command.kind, content: request.content,
                code: verdict.code, reason: verdict.reason, response: response,
                settlement: settlement),
            postings: postings, changes: changes)
        chain(accounts, into: &entry)
        rows.append(entry)
        return Decision(
            response: response, replayed: false, code: verdict.code, reason: verdict.reason)
    }

    /// Adds the accounts' rows to an entry, each with the next hash of its chain.
    func chain(_ accounts: [AccountRow], into entry: inout JournalEntry) {
        guard !accounts.isEmpty else { return }
        var writer = ByteWriter(capacity: 1024)
        writer.digest(.zero)
        JournalCoding.writeChainBytes(of: entry, to: &writer)
        for var account in accounts {
            writer.overwriteStart(with: account.head)
            account.head = writer.withUnsafeBytes(sha256)
            account.entries += 1
            entry.changes.append(.account(account))
        }
    }
}
