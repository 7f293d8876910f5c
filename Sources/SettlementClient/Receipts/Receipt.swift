import Ledger
import SettlementDomain
import SettlementProtocol

/// A settlement's answer as a person reads it, in lines of 78 columns.
public struct Receipt: Sendable {
    /// One line of the bill as it was asked for.
    public struct Line: Sendable, Hashable {
        /// National code.
        public var code: ItemCode
        /// Name, from the catalog; the code again where the catalog has none.
        public var name: String
        /// How much.
        public var quantity: Quantity
        /// The price of one unit.
        public var unitPrice: UnitPrice
        /// What is charged.
        public var amount: Money

        /// Creates a line of its parts.
        public init(
            code: ItemCode, name: String, quantity: Quantity, unitPrice: UnitPrice, amount: Money
        ) {
            self.code = code
            self.name = name
            self.quantity = quantity
            self.unitPrice = unitPrice
            self.amount = amount
        }
    }

    /// What the heading says; a settlement or a quote.
    public var title: String
    /// Whose terminal it is.
    public var institution: InstitutionID
    /// The institution's name.
    public var institutionName: String
    /// The key of the request.
    public var key: RequestKey
    /// What the patient came for.
    public var visitType: VisitType
    /// The bill.
    public var lines: [Line]
    /// The daemon's answer.
    public var response: TerminalResponse

    /// Columns of a line.
    public static let columns = 78

    /// Creates a receipt of its parts.
    public init(
        title: String = "SETTLEMENT", institution: InstitutionID, institutionName: String,
        key: RequestKey, visitType: VisitType, lines: [Line], response: TerminalResponse
    ) {
        self.title = title
        self.institution = institution
        self.institutionName = institutionName
        self.key = key
        self.visitType = visitType
        self.lines = lines
        self.response = response
    }

    /// Creates the receipt of a sale, its items' names taken from the catalog.
    ///
    /// - Parameters:
    ///   - answer: the sale's answer and key.
    ///   - sale: what was asked.
    ///   - grant: the terminal's sign-on, for the institution.
    ///   - catalog: the version that the sale's indexes refer to; nil: codes serve as names.
    ///   - title: what the heading says.
    public init(
        _ answer: Terminal.Answer, of sale: Sale, at grant: SignOnGrant, catalog: Catalog?,
        title: String = "SETTLEMENT"
    ) {
        let day = sale.serviceDate ?? answer.key.date
        self.init(
            title: title, institution: grant.institution, institutionName: grant.institutionName,
            key: answer.key, visitType: sale.visitType,
            lines: sale.lines.compactMap { Self.line($0, day, catalog) },
            response: answer.response)
    }

    /// The whole receipt; every line ends with a newline.
    public var text: String {
        var page = ReceiptPage(columns: Self.columns)
        page.rule("=")
        page.centered(title)
        page.centered("\(institutionName) (\(institution))")
        page.rule("=")
        heading(&page)
        if case .settlement(let settlement) = response.payload {
            settled(settlement, &page)
        } else {
            bill(&page)
        }
        verdict(&page)
        page.rule("=")
        return page.text
    }

    private static func line(_ line: RequestLine, _ day: CivilDate, _ catalog: Catalog?) -> Line? {
        let entry: CatalogEntry?
        let code: ItemCode
        switch line.item {
        case .index(let index):
            guard let found = catalog?.entry(at: Int(index)) else { return nil }
            entry = found
            code = found.code
        case .code(let named):
            entry = catalog?.entry(of: named, on: day)
            code = named
        }
        return Line(
            code: code, name: entry?.name ?? code.text, quantity: line.quantity,
            unitPrice: line.unitPrice, amount: line.amount)
    }

    // MARK: Parts

