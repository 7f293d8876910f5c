import Ledger
import SettlementDomain
import Yams

/// A claim as a clerk writes it down: bills, documents, payee.
///
/// - Source: `Config/README.md`, "Claims".
public struct ClaimFile: Sendable {
    /// The bills, each line as `parse` made it.
    public let bills: [SubmittedBill]
    /// The papers that came with them.
    public let documents: [ClaimDocument]
    /// To whom it shall be paid.
    public let payee: Payee

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - parse: makes a line of its text; nil where the text is none.
    /// - Throws: every wrong or unknown key, with its path, line and column.
    public init(path: String, line parse: (String) -> RequestLine?) throws(SiteFileFault) {
        try self.init(name: path, root: YAMLFile.root(path: path), parse)
    }

    /// Reads YAML that is in memory, under a name for errors.
    ///
    /// - Throws: every wrong or unknown key, with its path, line and column.
    public init(
        name: String, bytes: [UInt8], line parse: (String) -> RequestLine?
    ) throws(SiteFileFault) {
        try self.init(name: name, root: YAMLFile.root(name: name, bytes: bytes), parse)
    }

    private init(
        name: String, root: Node, _ parse: (String) -> RequestLine?
    ) throws(SiteFileFault) {
        var reading = ClaimReading(file: name)
        let root = YAMLSection(
            root, path: "", keys: ["bills", "documents", "payee"], &reading.defects)
        bills = reading.bills(root, parse)
        documents = reading.documents(root)
        guard let payee = reading.payee(root), reading.defects.isEmpty else {
            throw .refused(reading.defects)
        }
        self.payee = payee
    }
}

/// One reading of a claim, with what was found wrong so far.
private struct ClaimReading {
    var defects: DefectList
    private let visits = CodeNames<VisitType>()
    private let kinds = CodeNames<InstitutionKind>([
        .pharmacy, .clinic, .hospital, .vaccinationClinic,
    ])
    private let levels = CodeNames<InstitutionLevel>()
    private let papers = CodeNames<ClaimDocumentKind>()

    init(file: String) {
        defects = DefectList(file: file)
    }

    mutating func bills(
        _ root: YAMLSection, _ parse: (String) -> RequestLine?
    ) -> [SubmittedBill] {
        let sections = root.sections(
            "bills",
            keys: [
                "institution", "code", "name", "kind", "level", "number", "serviceDate",
                "visitType", "diagnosis", "lines", "distinctFrom",
            ], &defects)
        if sections.isEmpty { root.refuse("bills", "needs at least one bill", &defects) }
        return sections.compactMap { section in
            let place = place(section)
            let number = section.value("number", "the bill's number", &defects, Self.text)
            let day = section.value("serviceDate", "a day as 2026-11-23", &defects, FormLine.day)
            let visit = section.value("visitType", "one of \(visits.list)", &defects) {
                visits[$0]
            }
            let diagnosis = section.valueIfWritten(
                "diagnosis", "1 to 20 letters, digits, - or .", &defects, DiseaseCode.init)
            let distinct = section.valueIfWritten(
                "distinctFrom", "settlements' ids with spaces between", &defects
            ) { text -> [SettlementID]? in
                let words = text.split(separator: " ")
                let ids = words.compactMap { SettlementID(String($0)) }
                return ids.count == words.count ? ids : nil
            }
            let lines = section.value(
                "lines",
                "CODExQUANTITYxPRICE, each with ,days=N and ,trace=CODE where wanted, with spaces between",
                &defects
            ) { text -> [RequestLine]? in
                let words = text.split(whereSeparator: \.isWhitespace)
                let lines = words.compactMap { parse(String($0)) }
                return lines.count == words.count && !lines.isEmpty ? lines : nil
            }
            guard let place, let number, let day, let visit, let lines else { return nil }
            guard let total = Self.sum(of: lines) else {
                section.refuse("lines", "sum to more than an amount may be", &defects)
                return nil
            }
            return SubmittedBill(
                bill: ClaimBill(
                    place: place, number: number, serviceDate: day, visitType: visit,
                    diagnosis: diagnosis, lines: [], total: total, distinctFrom: distinct ?? []),
                lines: lines)
        }
    }

    private mutating func place(_ section: YAMLSection) -> ClaimPlace? {
        if section.node("institution") != nil {
            let id = section.value(
                "institution", "an institution's 12-character code", &defects,
                InstitutionID.init)
            return id.map { id in
                ClaimPlace(
                    institution: id, code: id.text, name: "", kind: .hospital, level: .unrated)
            }
        }
        let code = section.value(
            "code", "the place's code, or an institution", &defects, Self.text)
        let name = section.value("name", "the place's name", &defects, Self.text)
        let kind = section.value("kind", "one of \(kinds.list)", &defects) { kinds[$0] }
        let level = section.value("level", "one of \(levels.list)", &defects) { levels[$0] }
        guard let code, let name, let kind, let level else { return nil }
        return ClaimPlace(institution: nil, code: code, name: name, kind: kind, level: level)
    }

    mutating func documents(_ root: YAMLSection) -> [ClaimDocument] {
        let sections = root.sections("documents", keys: ["kind", "sheets"], &defects)
        if sections.isEmpty { root.refuse("documents", "needs at least one paper", &defects) }
        return sections.compactMap { section in
            let kind = section.value("kind", "one of \(papers.list)", &defects) { papers[$0] }
            let sheets = section.value("sheets", "a number of 1...999", &defects) { text in
                UInt16(text).flatMap { (1...ClaimDocument.sheetsMax).contains($0) ? $0 : nil }
            }
            guard let kind, let sheets else { return nil }
            return ClaimDocument(kind: kind, sheets: sheets)
        }
    }

    mutating func payee(_ root: YAMLSection) -> Payee? {
        guard let node = root.node("payee") else {
            root.refuse("payee", "is missing; write holder, bank and number, or card", &defects)
            return nil
        }
        let section = YAMLSection(
            node, path: "payee", keys: ["holder", "bank", "number", "card"], &defects)
        if section.node("card") != nil {
            return section.value(
                "card", "10 to 19 digits with their check digit", &defects, CardNumber.init(_:)
            ).map { .card($0) }
        }
        let holder = section.value("holder", "the account's holder, or a card", &defects, Self.text)
        let bank = section.value("bank", "the bank", &defects, Self.text)
        let number = section.value("number", "the account's number", &defects, Self.text)
        guard let holder, let bank, let number else { return nil }
        return .bankAccount(holder: holder, bank: bank, number: number)
    }

    private static func sum(of lines: [RequestLine]) -> Money? {
        var total = Money.zero
        for line in lines {
            guard let sum = total.checkedAdding(line.amount), sum.isInRange else { return nil }
            total = sum
        }
        return total
    }

    private static func text(_ text: String) -> String? { text.isEmpty ? nil : text }
}
