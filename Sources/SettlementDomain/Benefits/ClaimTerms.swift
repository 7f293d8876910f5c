/// The deadlines of reimbursement claims.
public struct ClaimTerms: Sendable, Hashable {
    /// How many days after the service a bill may be claimed.
    public var submitDays: Int
    /// How many days the person has for documents that are wanted.
    public var documentDays: Int
    /// How many days the agency has to decide.
    public var decisionDays: Int

    /// Where a policy says nothing.
    public static let standard = ClaimTerms(submitDays: 365, documentDays: 15, decisionDays: 30)
    /// The most days of any deadline.
    public static let daysMax = 3_660

    /// Creates terms of their parts, each 1...`daysMax`.
    public init(submitDays: Int, documentDays: Int, decisionDays: Int) {
        self.submitDays = submitDays
        self.documentDays = documentDays
        self.decisionDays = decisionDays
    }
}