    private func heading(_ page: inout ReceiptPage) {
        let result = response.result
        page.pair(
            "Terminal", "\(key.terminal)", "STAN", "\(key.stan) of \(key.date)")
        if case .settlement(let settlement) = response.payload {
            if let id = settlement.id { page.pair("Settlement", id.description) }
            page.pair("Patient", settlement.nameMasked)
            let benefit = settlement.benefitCategory?.words ?? "none"
            page.pair("Visit", visitType.words, "Pooled benefit", benefit)
            page.pair(
                "Catalog", "version \(settlement.catalogVersion)", "Policy",
                "\(settlement.policyRegion) version \(settlement.policyVersion)")
        } else {
            page.pair("Visit", visitType.words)
        }
        page.pair(
            "Booked on", result.businessDate.map(\.description) ?? "-", "Time",
            ReceiptTime.text(milliseconds: result.time))
    }

    /// The bill alone, where nothing was split.
    private func bill(_ page: inout ReceiptPage) {
        page.rule("-")
        page.columnHeads()
        for (index, line) in lines.enumerated() { page.item(index, line) }
    }

    private func settled(_ settlement: SettlementResponse, _ page: inout ReceiptPage) {
        page.rule("-")
        page.columnHeads()
        for (index, line) in lines.enumerated() {
            page.item(index, line)
            let parts = settlement.split.parts.filter { $0.line == index }
            for part in parts { self.part(part, isOnly: parts.count == 1, &page) }
        }
        page.rule("-")
        terms(settlement.split, &page)
        page.rule("-")
        payers(settlement, &page)
        page.rule("-")
        page.amount("Balance of the individual account", settlement.balance)
        if let use = settlement.accumulator { page.yearlyUse(use) }
    }

    private func part(_ part: LinePart, isOnly: Bool, _ page: inout ReceiptPage) {
        let share = isOnly ? "" : "\(part.quantity) for \(part.amount): "
        page.note("\(share)\(part.itemClass.words): \(part.reason.words)")
        let costs = [
            ("over limit", part.overLimit), ("first self-pay", part.firstSelfPay),
            ("in scope", part.inScope),
        ]
        if part.itemClass == .catalog { page.amounts("of it", costs) }
        page.amounts(
            "paid by",
            [
                ("pooled", part.pooled), ("large", part.large), ("plans", part.supplement),
                ("account", part.account), ("family", part.family), ("cash", part.cash),
            ])
    }

    private func terms(_ split: Split, _ page: inout ReceiptPage) {
        page.amount("TOTAL", split.total)
        page.amount("full self-pay", split.fullSelfPay, depth: 1)
        page.amount("over limit", split.overLimit, depth: 1)
        page.amount("first self-pay", split.firstSelfPay, depth: 1)
        page.amount("in scope", split.inScope, depth: 1)
        page.amount("deductible", split.deductible, depth: 2)
        page.amount("pooled fund", split.pooled, depth: 2)
        page.amount("large-amount assistance", split.large, depth: 2)
        page.amount("patient's share in scope", split.scopeSelfPay, depth: 2)
    }

    private func payers(_ settlement: SettlementResponse, _ page: inout ReceiptPage) {
        let split = settlement.split
        page.amount("PAID BY the pooled fund", split.pooled)
        page.amount("PAID BY large-amount assistance", split.large)
        page.amount("PAID BY supplementary plans", split.supplement)
        for share in split.plans { page.amount("plan \(share.plan)", share.amount, depth: 1) }
        page.amount("PERSONAL", split.personal)
        page.amount("individual account", split.account, depth: 1)
        page.amount("family accounts", split.family, depth: 1)
        for share in settlement.family {
            page.amount("account of \(share.ownerMasked)", share.amount, depth: 2)
        }
        page.amount("cash", split.cash, depth: 1)
        if split.excluded > .zero { page.amount("cash-only lines", split.excluded, depth: 2) }
        if split.shortfall > .zero {
            page.amount("accounts could not pay", split.shortfall, depth: 2)
        }
    }

    private func verdict(_ page: inout ReceiptPage) {
        let result = response.result
        page.rule("-")
        page.line("ANSWER \(result.code.text) \(result.code.words)")
        if result.reason != .none { page.line("       \(result.reason.words)") }
        if result.code == .wrongPIN { page.line("       tries left: \(result.triesLeft)") }
        if !result.detail.isEmpty { page.line("       \(result.detail)") }
        if result.replayed { page.line("       recorded before: nothing was executed now") }
        if !result.code.isApproval { page.line("       nothing was debited") }
    }
}
