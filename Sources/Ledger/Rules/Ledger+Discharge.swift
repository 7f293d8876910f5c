import SettlementDomain

extension Ledger {
    /// Settles all uploaded fees of a stay, as one bill.
    func discharge(
        _ command: DischargeCommand, _ request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet, debits: Bool
    ) -> Decision {
        let row: AdmissionRow
        switch stay(command.admission, of: request, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows)
        case .passed(let found): row = found
        }
        let bill: PricedBill
        switch self.bill(of: row, command, request, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows)
        case .passed(let passed): bill = passed
        }
        let settle = SettleCommand(
            card: command.card, proof: command.proof, visitType: .inpatient, total: command.total,
            catalogVersion: nil, lines: [], serviceDate: bill.serviceDate,
            partialAllowed: command.partialAllowed, accountLimit: command.accountLimit,
            quoteDigest: command.quoteDigest, diagnosis: row.diagnosis,
            billNumber: command.billNumber)
        return self.settle(
            settle, bill, of: row, request: request, at: millis, on: &rows, debits: debits)
    }

    /// The uploads of a stay that stand, in the order in which they are settled: by day, then by
    /// number.
    func standingFees(of row: AdmissionRow, on rows: WorkingSet) -> [FeeUploadRow] {
        guard row.uploads > 0 else { return [] }
        return (1...row.uploads)
            .compactMap { rows.feeUploads[FeeUploadKey(admission: row.id, number: $0)] }
            .filter { !$0.isCancelled }
            .sorted { ($0.day, $0.key.number) < ($1.day, $1.key.number) }
    }

    private func bill(
        of row: AdmissionRow, _ command: DischargeCommand, _ request: LedgerRequest,
        on rows: WorkingSet
    ) -> Guarded<PricedBill> {
        guard row.state == .open else {
            return refused(
                .invalidTransaction, .admissionClosed,
                row.settlement.map { "the stay is settled by \($0)" } ?? "the stay is cancelled")
        }
        guard let institution = rows.reference.institutions[row.institution]?.institution else {
            return refused(.institutionInvalid, .institutionUnknown)
        }
        let fees = standingFees(of: row, on: rows)
        let today = rows.reference.businessDate
        let day = command.dischargedOn ?? request.key.date
        let first = max(row.admittedOn, fees.last?.day ?? row.admittedOn)
        guard day >= first, day <= today, day.days(to: today) <= limits.serviceDaysMax else {
            return refused(
                .invalidTransaction, .serviceDateInvalid,
                "discharged_on \(day): not from \(first) to \(today)")
        }
        guard !fees.isEmpty else {
            return refused(
                .invalidTransaction, .nothingUploaded, "no fees stand; cancel the stay instead")
        }
        if let limit = command.accountLimit, limit < .zero {
            return refused(.invalidAmount, .fieldOutOfRange, "account_limit \(limit): below 0")
        }
        guard command.total == row.total else {
            return refused(
                .invalidAmount, .totalDiffers, "total: the uploads sum to \(row.total.fen) fen")
        }
        return .passed(
            PricedBill(
                lines: fees.flatMap(\.lines), serviceDate: day, institution: institution))
    }

    /// What a discharge does to its stay.
    func stayChanges(
        of stay: AdmissionRow, settledBy id: SettlementID, on rows: WorkingSet
    ) -> [RowChange] {
        var row = stay
        row.state = .discharged
        row.settlement = id
        return [.admission(row)] + openStays(of: row, isOpen: false, on: rows)
    }

    /// What undoing a discharge does to its stay: nothing of it left by a void or reversal, the fees
    /// stand uploaded as before; what was refunded is not billed again.
    func stayChanges(of plan: UndoPlan, on rows: WorkingSet) -> [RowChange] {
        guard let stay = plan.row.stay, var row = rows.admissions[stay.admission] else { return [] }
        let isOpen = plan.state == .voided || plan.state == .reversed
        row.state = isOpen ? .open : .discharged
        row.settlement = isOpen ? nil : plan.row.id
        guard row != rows.admissions[stay.admission] else { return [] }
        return [.admission(row)] + openStays(of: row, isOpen: isOpen, on: rows)
    }

    /// Why a discharge cannot stand again; nil where it can, and of any other settlement.
    func stayObstacle(_ row: SettlementRow, to state: SettlementRow.State, on rows: WorkingSet)
        -> Verdict?
    {
        guard let stay = row.stay, row.state == .voided || row.state == .reversed,
            state != .voided, state != .reversed
        else { return nil }
        let admission = rows.admissions[stay.admission]
        guard admission?.state == .open, admission?.revision == stay.revision else {
            return refusal(
                .noActionTaken, .furtherActivity,
                "the stay was settled again, or its fees changed since")
        }
        return nil
    }

    /// One page of what a stay consists of.
    func details(
        of id: AdmissionID, _ view: AdmissionView, from: Int, for request: LedgerRequest,
        on rows: WorkingSet
    ) -> Verdict {
        if let verdict = guardTerminal(request, on: rows) { return verdict }
        let row: AdmissionRow
        switch stay(id, of: request, on: rows) {
        case .refused(let verdict, _, _): return verdict
        case .passed(let found): row = found
        }
        var answer = AdmissionDetailsAnswer(
            admission: row,
            nameMasked: rows.persons[row.person].map { MaskedName.of($0.name) } ?? "")
        func page<Item>(_ all: [Item]) -> [Item] {
            let page = all.dropFirst(from).prefix(AdmissionView.rowsMax)
            if from + page.count < all.count { answer.next = from + page.count }
            return Array(page)
        }
        switch view {
        case .uploads:
            let all = rows.feeUploads.values.filter { $0.key.admission == id }
            answer.uploads = page(all.sorted { $0.key.number < $1.key.number })
        case .lines:
            answer.lines = page(
                standingFees(of: row, on: rows).flatMap { fees in
                    fees.lines.map { line in
                        var line = line
                        line.traceCodes = []
                        return AdmissionDetailsAnswer.Line(upload: fees.key.number, line: line)
                    }
                })
        case .parts:
            answer.parts = page(
                row.settlement.flatMap { rows.settlements[$0] }?.standing.parts ?? [])
        }
        return Verdict(code: .approved, reason: .none, payload: .admissionDetails(answer))
    }
}
