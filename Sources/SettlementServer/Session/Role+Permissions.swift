import Ledger
import SettlementDomain

extension Role {
    /// Whether terminals of this role may make requests of this kind.
    ///
    /// - Source: Protocol/Sessions.md, "Roles".
    func permits(_ kind: RequestKind) -> Bool {
        switch kind {
        case .signOn, .signOff, .echo, .catalogPage:
            true
        case .cardInquiry:
            isPointOfSale || self == .counter || self == .gateway
        case .quote, .settle, .void, .refund, .reversal, .settlementStatus, .receiptCopy,
            .reconciliationTotals, .reconciliationDetails, .reconciliationDifferences:
            isPointOfSale
        case .transactionList, .monthlyEntries, .annualStatement, .accessLog:
            isPointOfSale || self == .counter || self == .gateway
        case .admit, .feeUpload, .feeCancel, .discharge, .dischargeQuote, .admissionDetails:
            self == .hospital
        case .contributionRecords:
            self == .counter || self == .gateway || self == .employer
        case .contributionPayment:
            self == .collector
        case .contributionDeclaration:
            self == .collector || self == .employer
        case .familyLink, .familyUnlink, .familyList:
            self == .counter || self == .gateway
        case .pinChange, .lossReport:
            self != .operator
        case .proxyQuery, .lossWithdrawal, .cardReissue, .pinUnlock, .claimSubmit, .claimReview,
            .claimDecide, .claimPay, .claimStatus:
            self == .counter
        case .retireeCredit, .annualInterest:
            false
        case .operatorApply, .operatorQuery, .dayClose, .operatorMaintenance:
            self == .operator
        }
    }

    private var isPointOfSale: Bool {
        self == .pharmacy || self == .hospital || self == .vaccination
    }
}
