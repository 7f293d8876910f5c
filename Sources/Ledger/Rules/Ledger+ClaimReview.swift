import SettlementDomain

extension Ledger {
    // MARK: Submission

    /// Takes a claim in, in the order of Protocol/Claims.md, "Submit".
    func submit(
        _ submission: ClaimSubmission, of person: PersonRow, _ event: ClaimEvent,
        _ request: LedgerRequest, on rows: WorkingSet
    ) -> Guarded<ClaimStep> {
        let lineCount = submission.bills.reduce(0) { $0 + $1.lines.count }
        guard submission.bills.allSatisfy({ !$0.lines.isEmpty }), lineCount <= ClaimRow.linesMax
        else {
            return refused(
                .invalidAmount, .linesOutOfRange,
                "bills: \(lineCount) lines, not 1...\(ClaimRow.linesMax) with one in each bill")
        }
        guard let agency = rows.reference.terminals[request.key.terminal]?.institution else {
            return refused(.institutionInvalid, .institutionUnknown)
        }
        guard let payee = submission.payee else {
            return refused(.formatError, .fieldMissing, "payee")
        }
        if case .card(let number) = payee,
            let verdict = guardPayee(number, of: person.person.id, on: rows)
        {
            return .refused(verdict, recorded: true, card: nil)
        }
        let id = ClaimID(request.key)
        let terms = claimTerms(of: person.person.id, on: rows)
        var claim = ClaimRow(
            id: id, person: person.person.id, state: .submitted, agency: agency, bills: [],
            documents: submission.documents, payee: payee, events: [event],
            due: rows.reference.businessDate.adding(days: terms.decisionDays))
        var changes: [RowChange] = []
        for (index, submitted) in submission.bills.enumerated() {
            let path = "bills[\(index)]"
            switch bill(submitted, submission, of: person, terms, agency, path, on: rows) {
            case .refused(let verdict, let recorded, let card):
                return .refused(verdict, recorded: recorded, card: card)
            case .passed(let bill):
                guard !claim.bills.contains(where: { $0.key == bill.key }) else {
                    return refused(
                        .invalidTransaction, .billClaimed, "\(path): twice in this claim")
                }
                claim.bills.append(bill)
                changes.append(.bill(BillRow(key: bill.key, holder: .claim(id))))
            }
        }
        return .passed(ClaimStep(claim: claim, changes: changes))
    }

    /// The card must be one of the person's that is not cancelled.
    private func guardPayee(
        _ number: CardNumber, of person: PersonID, on rows: WorkingSet
    ) -> Verdict? {
        guard let card = rows.cards[number], card.person == person else {
            return refusal(.noSuchCard, .cardUnknown, "payee.card: no card of the person")
        }
        return card.state == .cancelled
            ? refusal(.noSuchCard, .cardCancelled, "payee.card") : nil
    }

