import Ledger
import SettlementDomain

/// A store whose entries are numbered from 1 on to whoever asks, whatever numbers it gives itself.
///
/// Stores are compared by the order of entries.
final class RankedStore<Inner: LedgerStore>: LedgerStore {
    let inner: Inner
    /// The store's own numbers, in order.
    private(set) var numbers: [UInt64]

    init(_ inner: Inner, numbers: [UInt64] = []) {
        self.inner = inner
        self.numbers = numbers
    }

    func loadReference() throws(StoreFault) -> Reference { try inner.loadReference() }

    func load(_ keys: LoadKeys, reference: Reference) throws(StoreFault) -> WorkingSet {
        try inner.load(keys, reference: reference)
    }

    func commit(_ entries: [JournalEntry]) throws(StoreFault) {
        try inner.commit(entries)
        while case .entries(let page) = try inner.read(
            .entries(after: numbers.last ?? 0, limit: 1000)), !page.isEmpty
        {
            numbers += page.map(\.sequence)
        }
    }

    func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        ranked(try inner.read(numbered(question)))
    }

    func tidy() { inner.tidy() }

    func close() { inner.close() }

    private func number(_ rank: UInt64) -> UInt64 {
        if rank == 0 { return 0 }
        return rank <= numbers.count ? numbers[Int(rank) - 1] : .max
    }

    private func rank(_ number: UInt64) -> UInt64 {
        number == 0 ? 0 : UInt64((numbers.firstIndex(of: number) ?? -1) + 1)
    }

    private func numbered(_ question: StoreQuestion) -> StoreQuestion {
        switch question {
        case .entry(let sequence): .entry(number(sequence))
        case .entries(let after, let limit): .entries(after: number(after), limit: limit)
        case .movements(let person, let before, let limit):
            .movements(person, before: before.map(number), limit: limit)
        case .historyOf(let person, let from, let through, let before, let limit):
            .historyOf(
                person, from: from, through: through, before: before.map(number), limit: limit)
        case .movesOf(let person, let from, let through, let before, let limit):
            .movesOf(
                person, from: from, through: through, before: before.map(number), limit: limit)
        case .accesses(let person, let before, let limit):
            .accesses(person, before: before.map(number), limit: limit)
        case .settlementsOf(let person, let before, let limit):
            .settlementsOf(person, before: before.map(number), limit: limit)
        case .settlementsOn(let date, let institution, let after, let limit):
            .settlementsOn(date, institution, after: after.map(number), limit: limit)
        default: question
        }
    }

    private func ranked(_ page: StorePage) -> StorePage {
        func ranked<Row>(_ rows: [Row], _ path: WritableKeyPath<Row, UInt64>) -> [Row] {
            rows.map { row in
                var row = row
                row[keyPath: path] = rank(row[keyPath: path])
                return row
            }
        }
        return switch page {
        case .entries(let rows): .entries(ranked(rows, \.sequence))
        case .movements(let rows): .movements(ranked(rows, \.sequence))
        case .moves(let rows): .moves(ranked(rows, \.sequence))
        case .accesses(let rows): .accesses(ranked(rows, \.sequence))
        case .day(let rows): .day(ranked(rows, \.sequence))
        case .settlements(let rows): .settlements(ranked(rows, \.sequence))
        default: page
        }
    }
}
