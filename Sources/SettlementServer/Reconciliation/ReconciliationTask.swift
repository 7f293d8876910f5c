import Ledger
import SettlementDomain
import SettlementProtocol

/// A terminal's request about a business date's books, with what the session knows of the terminal.
struct ReconciliationTask: Sendable {
    /// What is asked.
    enum Question: Sendable {
        case totals(ReconciliationTotalsRequest)
        case details(ReconciliationDetailsRequest)
        case differences(ReconciliationDifferencesRequest)
    }

    var question: Question
    var terminal: TerminalID
    var institution: InstitutionID

    var header: RequestHeader {
        switch question {
        case .totals(let request): request.header
        case .details(let request): request.header
        case .differences(let request): request.header
        }
    }
}
