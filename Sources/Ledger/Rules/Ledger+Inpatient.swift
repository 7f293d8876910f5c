import SettlementDomain

extension Ledger {
    /// Decides what a hospital asks about a stay.
    /// - Source: Protocol/Inpatient.md.
    func decide(
        _ command: InpatientCommand, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        if case .details(let id, let view, let from) = command {
            return respond(
                details(of: id, view, from: from, for: request, on: rows), to: request, at: millis,
                on: rows)
        }
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        switch command {
        case .admit(let command): return beginStay(command, request, at: millis, on: &rows)
        case .upload(let command): return upload(command, request, at: millis, on: &rows)
        case .cancel(let id, let upload):
            return cancel(upload, of: id, request, at: millis, on: &rows)
        case .discharge(let command, let debits):
            return discharge(command, request, at: millis, on: &rows, debits: debits)
        case .details:
            // Answered above: it needs no key of its own.
            return respond(
                refusal(.notSupported, .kindUnknown), to: request, at: millis, on: rows)
        }
    }

    /// The stay that a request names; at a terminal of its institution alone.
    func stay(
        _ id: AdmissionID, of request: LedgerRequest, on rows: WorkingSet
    ) -> Guarded<AdmissionRow> {
        guard let row = rows.admissions[id] else {
            return refused(.originalNotFound, .admissionUnknown)
        }
        guard rows.reference.terminals[request.key.terminal]?.institution == row.institution else {
            return refused(.notPermittedToTerminal, .otherInstitution)
        }
        return .passed(row)
    }

    /// As `stay`, where its fees may still be changed.
    private func openStay(
        _ id: AdmissionID, of request: LedgerRequest, on rows: WorkingSet
    ) -> Guarded<AdmissionRow> {
        guard case .passed(let row) = stay(id, of: request, on: rows) else {
            return stay(id, of: request, on: rows)
        }
        switch row.state {
        case .open: return .passed(row)
        case .discharged:
            return refused(.invalidTransaction, .admissionClosed, "the stay is settled")
        case .cancelled:
            return refused(.invalidTransaction, .admissionClosed, "the stay is cancelled")
        }
    }

    // MARK: Admission

