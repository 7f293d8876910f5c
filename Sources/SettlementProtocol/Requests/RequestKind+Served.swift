import Ledger

extension RequestKind {
    /// Whether this version answers it; the others are numbered for later ones and get code 40.
    ///
    /// - Source: Protocol/Frames.md, "Kinds".
    public var isServed: Bool {
        switch self {
        case .signOn, .signOff, .echo, .catalogPage, .cardInquiry, .quote, .settle, .void, .refund,
            .reversal, .settlementStatus, .receiptCopy, .reconciliationTotals,
            .reconciliationDetails, .reconciliationDifferences, .operatorApply, .operatorQuery,
            .operatorMaintenance, .dayClose, .pinChange, .lossReport, .lossWithdrawal, .cardReissue,
            .pinUnlock, .transactionList, .monthlyEntries, .accessLog, .familyLink, .familyUnlink,
            .familyList, .contributionPayment,
            .contributionDeclaration:
            true
        case .contributionRecords, .annualStatement, .retireeCredit, .annualInterest,
            .proxyQuery, .claimSubmit, .claimReview, .claimDecide, .claimPay,
            .claimStatus:
            false
        }
    }

    /// The kind byte of its response.
    public var responseKind: UInt8 { rawValue | Frame.responseBit }
}
