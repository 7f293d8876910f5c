import Ledger

extension RequestKind {
    /// Whether a request of this kind waits in the commit queue, and is refused where that is full;
    /// others the session, the reconciliation desk or the maintenance desk answers.
    var waitsForCommitter: Bool {
        switch self {
        case .signOn, .signOff, .echo, .catalogPage, .reconciliationTotals, .reconciliationDetails,
            .reconciliationDifferences, .operatorMaintenance:
            false
        case .cardInquiry, .quote, .settle, .void, .refund, .reversal, .settlementStatus,
            .receiptCopy, .admit, .feeUpload, .feeCancel, .discharge, .dischargeQuote,
            .admissionDetails, .transactionList, .monthlyEntries, .contributionRecords,
            .annualStatement, .accessLog, .contributionPayment, .contributionDeclaration,
            .familyLink, .familyUnlink, .familyList, .proxyQuery, .pinChange, .lossReport,
            .lossWithdrawal, .cardReissue, .pinUnlock, .claimSubmit, .claimReview, .claimDecide,
            .claimPay, .claimStatus, .operatorApply, .operatorQuery, .dayClose, .retireeCredit,
            .annualInterest:
            true
        }
    }
}
