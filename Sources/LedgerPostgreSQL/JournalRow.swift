import Ledger
import SettlementDomain

/// A row of the journal: what an entry did to one person, or the entry of nobody in particular.
///
/// An entry's bytes are in the row of the account that it is filed under; the rows of others whom it
/// touched say where that is.
struct JournalRow: Equatable {
    var place: EntryPlace
    /// The account under which the entry is; nil: this one.
    var home: Int64?
    var time: Int64
    var bookedDate: CivilDate
    var kind: RequestKind
    /// Money that moved in the person's account, and the balance after it.
    var amount: Money?
    var balance: Money?
    /// The settlement that the entry made or changed, of whomever.
    var settlement: SettlementID?
    /// Whether the entry changed a settlement of the person's own.
    var isOwnSettlement = false
    /// Whether the entry adds a line to the person's access log.
    var isAccess = false

    static let columns = [
        Column.account, Column("seq", .int8), Column("home", .int8), Column("time", .int8),
        Column("booked_date", .int4), Column("kind", .int2), Column("amount", .int8),
        Column("balance", .int8), Column("settlement", .text), Column("own", .bool),
        Column("access", .bool),
    ]

    /// The rows by which an entry lies in the journal, the one with its bytes first.
    static func rows(of entry: JournalEntry) -> [JournalRow] {
        let account = entry.account
        var rows = [JournalRow(account, of: entry, home: nil)]
        func change(_ person: PersonID, _ body: (inout JournalRow) -> Void) {
            let account = Int64(person.rawValue)
            if let index = rows.firstIndex(where: { $0.place.account == account }) {
                body(&rows[index])
            } else {
                var row = JournalRow(account, of: entry, home: rows[0].place.account)
                body(&row)
                rows.append(row)
            }
        }
        for movement in entry.movements {
            change(movement.person) { row in
                row.amount = movement.amount
                row.balance = movement.balance
            }
        }
        for case .settlement(let settlement) in entry.changes {
            change(settlement.person) { $0.isOwnSettlement = true }
        }
        for case .access(let access) in entry.changes {
            change(access.person) { $0.isAccess = true }
        }
        return rows
    }

    private init(_ account: Int64, of entry: JournalEntry, home: Int64?) {
        place = EntryPlace(account: account, sequence: entry.sequence)
        self.home = home
        time = entry.time
        bookedDate = entry.bookedDate
        kind = entry.kind
        settlement = entry.settlementRow?.id
    }

    func write(to writer: inout ColumnWriter) {
        writer.integer(place.account)
        writer.integer(Int64(bitPattern: place.sequence))
        writer.optionalInteger(home)
        writer.integer(time)
        writer.date(bookedDate)
        writer.choice(kind)
        writer.optionalInteger(amount?.fen)
        writer.optionalInteger(balance?.fen)
        writer.optionalText(settlement?.description)
        writer.flag(isOwnSettlement)
        writer.flag(isAccess)
    }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        place = EntryPlace(account: reader.integer(), sequence: reader.unsigned())
        home = reader.isNull() ? nil : reader.integer()
        time = reader.integer()
        bookedDate = try reader.date("booked_date")
        kind = try reader.choice("kind")
        amount = reader.isNull() ? nil : try reader.money("amount")
        balance = reader.isNull() ? nil : try reader.money("balance")
        settlement =
            reader.isNull() ? nil : try reader.checked(SettlementID(reader.text()), "settlement")
        isOwnSettlement = reader.flag()
        isAccess = reader.flag()
    }
}
