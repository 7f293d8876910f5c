import Ledger
import SettlementDomain

/// The records of the operator's local socket, in the journal's canonical form.
///
/// Both ends are of the same build: this is no public format. Registrations and their results are
/// `JournalCoding`'s own.
public enum OperatorCoding {
    /// A page as records: one that says what the rows are, then one a row.
    public static func encode(_ page: StorePage) -> [[UInt8]] {
        switch page {
        case .persons(let rows): records(.persons, rows.map(JournalCoding.encode))
        case .cards(let rows): records(.cards, rows.map(JournalCoding.encode))
        case .accounts(let rows): records(.accounts, rows.map(JournalCoding.encode))
        case .families(let rows): records(.families, rows.map(JournalCoding.encode))
        case .accumulators(let rows): records(.accumulators, rows.map(JournalCoding.encode))
        case .settlements(let rows):
            records(
                .settlements,
                rows.map { sequence, row in
                    written {
                        $0.unsigned(sequence)
                        row.write(to: &$0)
                    }
                })
        case .answers(let rows): records(.answers, rows.map(JournalCoding.encode))
        case .entries(let rows):
            records(
                .entries,
                rows.map { entry in
                    written {
                        $0.unsigned(entry.sequence)
                        $0.run(JournalCoding.encode(entry))
                    }
                })
        case .movements(let rows):
            records(.movements, rows.map { row in written { write(row, to: &$0) } })
        case .owners(let rows): records(.owners, rows.map(JournalCoding.encode))
        case .contributions(let rows): records(.contributions, rows.map(JournalCoding.encode))
        case .claims(let rows): records(.claims, rows.map(JournalCoding.encode))
        case .moves(let rows):
            records(.moves, rows.map { row in written { write(row, to: &$0) } })
        case .accesses(let rows):
            records(.accesses, rows.map { row in written { write(row, to: &$0) } })
        case .balances(let rows):
            records(
                .balances,
                rows.map { account, balance in
                    written {
                        $0.string(account)
                        balance.write(to: &$0)
                    }
                })
        case .counts(let rows):
            records(
                .counts,
                rows.map { name, count in
                    written {
                        $0.string(name)
                        $0.unsigned(count)
                    }
                })
        case .reference(let rows): records(.reference, rows.map(JournalCoding.encode))
        case .day(let rows): records(.day, rows.map(JournalCoding.encode))
        case .clearings(let rows): records(.clearings, rows.map(JournalCoding.encode))
        }
    }

    /// The page of these records.
    public static func page(_ records: [[UInt8]]) throws(CodingFault) -> StorePage {
        guard let first = records.first else {
            throw CodingFault(offset: 0, expected: "a record that says what the page holds")
        }
        var reader = ByteReader(first)
        let rows: PageRows = try reader.choice()
        try reader.expectEnd()
        let rest = records.dropFirst()
        return switch rows {
        case .persons: .persons(try values(rest))
        case .cards: .cards(try values(rest))
        case .accounts: .accounts(try values(rest))
        case .families: .families(try values(rest))
        case .accumulators: .accumulators(try values(rest))
        case .settlements:
            .settlements(
                try each(rest) { (reader: inout ByteReader) throws(CodingFault) in
                    (sequence: try reader.unsigned(), row: try SettlementRow(from: &reader))
                })
        case .answers: .answers(try values(rest))
        case .entries:
            .entries(
                try each(rest) { (reader: inout ByteReader) throws(CodingFault) in
                    let sequence = try reader.unsigned()
                    return try JournalCoding.decode(try reader.run(), sequence: sequence)
                })
        case .movements: .movements(try each(rest, movement))
        case .accesses: .accesses(try each(rest, access))
        case .moves: .moves(try each(rest, move))
        case .owners: .owners(try values(rest))
        case .contributions: .contributions(try values(rest))
        case .claims: .claims(try values(rest))
        case .balances:
            .balances(
                try each(rest) { (reader: inout ByteReader) throws(CodingFault) in
                    (account: try reader.string(), balance: try Money(from: &reader))
                })
        case .counts:
            .counts(
                try each(rest) { (reader: inout ByteReader) throws(CodingFault) in
                    (name: try reader.string(), count: try reader.unsigned())
                })
        case .reference: .reference(try values(rest))
        case .day: .day(try values(rest))
        case .clearings: .clearings(try values(rest))
        }
    }

    /// What the rows of a page are.
    private enum PageRows: UInt8 {
        case persons = 1
        case cards = 2
        case accounts = 3
        case families = 4
        case accumulators = 5
        case settlements = 6
        case answers = 7
        case entries = 8
        case movements = 9
        case balances = 10
        case counts = 11
        case reference = 12
        case day = 13
        case clearings = 14
        case accesses = 15
        case moves = 16
        case owners = 17
        case contributions = 18
        case claims = 19
    }

    private static func records(_ rows: PageRows, _ rest: [[UInt8]]) -> [[UInt8]] {
        [[rows.rawValue]] + rest
    }

    static func written(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        write(&writer)
        return writer.bytes
    }

    private static func values<Value: Journaled>(
        _ records: ArraySlice<[UInt8]>
    ) throws(CodingFault) -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(records.count)
        for record in records { result.append(try JournalCoding.decode(Value.self, record)) }
        return result
    }

    private static func each<Value>(
        _ records: ArraySlice<[UInt8]>,
        _ read: (inout ByteReader) throws(CodingFault) -> Value
    ) throws(CodingFault) -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(records.count)
        for record in records {
            var reader = ByteReader(record)
            result.append(try read(&reader))
            try reader.expectEnd()
        }
        return result
    }

    private static func write(_ row: Movement, to writer: inout ByteWriter) {
        writer.unsigned(row.sequence)
        row.person.write(to: &writer)
        row.amount.write(to: &writer)
        row.balance.write(to: &writer)
        writer.signed(row.time)
        row.bookedDate.write(to: &writer)
        writer.choice(row.kind)
        writer.optionalValue(row.settlement)
    }

    private static func write(_ move: AccountMove, to writer: inout ByteWriter) {
        writer.unsigned(move.sequence)
        move.bookedDate.write(to: &writer)
        writer.choice(move.kind)
        writer.flag(move.isOwnSettlement)
        move.amount.write(to: &writer)
        move.balance.write(to: &writer)
    }

    private static func move(_ reader: inout ByteReader) throws(CodingFault) -> AccountMove {
        AccountMove(
            sequence: try reader.unsigned(), bookedDate: try CivilDate(from: &reader),
            kind: try reader.choice(), isOwnSettlement: try reader.flag(),
            amount: try Money(from: &reader), balance: try Money(from: &reader))
    }

    private static func write(_ access: Access, to writer: inout ByteWriter) {
        writer.unsigned(access.sequence)
        writer.signed(access.time)
        writer.choice(access.kind)
        access.row.write(to: &writer)
    }

    private static func access(_ reader: inout ByteReader) throws(CodingFault) -> Access {
        Access(
            sequence: try reader.unsigned(), time: try reader.signed(),
            kind: try reader.choice(), row: try AccessRow(from: &reader))
    }

    private static func movement(_ reader: inout ByteReader) throws(CodingFault) -> Movement {
        Movement(
            sequence: try reader.unsigned(), person: try PersonID(from: &reader),
            amount: try Money(from: &reader), balance: try Money(from: &reader),
            time: try reader.signed(), bookedDate: try CivilDate(from: &reader),
            kind: try reader.choice(), settlement: try reader.optionalValue())
    }
}
