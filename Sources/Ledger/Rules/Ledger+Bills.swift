import SettlementDomain

extension Ledger {
    /// Refuses a bill that a claim or another settlement holds; nil where it is free or not named.
    func guardBill(
        _ number: String?, at institution: InstitutionID, on rows: WorkingSet
    ) -> Verdict? {
        guard let number else { return nil }
        let key = BillKey(code: institution.text, number: number)
        return held(rows.bills[key]?.holder, "bill_number")
    }

    /// Says who holds a bill; nil where nobody does.
    func held(_ holder: BillRow.Holder?, _ place: String) -> Verdict? {
        switch holder {
        case nil: nil
        case .claim(let id):
            refusal(.invalidTransaction, .billClaimed, "\(place): claimed by \(id)")
        case .settlement(let id):
            refusal(.invalidTransaction, .billSettled, "\(place): settled by \(id)")
        }
    }

    /// What undoing a settlement, or letting it stand again, does to its bill.
    func billChanges(of plan: UndoPlan, on rows: WorkingSet) -> [RowChange] {
        guard let key = plan.row.billKey else { return [] }
        let holder = BillRow.Holder.settlement(plan.row.id)
        let isHeld = plan.after.split.total > .zero
        let present = rows.bills[key]?.holder
        guard isHeld != (present == holder) else { return [] }
        return [.bill(BillRow(key: key, holder: isHeld ? holder : nil))]
    }

    /// Why a settlement cannot stand again: its bill is somebody else's since.
    func billObstacle(_ row: SettlementRow, on rows: WorkingSet) -> Verdict? {
        guard let key = row.billKey, let holder = rows.bills[key]?.holder,
            holder != .settlement(row.id)
        else { return nil }
        return refusal(
            .noActionTaken, .furtherActivity, held(holder, "bill_number")?.detail ?? "")
    }
}
