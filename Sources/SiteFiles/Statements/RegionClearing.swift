import Ledger
import SettlementDomain

/// What pooling regions owe one another for an ended business date.
///
/// A card of another region is paid by its home region's funds to an institution that stands in a
/// region of its own: the home region owes that one what it paid. Made of the institutions'
/// statements alone, and so the same whenever it is made again.
public struct RegionClearing: Sendable {
    /// Whose patients, at whose institutions.
    public struct Pair: Sendable, Hashable, Comparable {
        /// The patients' home region, whose funds pay.
        public var home: RegionCode
        /// The region in which the institutions stand.
        public var place: RegionCode

        /// Whether the left comes first: by home, then by place.
        public static func < (left: Pair, right: Pair) -> Bool {
            left.home == right.home ? left.place < right.place : left.home < right.home
        }
    }

    /// What pays, within a home region.
    public struct Fund: Sendable, Hashable, Comparable {
        private var order: Int
        /// `pooled:employee`, `large:resident`, `supplement`, `account`, `family` ...
        public var name: String

        fileprivate init(_ order: Int, _ name: String) {
            self.order = order
            self.name = name
        }

        /// Whether the left is listed first.
        public static func < (left: Fund, right: Fund) -> Bool {
            left.order == right.order ? left.name < right.name : left.order < right.order
        }
    }

    /// The business date of booking.
    public let date: CivilDate
    /// Count and sums of each pair, what was given back taken off.
    public private(set) var pairs: [Pair: ClearingSums] = [:]
    /// What each fund paid for a pair; funds that paid nothing are left out.
    public private(set) var funds: [Pair: [Fund: Money]] = [:]

    /// Creates the clearing of a date's statements, in any order.
    public init(date: CivilDate, statements: [ClearingStatement]) {
        self.date = date
        var books: [Pair: ClearingBooks] = [:]
        for row in statements.lazy.flatMap(\.rows) {
            let pair = Pair(home: row.homeRegion, place: row.institutionRegion)
            books[pair, default: ClearingBooks()].take(row)
            for (fund, amount) in Self.funds(of: row) where amount != .zero {
                let signed = row.kind == .settle ? amount : -amount
                funds[pair, default: [:]][fund, default: .zero] += signed
            }
        }
        pairs = books.mapValues(\.net)
        for pair in funds.keys { funds[pair] = funds[pair]?.filter { $0.value != .zero } }
    }

    private static func funds(of row: DayRow) -> [(Fund, Money)] {
        [
            (Fund(0, "pooled:\(row.insuranceType.name)"), row.pooled),
            (Fund(1, "large:\(row.insuranceType.name)"), row.large),
            (Fund(2, "supplement"), row.supplement), (Fund(3, "account"), row.account),
            (Fund(4, "family"), row.family),
        ]
    }

    /// Every region that occurs, in order.
    public var regions: [RegionCode] {
        Set(pairs.keys.flatMap { [$0.home, $0.place] }).sorted()
    }

    /// What other regions owe this one, less what it owes them; all regions sum to zero.
    public func net(of region: RegionCode) -> Money {
        pairs.reduce(Money.zero) { sum, pair in
            guard pair.key.home != pair.key.place else { return sum }
            let receives = pair.key.place == region ? pair.value.insured : .zero
            let owes = pair.key.home == region ? pair.value.insured : .zero
            return sum + receives - owes
        }
    }

    /// What regions owe other regions in all.
    public var owed: Money {
        pairs.filter { $0.key.home != $0.key.place }.values.reduce(Money.zero) { $0 + $1.insured }
    }

    /// The name of its file, without the extension.
    public var fileName: String { "clearing-\(date)-regions" }

    /// Writes the clearing as CSV: for each pair of regions a record a fund and a record of all, then
    /// a record a region.
    ///
    /// - Source: Config/README.md, "Between regions".
    public func writeCSV(to path: String) throws(SiteFileFault) {
        var file = try CSVWriter(
            path: path,
            columns: [
                "record", "business_date", "home_region", "institution_region", "fund", "count",
                "amount",
            ])
        for (pair, sums) in pairs.sorted(by: { $0.key < $1.key }) {
            let own = [date.description, pair.home.description, pair.place.description]
            for (fund, amount) in (funds[pair] ?? [:]).sorted(by: { $0.key < $1.key }) {
                try file.write(["fund"] + own + [fund.name, "", amount.description])
            }
            let record = pair.home == pair.place ? "own" : "owed"
            try file.write(
                [record] + own + ["", String(sums.count), sums.insured.description])
        }
        for region in regions {
            try file.write(
                ["net", date.description, region.description, "", "", "", "\(net(of: region))"])
        }
        try file.finish()
    }

    /// The clearing as a page for print: A4 landscape, no scripts, nothing from elsewhere.
    public var html: String {
        var body = HTML.definitions([
            ("Business date", date.description), ("Regions", String(regions.count)),
            ("Owed between regions", "\(owed) yuan"), ("In words", AmountInWords.of(owed)),
        ])
        body += "<table>\n<thead><tr><th>Home region</th><th>Institutions' region</th>"
        body += "<th>Fund</th><th class=\"n\">Count</th><th class=\"n\">Amount</th></tr></thead>\n"
        body += "<tbody>\n"
        for (pair, sums) in pairs.sorted(by: { $0.key < $1.key }) {
            let own = "<td>\(pair.home)</td><td>\(pair.place)</td>"
            for (fund, amount) in (funds[pair] ?? [:]).sorted(by: { $0.key < $1.key }) {
                body += "<tr>\(own)<td>\(HTML.text(fund.name))</td><td class=\"n\"></td>"
                body += HTML.cells([amount]) + "</tr>\n"
            }
            let name = pair.home == pair.place ? "own institutions" : "owed"
            body += "<tr class=\"net\">\(own)<td>\(name)</td><td class=\"n\">\(sums.count)</td>"
            body += HTML.cells([sums.insured]) + "</tr>\n"
        }
        body += "</tbody>\n</table>\n<table>\n<thead><tr><th>Region</th>"
        body += "<th class=\"n\">Receives from other regions, net</th></tr></thead>\n<tbody>\n"
        for region in regions {
            body += "<tr><td>\(region)</td>\(HTML.cells([net(of: region)]))</tr>\n"
        }
        body += "</tbody>\n</table>\n"
        body += HTML.signatures(["Prepared by", "Checked by", "Date"])
        return HTML.page(
            title: "Clearing between regions \(date)", heading: "Clearing between regions", body)
    }
}
