import Ledger
import SettlementDomain
import SettlementProtocol

// How steps of claims are written.
extension SimulatedTask {
    static func body(of step: ModelClaimStep, _ header: RequestHeader) -> [UInt8] {
        let document = ClaimDocument(kind: .invoice, sheets: 1)
        switch step {
        case .submit(let subject, let right, let clerk, let bills):
            let (asking, block) = asking(subject, right)
            let submission = ClaimSubmission(
                asking: asking, clerk: "clerk \(clerk)",
                catalogVersion: CatalogVersion(rawValue: 1), bills: bills.map(bill),
                documents: [document],
                payee: .bankAccount(holder: "测试", bank: "bank", number: "1"))
            return RequestEncoder.claim(header, .submit(submission), pinBlock: block)
        case .review(let claim, let clerk, let review):
            let done: ClaimReview =
                switch review {
                case .takeUp: .takeUp
                case .wantDocuments: .wantDocuments([document], text: "")
                case .supplement: .supplement([document], text: "")
                case .withdraw: .withdraw(text: "")
                }
            return RequestEncoder.claim(
                header, .review(id(claim), clerk: "clerk \(clerk)", done))
        case .decide(let claim, let clerk, let decision):
            let decided: ClaimDecision =
                if let decision {
                    .approve(
                        share: Town.checked(Ratio(tenThousandths: Int64(decision.share))),
                        decision.disallowed.map {
                            Disallowance(bill: $0.bill, line: $0.line, amount: nil, text: "no")
                        })
                } else {
                    .refuse(text: "no")
                }
            return RequestEncoder.claim(
                header, .decide(id(claim), clerk: "clerk \(clerk)", decided))
        case .pay(let claim, let clerk):
            return RequestEncoder.claim(
                header, .pay(id(claim), clerk: "clerk \(clerk)", reference: "payment"))
        }
    }

    private static func id(_ key: ModelKey) -> ClaimID { ClaimID(Town.ledgerKey(key)) }

    private static func bill(_ bill: ModelClaimBill) -> SubmittedBill {
        let place: ClaimPlace
        let visit: VisitType
        switch bill.place {
        case .registered(let number):
            let id = Town.institution(number)
            visit = Town().institutions[number].kind == .pharmacy ? .pharmacyPurchase : .outpatient
            place = ClaimPlace(
                institution: id, code: id.text, name: "", kind: .hospital, level: .level2)
        case .elsewhere(let number):
            visit = .outpatient
            place = ClaimPlace(
                institution: nil, code: "E\(number)", name: "elsewhere", kind: .hospital,
                level: .level2)
        }
        return SubmittedBill(
            bill: ClaimBill(
                place: place, number: "B\(bill.number)", serviceDate: Town.date(bill.day),
                visitType: visit, diagnosis: nil, lines: [],
                total: Money(fen: Int64(bill.total)),
                distinctFrom: bill.distinct.map { SettlementID(Town.ledgerKey($0)) }),
            lines: bill.lines.map(line))
    }
}