    /// A bill with its place and the codes of its items, where it is in order.
    private func bill(
        _ submitted: SubmittedBill, _ submission: ClaimSubmission, of person: PersonRow,
        _ terms: ClaimTerms, _ agency: InstitutionID, _ path: String, on rows: WorkingSet
    ) -> Guarded<ClaimBill> {
        var bill = submitted.bill
        let today = rows.reference.businessDate
        if let verdict = complete(&bill.place, path, on: rows) {
            return .refused(verdict, recorded: true, card: nil)
        }
        let age = bill.serviceDate.days(to: today)
        guard age >= 0, age <= terms.submitDays else {
            return refused(
                .invalidTransaction, .serviceDateInvalid,
                "\(path).service_date \(bill.serviceDate): not in the \(terms.submitDays) days "
                    + "to \(today)")
        }
        switch priced(submitted.lines, submission.catalogVersion, in: rows.reference) {
        case .refused(var verdict, let recorded, let card):
            verdict.detail = "\(path): \(verdict.detail)"
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let lines): bill.lines = lines
        }
        if let problem = Bill.problem(of: bill.lines, total: bill.total) {
            return refused(.invalidAmount, problem.reason, "\(path).\(problem.detail)")
        }
        if case .refused(var verdict, let recorded, let card) = rules(
            of: bill, person, takenInBy: agency, on: rows)
        {
            verdict.detail = "\(path): \(verdict.detail)"
            return .refused(verdict, recorded: recorded, card: card)
        }
        if let verdict = held(rows.bills[bill.key]?.holder, path)
            ?? settled(bill, of: person.person.id, path, on: rows)
        {
            return .refused(verdict, recorded: true, card: nil)
        }
        return .passed(bill)
    }

    /// Puts in what is known of the place; refuses one that is not, or that hides a known one.
    private func complete(
        _ place: inout ClaimPlace, _ path: String, on rows: WorkingSet
    ) -> Verdict? {
        if let id = place.institution {
            guard let known = rows.reference.institutions[id]?.institution else {
                return refusal(
                    .invalidTransaction, .institutionUnknown, "\(path).place.institution \(id)")
            }
            place = ClaimPlace(
                institution: id, code: id.text, name: known.name, kind: known.kind,
                level: known.level)
            return nil
        }
        // However it is spelled, as a bill's name is.
        guard let id = InstitutionID(BillKey(code: place.code, number: "").code),
            rows.reference.institutions[id] != nil
        else { return nil }
        return refusal(
            .invalidTransaction, .placeKnown,
            "\(path).place.code \(id): known here; name it as institution")
    }

    /// Refuses a bill that a settlement of the person seems to be.
    func settled(
        _ bill: ClaimBill, of person: PersonID, _ path: String, on rows: WorkingSet
    ) -> Verdict? {
        let like = rows.settlements.values.filter { row in
            row.person == person && row.institution == bill.place.institution
                && row.serviceDate == bill.serviceDate && row.split.total == bill.total
                && row.state != .voided && row.state != .reversed && row.state != .refunded
                && !bill.distinctFrom.contains(row.id)
        }
        guard let first = like.map(\.id.key).min().map(SettlementID.init) else { return nil }
        return refusal(
            .invalidTransaction, .billSettled,
            "\(path): settled by \(first); name it in distinct_from if it is another bill")
    }

    // MARK: Review

    /// Does a step on the way to a decision.
    func review(
        _ id: ClaimID, _ event: ClaimEvent, on rows: WorkingSet
    ) -> Guarded<ClaimStep> {
        let states: Set<ClaimRow.State> =
            switch event.step {
            case .takeUp: [.submitted]
            case .wantDocuments: [.inReview]
            default: [.submitted, .inReview, .documentsWanted]
            }
        var claim: ClaimRow
        switch self.claim(id, event, from: states, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let found): claim = found
        }
        guard claim.events.count <= ClaimRow.eventsMax || event.step == .withdraw else {
            return refused(
                .frequencyLimit, .claimFull, "the claim has \(ClaimRow.eventsMax) steps: decide it")
        }
        let today = rows.reference.businessDate
        let terms = claimTerms(of: claim.person, on: rows)
        var step = ClaimStep(claim: claim)
        switch event.step {
        case .takeUp: claim.state = .inReview
        case .wantDocuments:
            claim.state = .documentsWanted
            claim.due = today.adding(days: terms.documentDays)
        case .supplement:
            guard claim.documents.count + event.documents.count <= ClaimRow.documentsMax else {
                return refused(
                    .frequencyLimit, .claimFull,
                    "documents: more than \(ClaimRow.documentsMax) in all")
            }
            claim.documents += event.documents
            if claim.state == .documentsWanted {
                claim.state = .inReview
                claim.due = today.adding(days: terms.decisionDays)
            }
        default:
            claim.state = .withdrawn
            claim.due = nil
            step.changes = freedBills(of: claim, on: rows)
        }
        step.claim = claim
        return .passed(step)
    }
}
