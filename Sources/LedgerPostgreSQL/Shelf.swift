import Ledger
import SettlementDomain

/// What is known of one table's rows: those read for the batch at hand, those that it turns out to
/// need, and those of earlier batches, from which is guessed what it will need.
struct Shelf<Row: Stored> {
    /// A row as it was read; version 0: there is none.
    struct Found {
        var row: Row?
        var version: UInt64
    }

    private(set) var found: [Row.Key: Found] = [:]
    private(set) var wanted: Set<Row.Key> = []
    /// Why rows could not be read that were passed over, by the entry that they name.
    private(set) var unreadable: [UInt64: String] = [:]
    private var hints: [Row.Key: Row] = [:]
    private var olderHints: [Row.Key: Row] = [:]
    /// Whether what earlier batches have read helps to guess.
    private let guesses: Bool

    /// As many rows are remembered for guessing; then the older half is forgotten.
    private static var hintsMax: Int { 50_000 }

    init(guesses: Bool = false) {
        self.guesses = guesses
    }

    /// The row of a key, or what it was; what is not known is wanted.
    mutating func get(_ key: Row.Key) -> Row? {
        if let known = found[key] { return known.row }
        wanted.insert(key)
        return guesses ? hints[key] ?? olderHints[key] : nil
    }

    /// Wants a row that is not known.
    mutating func want(_ key: Row.Key) {
        if found[key] == nil { wanted.insert(key) }
    }

    /// The version that was read; nil where the row was never asked for.
    func version(_ key: Row.Key) -> UInt64? { found[key]?.version }

    /// The command that reads the wanted rows; nil where there are none.
    func command(_ seal: any StoreSeal) throws(StoreFault) -> Command? {
        guard !wanted.isEmpty else { return nil }
        var writer = ColumnWriter(Row.table.keys.map(\.type), rows: wanted.count, seal: seal)
        for key in wanted { try Row.write(key, to: &writer) }
        return Command(Row.table.findSQL, writer.parameters)
    }

    /// Takes the answer to `command`; gives the newest version in it.
    ///
    /// A row that cannot be read is a fault, or is noted in `unreadable` and passed over.
    mutating func take(
        _ rows: ResultRows, passingOver: Bool = false
    ) throws(StoreFault) -> UInt64 {
        let newest = try takeRows(rows, passingOver: passingOver)
        for key in wanted { found[key] = Found(row: nil, version: 0) }
        wanted.removeAll(keepingCapacity: true)
        return newest
    }

    /// Takes rows that were read by other columns than the key; of these keys there are no others.
    mutating func take(
        _ rows: ResultRows, amongst keys: [Row.Key]
    ) throws(StoreFault) -> UInt64 {
        let newest = try takeRows(rows, passingOver: false)
        for key in keys where found[key] == nil {
            found[key] = Found(row: nil, version: 0)
            wanted.remove(key)
        }
        return newest
    }

    private mutating func takeRows(
        _ rows: ResultRows, passingOver: Bool
    ) throws(StoreFault) -> UInt64 {
        var newest: UInt64 = 0
        for index in 0..<rows.count {
            var reader = rows.reader(index, of: Row.table.name)
            let row: Row
            do throws(StoreFault) {
                row = try Row(from: &reader)
            } catch {
                guard passingOver, case .corrupt(let why) = error else { throw error }
                var rest = rows.reader(index, of: Row.table.name)
                rest.skip(Row.table.keys.count + Row.table.values.count)
                unreadable[rest.unsigned()] = why
                continue
            }
            let version = reader.unsigned()
            newest = max(newest, version)
            found[row.key] = Found(row: row, version: version)
            wanted.remove(row.key)
            if guesses { remember(row) }
        }
        return newest
    }

    /// Takes a row that another question brought.
    mutating func put(_ row: Row, version: UInt64) {
        found[row.key] = Found(row: row, version: version)
        wanted.remove(row.key)
    }

    /// Forgets what was read and wanted; what helps to guess is kept.
    mutating func forget() {
        found.removeAll(keepingCapacity: true)
        wanted.removeAll(keepingCapacity: true)
        unreadable.removeAll(keepingCapacity: true)
    }

    private mutating func remember(_ row: Row) {
        if hints.count >= Self.hintsMax {
            olderHints = hints
            hints = [:]
        }
        hints[row.key] = row
    }
}

/// Answers of questions that are no table's rows, by what was asked.
struct AnswerShelf<Key: Hashable & Sendable, Answer> {
    private(set) var found: [Key: Answer] = [:]
    private(set) var wanted: Set<Key> = []

    mutating func get(_ key: Key) -> Answer? {
        if let known = found[key] { return known }
        wanted.insert(key)
        return nil
    }

    mutating func put(_ answer: Answer, for key: Key) {
        found[key] = answer
        wanted.remove(key)
    }

    mutating func forget() {
        found.removeAll(keepingCapacity: true)
        wanted.removeAll(keepingCapacity: true)
    }
}
