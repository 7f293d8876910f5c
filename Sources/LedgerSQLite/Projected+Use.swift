import Ledger
import SettlementDomain

extension AccumulatorRow: Projected {
    static var table: String { "accumulator" }
    static var keyColumns: [String] { ["person", "year", "category"] }
    static var columns: [String] { ["deductible", "pooled", "large", "plans", "stays"] }

    static func bind(_ key: AccumulatorKey, to binder: inout ColumnBinder) {
        binder.person(key.person)
        binder.integer(key.year)
        binder.choice(key.category)
    }

    /// Plans as `plan=fen`, a comma between.
    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.money(used.deductibleUsed)
        binder.money(used.pooledUsed)
        binder.money(used.largeUsed)
        let plans = used.planUsed
        binder.optionalText(
            plans.isEmpty
                ? nil : plans.map { "\($0.plan)=\($0.amount.fen)" }.joined(separator: ","))
        binder.integer(used.stays)
    }

    init(from reader: inout ColumnReader) throws {
        let key = AccumulatorKey(
            person: try reader.person("person"), year: try reader.number("year"),
            category: try reader.choice("category"))
        self.init(
            key: key,
            used: Accumulators(
                deductibleUsed: try reader.money("deductible"),
                pooledUsed: try reader.money("pooled"), largeUsed: try reader.money("large"),
                planUsed: try reader.words("plans", separator: .comma) { word in
                    let parts = word.split(separator: "=")
                    guard parts.count == 2, let plan = PlanID(String(parts[0])),
                        let fen = Int64(parts[1])
                    else { return nil }
                    return PlanShare(plan: plan, amount: Money(fen: fen))
                }, stays: try reader.number("stays")))
    }

    static func position(of key: AccumulatorKey) -> TreePosition {
        TreePosition(key.person.rawValue, UInt64(key.year) << 8 | UInt64(key.category.rawValue))
    }
}

extension TraceCodeRow: Projected {
    static var table: String { "trace_code" }
    static var keyColumns: [String] { ["code"] }
    static var columns: [String] { ["takings"] }

    var key: TraceCode { code }

    static func bind(_ key: TraceCode, to binder: inout ColumnBinder) {
        binder.text(key.text)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.text(code.text)
        binder.integer(Int64(takings))
    }

    init(from reader: inout ColumnReader) throws {
        let code = try reader.checked(TraceCode(reader.text()), "code")
        self.init(code: code, takings: try reader.number("takings"))
    }

    static func position(of key: TraceCode) -> TreePosition {
        TreePosition(key.text)
    }

    static func hash(of key: TraceCode) -> UInt64 {
        UInt64(bitPattern: Int64(key.hashValue))
    }
}

extension UsageRow: Projected {
    static var table: String { "usage" }
    static var keyColumns: [String] { ["person", "code"] }
    static var columns: [String] { ["history"] }

    static func bind(_ key: UsageKey, to binder: inout ColumnBinder) {
        binder.person(key.person)
        binder.text(key.code.text)
    }

    /// Uses as `day:thousandths:days`, oldest first, a space between.
    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.text(
            history.records.map { "\($0.date.yyyymmdd):\($0.quantity.thousandths):\($0.days)" }
                .joined(separator: " "))
    }

    init(from reader: inout ColumnReader) throws {
        let key = UsageKey(
            person: try reader.person("person"),
            code: try reader.checked(ItemCode(reader.text()), "code"))
        let records = try reader.words("history", separator: .space) { word -> UsageRecord? in
            let parts = word.split(separator: ":")
            guard parts.count == 3,
                let date = Int32(parts[0]).flatMap(CivilDate.init(yyyymmdd:)),
                let quantity = Int64(parts[1]), let days = Int64(parts[2])
            else { return nil }
            return UsageRecord(date: date, quantity: Quantity(thousandths: quantity), days: days)
        }
        self.init(key: key, history: UsageHistory(records))
    }

    static func position(of key: UsageKey) -> TreePosition {
        TreePosition(key.person.rawValue, TreePosition(key.code.text).high)
    }
}

extension CreditRow: Projected {
    static var table: String { "credit" }
    static var keyColumns: [String] { ["person", "reference"] }
    static var columns: [String] { ["amount", "collector"] }

    static func bind(_ key: CreditKey, to binder: inout ColumnBinder) {
        binder.person(key.person)
        binder.text(key.reference)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.money(amount)
        binder.text(collector)
    }

    init(from reader: inout ColumnReader) throws {
        let key = CreditKey(person: try reader.person("person"), reference: reader.text())
        self.init(key: key, amount: try reader.money("amount"), collector: reader.text())
    }

    static func position(of key: CreditKey) -> TreePosition {
        TreePosition(key.person.rawValue, TreePosition(key.reference).high)
    }
}

extension ClearingRow: Projected {
    static var table: String { "clearing" }
    static var keyColumns: [String] { ["date", "institution"] }
    static var columns: [String] { ["amount"] }

    static func bind(_ key: ClearingKey, to binder: inout ColumnBinder) {
        binder.date(key.date)
        binder.text(key.institution.text)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        binder.money(amount)
    }

    init(from reader: inout ColumnReader) throws {
        let date = try reader.date("date")
        let institution = try reader.checked(InstitutionID(reader.text()), "institution")
        self.init(
            key: ClearingKey(institution: institution, date: date),
            amount: try reader.money("amount"))
    }

    static func position(of key: ClearingKey) -> TreePosition {
        // The institution's first letters come in the order of the table's rows of one date.
        TreePosition(UInt64(key.date.yyyymmdd), TreePosition(key.institution.text).high)
    }
}
