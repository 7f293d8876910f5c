import Ledger
import SettlementDomain
import SettlementProtocol

/// What a void, refund or reversal gave back, as a person reads it, in lines of 78 columns.
public struct UndoSlip: Sendable {
    /// What the heading says.
    public var title: String
    /// Whose terminal it is.
    public var institution: InstitutionID
    /// The institution's name.
    public var institutionName: String
    /// The key of the request.
    public var key: RequestKey
    /// The daemon's answer.
    public var response: TerminalResponse

    /// Creates a slip of its parts.
    public init(
        title: String, institution: InstitutionID, institutionName: String, key: RequestKey,
        response: TerminalResponse
    ) {
        self.title = title
        self.institution = institution
        self.institutionName = institutionName
        self.key = key
        self.response = response
    }

    /// The whole slip; every line ends with a newline.
    public var text: String {
        var page = ReceiptPage(columns: Receipt.columns)
        page.rule("=")
        page.centered(title)
        page.centered("\(institutionName) (\(institution))")
        page.rule("=")
        page.pair("Terminal", "\(key.terminal)", "STAN", "\(key.stan) of \(key.date)")
        let result = response.result
        page.pair(
            "Booked on", result.businessDate.map(\.description) ?? "-", "Time",
            ReceiptTime.text(milliseconds: result.time))
        if case .undone(let undone) = response.payload { given(undone, &page) }
        page.rule("-")
        page.line("ANSWER \(result.code.text) \(result.code.words)")
        if result.reason != .none { page.line("       \(result.reason.words)") }
        if !result.detail.isEmpty { page.line("       \(result.detail)") }
        if result.replayed { page.line("       recorded before: nothing was executed now") }
        if !result.code.isApproval { page.line("       nothing was given back") }
        page.rule("=")
        return page.text
    }

    private func given(_ undone: UndoResponse, _ page: inout ReceiptPage) {
        page.pair("Settlement", "\(undone.settlement)", "Settled on", "\(undone.settledDate)")
        page.pair("Patient", undone.nameMasked, "Now", undone.state.words)
        page.rule("-")
        let back = undone.givenBack
        page.amount("GIVEN BACK", back.total)
        page.amount("to the pooled fund", back.pooled, depth: 1)
        page.amount("to large-amount assistance", back.large, depth: 1)
        page.amount("to supplementary plans", back.supplement, depth: 1)
        page.amount("to the individual account", back.account, depth: 1)
        page.amount("to family accounts", back.family, depth: 1)
        for share in undone.family {
            page.amount("account of \(share.ownerMasked)", share.amount, depth: 2)
        }
        if back.cash < .zero {
            page.amount("CASH TO COLLECT", .zero - back.cash)
        } else {
            page.amount("CASH TO HAND OUT", back.cash)
        }
        if let remaining = undone.remaining {
            page.rule("-")
            page.amount("REMAINS SETTLED", remaining.total)
            for part in remaining.parts {
                page.note(
                    "line \(part.line + 1): \(part.quantity) for \(part.amount), "
                        + part.itemClass.words)
            }
        }
        page.rule("-")
        page.amount("Balance of the individual account", undone.balance)
        if let use = undone.accumulator { page.yearlyUse(use) }
    }
}

extension StatusAnswer.State {
    /// What it is called on paper.
    public var words: String {
        switch self {
        case .neverSeen: "never seen"
        case .executing: "executing"
        case .approved: "settled"
        case .refused: "refused"
        case .reversed: "reversed"
        case .voided: "voided"
        case .refunded: "refunded"
        case .partlyRefunded: "refunded in part"
        }
    }
}

extension Receipt {
    /// The copy of a receipt, its items' names taken from the catalog.
    ///
    /// - Parameters:
    ///   - copy: as the daemon gave it.
    ///   - settlement: which settlement.
    ///   - grant: the terminal's sign-on, for the institution.
    ///   - catalog: for the items' names; nil: codes serve as names.
    public init(
        copy: ReceiptCopy, of settlement: SettlementID, at grant: SignOnGrant, catalog: Catalog?
    ) {
        self.init(
            title: "COPY - \(copy.state.words)", institution: grant.institution,
            institutionName: grant.institutionName, key: settlement.key,
            visitType: copy.visitType,
            lines: copy.lines.map { line in
                Line(
                    code: line.code,
                    name: catalog?.entry(of: line.code, on: copy.serviceDate)?.name
                        ?? line.code.text,
                    quantity: line.quantity, unitPrice: line.unitPrice, amount: line.amount)
            },
            response: TerminalResponse(
                result: copy.originalResult, payload: .settlement(copy.original)))
    }
}
