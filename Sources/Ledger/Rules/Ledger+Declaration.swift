import SettlementDomain

extension Ledger {
    /// Answers each line of a page: accepted in an entry of its own, or refused with its reason.
    ///
    /// All of them and the recorded answer are in one commit. A line that was answered before, under
    /// whatever key, gets that answer again.
    func declare(
        _ page: DeclarationPage, of request: LedgerRequest, at terminal: TerminalRow,
        at millis: Int64, on rows: inout WorkingSet
    ) -> Decision {
        var answers: [DeclarationLineRow] = []
        answers.reserveCapacity(page.lines.count)
        var refusals: [RowChange] = []
        for (index, line) in page.lines.enumerated() {
            let key = DeclarationLineKey(
                institution: terminal.institution, declaration: page.declaration,
                line: page.firstLine + UInt32(index))
            let content = JournalCoding.encode(line).withUnsafeBytes { sha256($0) }.words.0
            if let known = rows.declarationLines[key] {
                answers.append(known.content == content ? known : Self.reused(known))
                continue
            }
            switch contribution(line, at: terminal, on: rows) {
            case .refused(let verdict, _, _):
                let row = DeclarationLineRow(
                    key: key, content: content, code: verdict.code, reason: verdict.reason,
                    detail: verdict.detail)
                answers.append(row)
                refusals.append(.declarationLine(row))
            case .passed(let effect):
                let row = DeclarationLineRow(
                    key: key, content: content, code: .approved, reason: .none, detail: "")
                answers.append(row)
                var entry = JournalEntry(
                    sequence: 0, time: millis, bookedDate: rows.reference.businessDate,
                    kind: .contributionDeclaration, voucher: [], answer: nil,
                    postings: effect.postings, changes: effect.changes + [.declarationLine(row)])
                if let account = effect.account { chain([account], into: &entry) }
                rows.append(entry)
            }
        }
        return record(
            Verdict(code: .approved, reason: .none, payload: .declaration(answers)), of: request,
            at: millis, on: &rows, changes: refusals)
    }

    /// The number stands for another line already; what that one was answered stays.
    private static func reused(_ known: DeclarationLineRow) -> DeclarationLineRow {
        DeclarationLineRow(
            key: known.key, content: known.content, code: .keyReused, reason: .lineReused,
            detail: "line \(known.key.line): its number was used for other content")
    }
}
