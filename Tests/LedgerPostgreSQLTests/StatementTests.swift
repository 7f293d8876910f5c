import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerPostgreSQL

@Suite("PostgreSQL: statements that the server keeps")
struct StatementTests {
    private static let first = SyntheticLedger.firstDate
    private static let institution = SyntheticLedger.institution(0)

    /// How many statements the server keeps for a connection.
    private static func kept(_ connection: Connection) throws -> Int64 {
        let rows = try connection.run([Command("SELECT count(*) FROM pg_prepared_statements")])[0]
        var reader = rows.reader(0, of: "pg_prepared_statements")
        return reader.integer()
    }

    /// Every question that takes a date, a number or a name.
    private static func questions(
        about person: PersonID, from: CivilDate, through: CivilDate, number: UInt64?, limit: Int
    ) -> [StoreQuestion] {
        [
            .historyOf(person, from: from, through: through, before: number, limit: limit),
            .movesOf(person, from: from, through: through, before: number, limit: limit),
            .movements(person, before: number, limit: limit),
            .accesses(person, before: number, limit: limit),
            .settlementsOf(person, before: number, limit: limit),
            .settlementsOn(from, nil, after: nil, limit: limit),
            .settlementsOn(from, institution, after: nil, limit: limit),
            .day(from, institution, nil, after: nil, through: nil, limit: limit),
            .contributionsOf(person, before: nil, limit: limit),
            .claimsOf(person), .claimsDue(before: through, after: nil, limit: limit),
            .clearings(from), .accumulators(person, year: UInt16(from.year)), .cardsOf(person),
            .persons(after: person, limit: limit), .entry(number ?? 1),
            .entries(after: number ?? 0, limit: limit), .balances, .counts, .reference,
        ]
    }

    @Test("their number does not grow with the dates and numbers that are asked for")
    func bounded() throws {
        var bench = try Bench(seed: 41)
        for _ in 0..<5 { try bench.run(40) }
        let persons = (1...bench.ledger.personCount).map(SyntheticLedger.person)
        let connection = try #require(bench.store.connection)
        func ask(
            from: CivilDate, through: CivilDate, number: UInt64?, limit: Int, of persons: [PersonID]
        ) throws {
            for person in persons {
                for question in Self.questions(
                    about: person, from: from, through: through, number: number, limit: limit)
                { _ = try bench.store.read(question) }
            }
        }
        // Finds all there is, so that everything that can be asked has been.
        try ask(from: Self.first, through: .last, number: nil, limit: 1000, of: persons)
        try ask(from: Self.first, through: .last, number: .max, limit: 1000, of: persons)
        let kept = try Self.kept(connection)
        for day in 1...20 {
            try ask(
                from: Self.first.adding(days: -day), through: Self.first.adding(days: day),
                number: UInt64(day) << 40, limit: day, of: Array(persons.prefix(3)))
        }
        #expect(try Self.kept(connection) == kept)
        #expect(bench.store.connection === connection)
    }

    @Test("a range of dates holds what was booked on its first day, its last and between")
    func ranges() throws {
        var bench = try Bench(seed: 42)
        for _ in 0..<10 { try bench.run(40) }
        func moves(
            _ person: PersonID, _ from: CivilDate, _ through: CivilDate
        ) throws -> [AccountMove] {
            let question = StoreQuestion.movesOf(
                person, from: from, through: through, before: nil, limit: 1000)
            guard case .moves(let rows) = try bench.store.read(question) else { return [] }
            return rows
        }
        func entries(
            _ person: PersonID, _ from: CivilDate, _ through: CivilDate
        ) throws -> Set<UInt64> {
            let question = StoreQuestion.historyOf(
                person, from: from, through: through, before: nil, limit: 1000)
            guard case .entries(let rows) = try bench.store.read(question) else { return [] }
            return Set(rows.map(\.sequence))
        }
        var days: Set<CivilDate> = []
        for person in (1...bench.ledger.personCount).map(SyntheticLedger.person) {
            let all = try moves(person, .first, .last)
            days.formUnion(all.map(\.bookedDate))
            let dates = [Self.first.adding(days: -1)] + Set(all.map(\.bookedDate)).sorted()
            for from in dates {
                for through in dates where from <= through {
                    let inside = all.filter { from <= $0.bookedDate && $0.bookedDate <= through }
                    #expect(try moves(person, from, through) == inside)
                    let found = try entries(person, from, through)
                    #expect(found.isSuperset(of: inside.map(\.sequence)))
                    let outside = all.filter { $0.bookedDate < from || through < $0.bookedDate }
                    #expect(found.isDisjoint(with: outside.map(\.sequence)))
                }
            }
        }
        #expect(days.count > 1)
    }

    @Test("a statement that is refused each time it is run is prepared once")
    func refused() throws {
        let bench = try Bench(seed: 43)
        let connection = try #require(bench.store.connection)
        let kept = try Self.kept(connection)
        func divide(by number: Int64) throws -> Int64 {
            let rows = try connection.run([Command("SELECT 7 / $1", [.integer(number)])])[0]
            var reader = rows.reader(0, of: "result")
            return reader.integer()
        }
        for _ in 0..<5 {
            #expect(throws: DatabaseFault.self) { try divide(by: 0) }
        }
        #expect(try divide(by: 7) == 1)
        #expect(try Self.kept(connection) == kept + 1)
    }

    @Test("a statement that cannot be prepared is forgotten, with what was sent behind it")
    func unprepared() throws {
        let bench = try Bench(seed: 44)
        let connection = try #require(bench.store.connection)
        let kept = try Self.kept(connection)
        for _ in 0..<3 {
            #expect(throws: DatabaseFault.self) {
                try connection.run([Command("SELECT nothing"), Command("SELECT 8::bigint")])
            }
        }
        let rows = try connection.run([Command("SELECT 8::bigint")])[0]
        var reader = rows.reader(0, of: "result")
        #expect(reader.integer() == 8)
        #expect(try Self.kept(connection) == kept + 1)
    }
}
