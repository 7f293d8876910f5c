import SettlementDomain

/// Adds up the uploads of each stay, to compare the stay's row and its discharge with them.
struct StayCheck {
    private struct Fees {
        var lines: UInt32 = 0
        var total = Money.zero
    }

    private var fees: [AdmissionID: Fees] = [:]

    /// Takes over an upload or its cancellation.
    mutating func take(_ change: RowChange) {
        guard case .feeUpload(let row) = change else { return }
        var sum = fees[row.key.admission] ?? Fees()
        let lines = UInt32(clamping: row.lines.count)
        if row.isCancelled {
            sum.lines = sum.lines >= lines ? sum.lines - lines : 0
            sum.total = sum.total.checkedAdding(-row.total) ?? .zero
        } else {
            sum.lines += lines
            sum.total = sum.total.checkedAdding(row.total) ?? sum.total
        }
        fees[row.key.admission] = sum
    }

    /// What is wrong with a stay's row.
    func problem(of row: AdmissionRow) -> String? {
        let sum = fees[row.id] ?? Fees()
        guard row.lineCount != sum.lines || row.total != sum.total else { return nil }
        return "stay \(row.id) says \(row.lineCount) lines of \(row.total); its uploads are "
            + "\(sum.lines) of \(sum.total)"
    }

    /// What is wrong with the settlement of a stay that nothing has happened to yet.
    func problem(of row: SettlementRow) -> String? {
        guard let stay = row.stay, row.undone.isEmpty else { return nil }
        let sum = fees[stay.admission] ?? Fees()
        guard row.lines.count != Int(sum.lines) || row.split.total != sum.total else { return nil }
        return "settlement \(row.id) is not the fees of stay \(stay.admission)"
    }
}
