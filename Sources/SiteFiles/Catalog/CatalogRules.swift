import SettlementDomain

/// One line of a restriction rules file.
public struct CatalogRule: Sendable, Hashable {
    /// The file.
    public var file: String
    /// The line on which it starts.
    public var line: Int
    /// The item.
    public var code: ItemCode
    /// The item's name.
    public var name: String
    /// What the code says the item is.
    public var kind: ItemKind
    /// What it restricts.
    public var restriction: Restriction

    /// Creates a rule.
    public init(
        file: String, line: Int, code: ItemCode, name: String, kind: ItemKind,
        restriction: Restriction
    ) {
        self.file = file
        self.line = line
        self.code = code
        self.name = name
        self.kind = kind
        self.restriction = restriction
    }
}

/// Brings restriction rules into a catalog.
///
/// Every rule of an item must hold. Where two rules ask the same question of one code, a stricter
/// limit, level or age replaces the other; answers that exclude each other (male and female,
/// outpatient and inpatient) are refused. A name that differs from the code's first one is ignored.
/// Nothing of this is silent: each is told by a `Note`.
public enum CatalogRules {
    /// What an item is like that only rules name.
    public struct NewEntry: Sendable, Hashable {
        /// How far the pooled fund pays; b where nothing else is said.
        public var level: PaymentLevel
        /// What the patient pays first, of level b only; 10 % where nothing else is said.
        public var firstSelfPay: Ratio
        /// The first day of the entry.
        public var effectiveFrom: CivilDate

        /// Creates the likeness of new entries; a ratio without level b is dropped.
        public init(
            level: PaymentLevel = .b,
            firstSelfPay: Ratio = Ratio(tenThousandths: 1000) ?? .zero, effectiveFrom: CivilDate
        ) {
            self.level = level
            self.firstSelfPay = level == .b ? firstSelfPay : .zero
            self.effectiveFrom = effectiveFrom
        }
    }

    /// What was done with a rule that did not simply add its restriction.
    public struct Note: Sendable, Hashable, CustomStringConvertible {
        /// The kinds of notes.
        public enum Kind: String, CaseIterable, Sendable {
            /// The code has the very same restriction already.
            case repeated
            /// The name differs from the code's first.
            case otherName
            /// Of two rules the stricter stays.
            case stricterStays
        }

        /// What kind.
        public var kind: Kind
        /// The rule's file.
        public var file: String
        /// The rule's line.
        public var line: Int
        /// What was found and done.
        public var text: String

        /// `rules.csv:12: text`.
        public var description: String { "\(file):\(line): \(text)" }
    }

    /// A catalog's entries after the rules.
    public struct Merged: Sendable {
        /// The entries: those that were there in their order, then new ones in the order of lines.
        public var entries: [CatalogEntry]
        /// How many entries were there and got a restriction.
        public var restricted = 0
        /// How many entries are new.
        public var added = 0
        /// What was done with repeated, contradictory or differently named rules.
        public var notes: [Note] = []
    }

    /// Adds the rules' restrictions to the entries of their codes, and new entries for the others.
    ///
    /// - Parameters:
    ///   - rules: of one or more files.
    ///   - entries: the catalog so far; a rule holds for every period of its code.
    ///   - likeness: what new entries are like.
    /// - Returns: the entries, and what was done.
    /// - Throws: `SiteFileFault.refused` with every rule that contradicts an earlier one.
    public static func merge(
        _ rules: [CatalogRule], into entries: [CatalogEntry] = [], creating likeness: NewEntry
    ) throws(SiteFileFault) -> Merged {
        var merging = Merging(entries, likeness)
        for rule in rules { merging.add(rule) }
        guard let defects = merging.defects else { return merging.merged }
        throw .refused(defects)
    }
}

/// The merge as far as it has come.
private struct Merging {
    var merged: CatalogRules.Merged
    var defects: DefectList?
    private let likeness: CatalogRules.NewEntry
    private var indexes: [ItemCode: [Int]] = [:]
    private var isRestricted: Set<Int> = []
    private let old: Int

    init(_ entries: [CatalogEntry], _ likeness: CatalogRules.NewEntry) {
        merged = CatalogRules.Merged(entries: entries)
        self.likeness = likeness
        old = entries.count
        for (index, entry) in entries.enumerated() {
            indexes[entry.code, default: []].append(index)
        }
    }

    mutating func add(_ rule: CatalogRule) {
        guard let known = indexes[rule.code] else {
            indexes[rule.code] = [merged.entries.count]
            merged.added += 1
            merged.entries.append(
                CatalogEntry(
                    code: rule.code, name: rule.name, kind: rule.kind, level: likeness.level,
                    firstSelfPay: likeness.firstSelfPay, restrictions: [rule.restriction],
                    effectiveFrom: likeness.effectiveFrom))
            return
        }
        for (position, index) in known.enumerated() {
            // A rule is told once, however many periods its code has.
            restrict(index, rule, isTold: position == 0)
            if index < old && isRestricted.insert(index).inserted { merged.restricted += 1 }
        }
    }

    private mutating func restrict(_ index: Int, _ rule: CatalogRule, isTold: Bool) {
        let entry = merged.entries[index]
        if isTold && entry.name != rule.name {
            note(.otherName, rule, "\(rule.code) is called \(entry.name), here \(rule.name)")
        }
        guard
            let other = entry.restrictions.firstIndex(where: {
                $0.isSame(question: rule.restriction)
            })
        else {
            merged.entries[index].restrictions.append(rule.restriction)
            return
        }
        let standing = entry.restrictions[other]
        if standing == rule.restriction {
            if isTold { note(.repeated, rule, "\(rule.code) has \(standing) already") }
            return
        }
        guard let stricter = Restriction.stricter(standing, rule.restriction) else {
            if isTold {
                var list = defects ?? DefectList(file: rule.file)
                list.add(
                    Defect(
                        line: rule.line, field: "restriction",
                        reason: "\(rule.restriction) excludes \(standing) of \(rule.code)"
                            + (rule.file == list.file ? "" : ", in \(rule.file)")))
                defects = list
            }
            return
        }
        merged.entries[index].restrictions[other] = stricter
        if isTold {
            note(
                .stricterStays, rule,
                "\(rule.code) has \(standing) and \(rule.restriction); \(stricter) stays")
        }
    }

    private mutating func note(
        _ kind: CatalogRules.Note.Kind, _ rule: CatalogRule, _ text: String
    ) {
        merged.notes.append(
            CatalogRules.Note(kind: kind, file: rule.file, line: rule.line, text: text))
    }
}

extension Restriction {
    /// The one that implies the other, of two that ask the same question; nil where none does.
    fileprivate static func stricter(_ left: Restriction, _ right: Restriction) -> Restriction? {
        switch (left, right) {
        case (.maxDays(let first), .maxDays(let second)): first <= second ? left : right
        case (.maxHoursPerDay(let first), .maxHoursPerDay(let second)):
            first <= second ? left : right
        case (.maxQuantity(let first, _), .maxQuantity(let second, _)):
            first <= second ? left : right
        case (.institutionLevelAtLeast(let first), .institutionLevelAtLeast(let second)):
            first >= second ? left : right
        // A younger group is part of every older one.
        case (.ageGroup(let first), .ageGroup(let second)):
            first.rawValue <= second.rawValue ? left : right
        default: nil
        }
    }
}
