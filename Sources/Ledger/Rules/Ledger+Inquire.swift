import SettlementDomain

extension Ledger {
    /// Answers who the card's person is and what is left to them.
    func inquire(
        _ inquiry: CardInquiry, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        switch guardCard(inquiry.card, inquiry.proof, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return answer(
                verdict, recorded: recorded, card: card, to: request, at: millis, on: &rows)
        case .passed(let payer):
            let today = rows.reference.businessDate
            var person = payer.person.covered(on: today).person
            if let policy = rows.reference.policy(of: person.region, on: today) {
                person = person.asOf(today, adultAge: policy.adultAge)
            }
            let year = UInt16(clamping: rows.reference.businessDate.year)
            let accumulators = BenefitCategory.allCases.compactMap { category in
                rows.accumulators[
                    AccumulatorKey(person: person.id, year: year, category: category)]
            }
            let answer = InquiryAnswer(
                nameMasked: MaskedName.of(payer.person.name), person: person,
                balance: rows.accounts[person.id]?.balance ?? .zero, accumulators: accumulators)
            var changes: [RowChange] = payer.changesCard ? [.card(payer.card)] : []
            if let terminal = rows.reference.terminals[request.key.terminal] {
                changes.append(access(to: payer.person, at: terminal, by: .pin))
            }
            return record(
                Verdict(code: .approved, reason: .none, payload: .inquiry(answer)), of: request,
                at: millis, on: &rows, changes: changes)
        }
    }
}

/// A name as answers carry it: enough for a cashier to recognise, not to learn.
public enum MaskedName {
    /// Keeps the first character, and the last where there are three or more: 张*, 欧**华.
    public static func of(_ name: String) -> String {
        if let masked = masked(scalarsOf: name) { return masked }
        guard name.count > 1, let first = name.first, let last = name.last else { return name }
        return name.count == 2
            ? "\(first)*"
            : "\(first)\(String(repeating: "*", count: min(name.count - 2, 8)))\(last)"
    }

    /// The same for ideographs and ASCII letters, each of them a character by itself, without a look
    /// at how characters are composed; nil for a name with anything else.
    private static func masked(scalarsOf name: String) -> String? {
        var count = 0
        var first = Unicode.Scalar(0 as UInt8)
        var last = first
        for scalar in name.unicodeScalars {
            switch scalar.value {
            case 0x20...0x7e, 0x4e00...0x9fff: last = scalar
            default: return nil
            }
            if count == 0 { first = scalar }
            count += 1
        }
        guard count > 1 else { return name }
        var masked = String.UnicodeScalarView()
        masked.append(first)
        for _ in 0..<min(max(1, count - 2), 8) { masked.append("*") }
        if count > 2 { masked.append(last) }
        return String(masked)
    }
}
