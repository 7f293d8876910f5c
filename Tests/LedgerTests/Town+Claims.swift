import Ledger
import SettlementDomain

extension Town {
    static let northHospital = make("H") { InstitutionID("H99010000001") }

    /// A bill of a hospital elsewhere; with `known`, of the town's own.
    static func claimed(
        _ number: String, _ items: [Item], visit: VisitType = .outpatient,
        on day: CivilDate = today, known: InstitutionID? = nil, distinctFrom: [SettlementID] = []
    ) -> SubmittedBill {
        let lines = bill(items, visit: visit).lines
        return SubmittedBill(
            bill: ClaimBill(
                place: ClaimPlace(
                    institution: known, code: known?.text ?? "FAR-HOSPITAL",
                    name: known == nil ? "Far Hospital" : "", kind: .hospital, level: .level3),
                number: number, serviceDate: day, visitType: visit, diagnosis: nil, lines: [],
                total: lines.reduce(Money.zero) { $0 + $1.amount }, distinctFrom: distinctFrom),
            lines: lines)
    }

    static let invoice = ClaimDocument(kind: .invoice, sheets: 2)

    static func submission(
        _ bills: [SubmittedBill], clerk: String = "C001", payee: Payee? = .card(card)
    ) -> ClaimSubmission {
        ClaimSubmission(
            asking: Asking(subject: .card(card), authority: papers), clerk: clerk, bills: bills,
            documents: [invoice], payee: payee)
    }

    /// Hands a claim in; what was answered.
    @discardableResult
    mutating func submit(
        _ bills: [SubmittedBill], clerk: String = "C001", payee: Payee? = .card(card)
    ) -> Outcome {
        decide(
            .claim(.submit(Town.submission(bills, clerk: clerk, payee: payee))),
            at: Town.counter, on: rows.reference.businessDate)
    }

    /// Hands a claim in and takes it up.
    mutating func claimInReview(_ bills: [SubmittedBill]) -> ClaimID {
        let claim = submit(bills).claim
        precondition(claim != nil, "\(outcome.reason) \(outcome.detail)")
        let id = claim?.id ?? ClaimID(Town.key(1))
        precondition(review(id, .takeUp).code == .approved)
        return id
    }

    @discardableResult
    mutating func review(
        _ id: ClaimID, _ step: ClaimReview, clerk: String = "C002"
    ) -> Outcome {
        decide(
            .claim(.review(id, clerk: clerk, step)), at: Town.counter,
            on: rows.reference.businessDate)
    }

    @discardableResult
    mutating func approve(
        _ id: ClaimID, share: Ratio = .one, _ disallowed: [Disallowance] = [],
        clerk: String = "C002"
    ) -> Outcome {
        decide(
            .claim(.decide(id, clerk: clerk, .approve(share: share, disallowed))),
            at: Town.counter, on: rows.reference.businessDate)
    }

    @discardableResult
    mutating func refuse(_ id: ClaimID, clerk: String = "C002") -> Outcome {
        decide(
            .claim(.decide(id, clerk: clerk, .refuse(text: "no referral"))), at: Town.counter,
            on: rows.reference.businessDate)
    }

    @discardableResult
    mutating func pay(_ id: ClaimID) -> Outcome {
        decide(
            .claim(.pay(id, clerk: "C003", reference: "B-1")), at: Town.counter,
            on: rows.reference.businessDate)
    }

    /// What the agency owes the person for claims.
    var owedToPerson: Int64 {
        books.sums["reimbursement:\(Town.person)", default: 0]
    }
}

extension Outcome {
    /// The claim after an approved step.
    var claim: ClaimRow? {
        if case .claim(let answer) = payload { answer.claim } else { nil }
    }
}
