import SettlementDomain

/// What a step does to a claim.
struct ClaimStep {
    var claim: ClaimRow
    var postings: [Posting] = []
    var changes: [RowChange] = []
}

extension Ledger {
    /// Adds the rows that a step of a claim reads.
    func add(_ command: ClaimCommand, _ reference: Reference, to keys: inout LoadKeys) {
        add(command.asking, to: &keys)
        guard case .submit(let submission) = command else {
            keys.claims.append(
                LoadKeys.Claim(
                    subject: command.asking.subject, decides: command.kind == .claimDecide))
            return
        }
        if case .card(let number) = submission.payee {
            keys.cards.append(LoadKeys.Card(number: number, year: nil, family: false))
        }
        let bills = submission.bills.map { submitted in
            let bill = submitted.bill
            return LoadKeys.Claim.Bill(
                key: bill.key, institution: bill.place.institution,
                serviceDate: bill.serviceDate, total: bill.total,
                codes: submitted.lines
                    .compactMap {
                        itemCode(of: $0, version: submission.catalogVersion, in: reference)
                    }
                    .filter { reference.needsHistory($0, on: bill.serviceDate) },
                traceCodes: submitted.lines.flatMap(\.traceCodes))
        }
        // With all that deciding reads: the decision may come in the same batch.
        keys.claims.append(
            LoadKeys.Claim(subject: submission.asking.subject, bills: bills, decides: true))
    }

    /// Decides a step of a claim.
    /// - Source: Protocol/Claims.md.
    func decide(
        _ command: ClaimCommand, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        let admitted: Admitted
        switch admit(command.asking, of: request, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return answer(
                verdict, recorded: recorded, card: card, to: request, at: millis, on: &rows)
        case .passed(let passed): admitted = passed
        }
        if let lapsed = lapse(of: command, at: millis, on: rows) {
            return record(
                refusal(
                    .invalidTransaction, .claimStateDiffers,
                    "the wanted documents did not come in time: the claim has lapsed"),
                of: request, at: millis, on: &rows, changes: admitted.changes + lapsed)
        }
        switch step(command, admitted.person, request, at: millis, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows, changes: admitted.changes)
        case .passed(let step):
            let answer = ClaimAnswer(
                claim: step.claim, nameMasked: MaskedName.of(admitted.person.name))
            return record(
                Verdict(code: .approved, reason: .none, payload: .claim(answer)), of: request,
                at: millis, on: &rows, postings: step.postings,
                changes: admitted.changes + [.claim(step.claim)] + step.changes)
        }
    }

    private func step(
        _ command: ClaimCommand, _ person: PersonRow, _ request: LedgerRequest,
        at millis: Int64, on rows: WorkingSet
    ) -> Guarded<ClaimStep> {
        let today = rows.reference.businessDate
        func event(
            _ step: ClaimEvent.Step, _ clerk: String, _ text: String = "",
            _ documents: [ClaimDocument] = []
        ) -> ClaimEvent {
            ClaimEvent(
                step: step, date: today, time: millis, clerk: clerk, text: text,
                documents: documents)
        }
        switch command {
        case .submit(let submission):
            let event = event(.submit, submission.clerk, "", submission.documents)
            return submit(submission, of: person, event, request, on: rows)
        case .review(let id, let clerk, let review):
            switch review {
            case .takeUp: return self.review(id, event(.takeUp, clerk), on: rows)
            case .wantDocuments(let documents, let text):
                return self.review(id, event(.wantDocuments, clerk, text, documents), on: rows)
            case .supplement(let documents, let text):
                return self.review(id, event(.supplement, clerk, text, documents), on: rows)
            case .withdraw(let text):
                return self.review(id, event(.withdraw, clerk, text), on: rows)
            }
        case .decide(let id, let clerk, .refuse(let text)):
            return refuse(id, event(.refuse, clerk, text), on: rows)
        case .decide(let id, let clerk, .approve(let share, let disallowed)):
            return approve(id, event(.approve, clerk), person, share, disallowed, on: rows)
        case .pay(let id, let clerk, let reference):
            return pay(id, event(.pay, clerk, reference), on: rows)
        }
    }

    /// The deadlines that hold for a person's claims today.
    func claimTerms(of person: PersonID, on rows: WorkingSet) -> ClaimTerms {
        let region = rows.persons[person]?.person.region
        return region.flatMap {
            rows.reference.policy(of: $0, on: rows.reference.businessDate)?.claims
        } ?? .standard
    }

    /// The claim with one event more; refused where the step does not fit its state.
    func claim(
        _ id: ClaimID, _ event: ClaimEvent, from states: Set<ClaimRow.State>, on rows: WorkingSet
    ) -> Guarded<ClaimRow> {
        guard var claim = rows.claims[id] else {
            return refused(.originalNotFound, .claimUnknown)
        }
        guard states.contains(claim.state) else {
            return refused(
                .invalidTransaction, .claimStateDiffers,
                "the claim is \(claim.state.name); \(event.step.name) needs "
                    + states.map(\.name).sorted().joined(separator: " or "))
        }
        claim.events.append(event)
        return .passed(claim)
    }

    /// Lets go of the bills of a claim that pays nothing.
    func freedBills(of claim: ClaimRow, on rows: WorkingSet) -> [RowChange] {
        claim.bills.compactMap { bill in
            rows.bills[bill.key]?.holder == .claim(claim.id)
                ? .bill(BillRow(key: bill.key, holder: nil)) : nil
        }
    }

    // MARK: Lapse

    /// What ends a claim whose wanted documents did not come; nil where it goes on.
    private func lapse(
        of command: ClaimCommand, at millis: Int64, on rows: WorkingSet
    ) -> [RowChange]? {
        guard case .claim(let id) = command.asking.subject else { return nil }
        return lapse(id, at: millis, on: rows)
    }

    private func lapse(_ id: ClaimID, at millis: Int64, on rows: WorkingSet) -> [RowChange]? {
        let today = rows.reference.businessDate
        guard var claim = rows.claims[id], claim.hasLapsed(on: today) else { return nil }
        claim.events.append(ClaimEvent(step: .lapse, date: today, time: millis, clerk: ""))
        claim.state = .lapsed
        claim.due = nil
        return [.claim(claim)] + freedBills(of: claim, on: rows)
    }

    /// Ends a claim whose wanted documents did not come; `unchanged` where it goes on.
    func applyLapse(
        of id: ClaimID, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        guard rows.claims[id] != nil else { return .refused("there is no claim \(id)") }
        guard let changes = lapse(id, at: millis, on: rows) else { return .unchanged }
        rows.append(entry(at: millis, on: rows, changes: changes))
        return .changed
    }
}