    private func beginStay(
        _ command: AdmitCommand, _ request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        let reference = rows.reference
        guard let terminal = reference.terminals[request.key.terminal],
            let institution = reference.institutions[terminal.institution]?.institution,
            institution.permittedVisitTypes.contains(.inpatient)
        else {
            return record(
                refusal(
                    .invalidTransaction, .visitTypeNotPermitted, "the institution has no inpatients"
                ), of: request, at: millis, on: &rows)
        }
        let day = command.admittedOn ?? request.key.date
        if let verdict = guardDay(day, "admitted_on", on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        let payer: Payer
        switch guardCard(command.card, command.proof, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return answer(
                verdict, recorded: recorded, card: card, to: request, at: millis, on: &rows)
        case .passed(let passed): payer = passed
        }
        let cardChange: [RowChange] = payer.changesCard ? [.card(payer.card)] : []
        let person = payer.person.person
        if let verdict = guardNewStay(of: person, on: day, rows) {
            return record(verdict, of: request, at: millis, on: &rows, changes: cardChange)
        }
        let row = AdmissionRow(
            id: AdmissionID(request.key), state: .open, person: person.id,
            institution: institution.id, admittedOn: day, diagnosis: command.diagnosis)
        return record(
            told(row, upload: nil, on: rows), of: request, at: millis, on: &rows,
            changes: cardChange + [
                .admission(row), .openStays(OpenStaysRow(person: person.id, open: [row.id])),
            ])
    }

    private func guardNewStay(
        of person: Person, on day: CivilDate, _ rows: WorkingSet
    ) -> Verdict? {
        if let open = rows.openStays[person.id]?.open.first {
            let where_ = rows.admissions[open].map { " at \($0.institution)" } ?? ""
            return refusal(
                .invalidTransaction, .admissionOpen, "the stay \(open)\(where_) is not settled")
        }
        guard rows.reference.policy(of: person.region, on: day) != nil else {
            return refusal(
                .invalidTransaction, .noPolicyForRegion,
                "no policy of region \(person.region) on \(day)")
        }
        return nil
    }

    /// Refuses days after the business date, and those too long past.
    private func guardDay(_ day: CivilDate, _ field: String, on rows: WorkingSet) -> Verdict? {
        let age = day.days(to: rows.reference.businessDate)
        guard age >= 0, age <= limits.serviceDaysMax else {
            return refusal(
                .invalidTransaction, .serviceDateInvalid,
                "\(field) \(day): the business date is \(rows.reference.businessDate)")
        }
        return nil
    }

    private func told(_ row: AdmissionRow, upload: UInt16?, on rows: WorkingSet) -> Verdict {
        let name = rows.persons[row.person].map { MaskedName.of($0.name) } ?? ""
        return Verdict(
            code: .approved, reason: .none,
            payload: .admission(AdmissionAnswer(admission: row, nameMasked: name, upload: upload)))
    }

    // MARK: Fees

    private func upload(
        _ command: FeeUploadCommand, _ request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        var row: AdmissionRow
        let fees: FeeUploadRow
        switch openStay(command.admission, of: request, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows)
        case .passed(let found): row = found
        }
        switch self.fees(of: command, for: row, request, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows)
        case .passed(let made): fees = made
        }
        row.uploads = fees.key.number
        row.lineCount += UInt32(fees.lines.count)
        row.total += fees.total
        row.revision += 1
        return record(
            told(row, upload: fees.key.number, on: rows), of: request, at: millis, on: &rows,
            changes: [.admission(row), .feeUpload(fees)])
    }

    /// The fees of an upload, where they are in order.
    private func fees(
        of command: FeeUploadCommand, for row: AdmissionRow, _ request: LedgerRequest,
        on rows: WorkingSet
    ) -> Guarded<FeeUploadRow> {
        let day = command.day ?? request.key.date
        guard day >= row.admittedOn, day <= rows.reference.businessDate else {
            return refused(
                .invalidTransaction, .serviceDateInvalid,
                "fee_date \(day): not from \(row.admittedOn) to \(rows.reference.businessDate)")
        }
        guard (1...limits.linesMax).contains(command.lines.count) else {
            return refused(
                .invalidAmount, .linesOutOfRange,
                "lines: \(command.lines.count), not 1...\(limits.linesMax)")
        }
        guard row.uploads < AdmissionRow.uploadsMax,
            row.lineCount + UInt32(command.lines.count) <= AdmissionRow.linesMax
        else {
            return refused(
                .frequencyLimit, .admissionFull,
                "\(row.uploads) uploads, \(row.lineCount) lines: at most "
                    + "\(AdmissionRow.uploadsMax) and \(AdmissionRow.linesMax)")
        }
        let lines: [BillLine]
        switch priced(command.lines, command.catalogVersion, on: day, in: rows.reference) {
        case .refused(let verdict, _, _):
            return .refused(verdict, recorded: true, card: nil)
        case .passed(let passed): lines = passed
        }
        if let problem = Bill.problem(of: lines, total: command.total) {
            return refused(.invalidAmount, problem.reason, problem.detail)
        }
        guard (row.total + command.total).isInRange else {
            return refused(.invalidAmount, .amountOverflow, "the stay's total is out of range")
        }
        return .passed(
            FeeUploadRow(
                key: FeeUploadKey(admission: row.id, number: row.uploads + 1),
                request: request.key, day: day, lines: lines, total: command.total))
    }

    private func cancel(
        _ upload: UInt16?, of id: AdmissionID, _ request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        var row: AdmissionRow
        switch openStay(id, of: request, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows)
        case .passed(let found): row = found
        }
        guard let upload else {
            return cancel(row, request, at: millis, on: &rows)
        }
        guard var fees = rows.feeUploads[FeeUploadKey(admission: id, number: upload)] else {
            return record(
                refusal(.originalNotFound, .uploadUnknown, "upload: the stay has \(row.uploads)"),
                of: request, at: millis, on: &rows)
        }
        guard !fees.isCancelled else {
            return record(
                refusal(.alreadyUndone, .originalVoided, "upload: was cancelled before"),
                of: request, at: millis, on: &rows)
        }
        fees.isCancelled = true
        row.lineCount -= UInt32(fees.lines.count)
        row.total -= fees.total
        row.revision += 1
        return record(
            told(row, upload: upload, on: rows), of: request, at: millis, on: &rows,
            changes: [.admission(row), .feeUpload(fees)])
    }

    /// Takes back a stay that has no fees.
    private func cancel(
        _ stay: AdmissionRow, _ request: LedgerRequest, at millis: Int64, on rows: inout WorkingSet
    ) -> Decision {
        guard stay.lineCount == 0 else {
            return record(
                refusal(
                    .invalidTransaction, .feesUploaded,
                    "\(stay.lineCount) lines are uploaded: cancel their uploads first"),
                of: request, at: millis, on: &rows)
        }
        var row = stay
        row.state = .cancelled
        return record(
            told(row, upload: nil, on: rows), of: request, at: millis, on: &rows,
            changes: [.admission(row)] + openStays(of: row, isOpen: false, on: rows))
    }

    /// The person's open stays with or without this one; nothing where that is so already.
    func openStays(of row: AdmissionRow, isOpen: Bool, on rows: WorkingSet) -> [RowChange] {
        let old = rows.openStays[row.person] ?? OpenStaysRow(person: row.person, open: [])
        var new = old
        new.open.removeAll { $0 == row.id }
        if isOpen { new.open.append(row.id) }
        new.open.sort()
        return new == old ? [] : [.openStays(new)]
    }
}
