import SettlementDomain

extension Ledger {
    /// Ends the business date: one entry, before which everything is booked under the old date and
    /// after which everything is booked under the new one.
    func closeDay(
        _ date: CivilDate, next: CivilDate, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        let today = rows.reference.businessDate
        guard date == today else {
            return respond(
                refusal(
                    .invalidTransaction, .otherBusinessDate, "the business date is \(today)"),
                to: request, at: millis, on: rows)
        }
        guard next > date else {
            return respond(
                refusal(
                    .invalidTransaction, .fieldOutOfRange, "next: \(next) is not after \(date)"),
                to: request, at: millis, on: rows)
        }
        rows.append(
            JournalEntry(
                sequence: 0, time: millis, bookedDate: date, kind: .dayClose, voucher: [],
                answer: nil, postings: [], changes: [.businessDate(next)]))
        return respond(
            Verdict(code: .approved, reason: .none), to: request, at: millis, on: rows)
    }

    /// Pays an institution what its books of an ended date say, once.
    func apply(
        _ row: ClearingRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        let key = row.key
        guard rows.reference.institutions[key.institution] != nil else {
            return .refused("institution \(key.institution) is not registered")
        }
        guard key.date < rows.reference.businessDate else {
            return .refused(
                "\(key.date) has not ended: the business date is \(rows.reference.businessDate)")
        }
        if let paid = rows.clearings[key] {
            return paid == row
                ? .unchanged : .refused("\(paid.amount) was paid for \(key.date) already")
        }
        guard let owed = rows.owed[key] else {
            return .refused("\(key.date) is only just ending; ask again")
        }
        guard row.amount == owed else {
            return .refused("the books of \(key.date) say \(owed), not \(row.amount)")
        }
        let postings =
            owed == .zero
            ? []
            : [
                Posting(account: .institution(key.institution), amount: -owed),
                Posting(account: .bank, amount: owed),
            ]
        rows.append(
            JournalEntry(
                sequence: 0, time: millis, bookedDate: rows.reference.businessDate,
                kind: .operatorApply, voucher: [], answer: nil, postings: postings,
                changes: [.clearing(row)]))
        return .added
    }
}
