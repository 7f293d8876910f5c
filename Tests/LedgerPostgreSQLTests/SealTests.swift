import Glibc
import Ledger
import SettlementDomain
import Synchronization
import TestProcesses
import TestSupport
import Testing

@testable import LedgerPostgreSQL

@Suite("PostgreSQL: what is sealed")
struct SealTests {
    /// What may stand in no column.
    private enum Secret: Hashable {
        case text(String)
        case bytes([UInt8])

        /// How a row that held it would read as text.
        var shown: String {
            switch self {
            case .text(let text): text
            case .bytes(let bytes): SealTests.hex(bytes)
            }
        }

        /// The forms in which a card number could stand somewhere.
        static func forms(of number: CardNumber) -> [Secret] {
            let word = number.digits
            return [
                .text(number.clearText), .bytes(Array(number.clearText.utf8)), .bytes(number.bcd),
                .bytes(JournalCoding.encode(number)),
                .bytes(withUnsafeBytes(of: word.bigEndian) { Array($0) }),
                .bytes(withUnsafeBytes(of: word.littleEndian) { Array($0) }),
            ]
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Every row of every table as text.
    private static func dump(_ bench: Bench) throws -> String {
        let tables = try bench.sql(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
                + "AND relnamespace = 'public'::regnamespace")
        let all = tables.split(separator: "\n").map { "SELECT t::text FROM \"\($0)\" AS t" }
        return try bench.sql(all.joined(separator: ";"))
    }

    private static func found(_ secrets: Set<Secret>, in dump: String) -> Set<Secret> {
        dump.withCString { dump in secrets.filter { strstr(dump, $0.shown) != nil } }
    }

    /// What a ledger knows that may not be read in its database.
    private static func secrets(of bench: Bench) throws -> Set<Secret> {
        var secrets: Set<Secret> = []
        for card in bench.ledger.rows.cards.keys { secrets.formUnion(Secret.forms(of: card)) }
        for person in bench.ledger.rows.persons.values {
            secrets.formUnion([.text(person.name), .bytes(Array(person.name.utf8))])
        }
        for entry in try bench.entries() {
            if !entry.voucher.isEmpty {
                secrets.formUnion([.bytes(entry.voucher), .bytes(Array(entry.voucher.dropFirst()))])
            }
            if let answer = entry.answer { secrets.insert(.bytes(answer.response)) }
        }
        return secrets
    }

    @Test("no column of any table holds a card number, a voucher, an answer or a name")
    func nothingClear() throws {
        var bench = try Bench(seed: 71)
        for _ in 0..<8 { try bench.run(40) }
        let secrets = try Self.secrets(of: bench)
        #expect(bench.ledger.rows.cards.count >= 10)
        for table in ["card", "settlement", "person", "accumulator", "answer"] {
            #expect(try bench.sql("SELECT count(*) > 0 FROM \(table)") == "t", "\(table)")
        }
        #expect(Self.found(secrets, in: try Self.dump(bench)).isEmpty)
        // The same search finds each of them where it is let in.
        let rows = secrets.map { secret in
            switch secret {
            case .text(let text): "('\(text)', NULL)"
            case .bytes: "(NULL, '\\x\(secret.shown)'::bytea)"
            }
        }
        try bench.sql("CREATE TABLE control (note text, run bytea)")
        try bench.sql("INSERT INTO control VALUES \(rows.joined(separator: ", "))")
        #expect(Self.found(secrets, in: try Self.dump(bench)) == secrets)
    }

    @Test("under a seal that seals nothing, the same search finds every card, voucher and answer")
    func everythingClear() throws {
        var bench = try Bench(seed: 71, seal: OpenSeal())
        for _ in 0..<8 { try bench.run(40) }
        let found = Self.found(try Self.secrets(of: bench), in: try Self.dump(bench))
        for card in bench.ledger.rows.cards.keys {
            #expect(!found.isDisjoint(with: Secret.forms(of: card)))
        }
        for entry in try bench.entries() {
            guard let answer = entry.answer else { continue }
            #expect(found.isSuperset(of: [.bytes(entry.voucher), .bytes(answer.response)]))
        }
    }

    @Test("a database is refused under another site's seal, whatever is to be done with it")
    func anotherSite() throws {
        var bench = try Bench(seed: 72)
        try bench.run(20)
        bench.store.close()
        var options = bench.options
        options.seal = TestSeal(key: 2)
        for refusal in [
            fault { () throws(StoreFault) in _ = try PostgreSQLStore(options) },
            fault { () throws(StoreFault) in
                _ = try Migrations(options).run(firstBusinessDate: nil, at: Bench.time)
            },
            fault { () throws(StoreFault) in
                _ = try DatabaseAudit(of: options).verify(sha256: SyntheticLedger.digest)
            },
            fault { () throws(StoreFault) in try DatabaseRebuild(of: options).run() },
        ] {
            #expect(
                refusal
                    == "the database: made with other record keys than this site's key store has; "
                    + "use the key store of its time")
        }
        #expect(try bench.verify().isSound)
        try PostgreSQLStore(bench.options).close()
    }

    /// Puts bytes in the place of an entry's, with the checksum that they have there.
    private static func forge(_ bytes: [UInt8], at sequence: UInt64, in bench: Bench) throws {
        let checksum = JournalCoding.checksum(of: bytes, sequence: sequence)
        try bench.sql(
            "UPDATE journal SET entry = '\\x\(hex(bytes))', "
                + "checksum = \(Int64(bitPattern: checksum)) "
                + "WHERE seq = \(sequence) AND entry IS NOT NULL")
    }

    private static func sealed(_ entry: JournalEntry, in bench: Bench) throws -> [UInt8] {
        let digits = Array(
            try bench.sql(
                "SELECT encode(entry, 'hex') FROM journal "
                    + "WHERE seq = \(entry.sequence) AND entry IS NOT NULL"
            ).utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
    }

    @Test("an entry in another's place, or changed with a checksum that fits, is named by verify")
    func forged() throws {
        var bench = try Bench(seed: 73)
        try bench.run(60)
        let entries = try bench.entries()
        let (one, other) = (entries[entries.count - 9], entries[entries.count - 4])
        let own = try Self.sealed(one, in: bench)
        #expect(own.count > JournalCoding.encode(one).count)
        var forgeries = [try Self.sealed(other, in: bench)]
        for index in [0, own.count / 2, own.count - 1] {
            forgeries.append(own)
            forgeries[forgeries.count - 1][index] ^= 1
        }
        for forgery in forgeries {
            try Self.forge(forgery, at: one.sequence, in: bench)
            let named = try bench.verify().lines.filter { $0.contains("does not open") }
            #expect(named.count == 1)
            #expect(
                named.first?.contains(
                    "journal entry \(one.sequence): it does not open under this site's keys: it "
                        + "was changed, or belongs to another site") == true, "\(named)")
        }
        // Where it belongs, and as it was, it is sound.
        try Self.forge(own, at: one.sequence, in: bench)
        let report = try bench.verify()
        #expect(report.isSound, "\(report.lines)")
    }

    @Test("an unreadable row is a fault to a daemon; verify names it and goes on")
    func unreadable() throws {
        var bench = try Bench(seed: 74)
        for _ in 0..<4 { try bench.run(40) }
        let account = "account, row \(SyntheticLedger.person(1))"
        try bench.sql(
            "UPDATE account SET head = set_byte(head, 9, get_byte(head, 9) # 1) WHERE person = 1; "
                + "UPDATE person SET row = set_byte(row, 9, get_byte(row, 9) # 1) WHERE person = 2")
        let lines = try bench.verify().lines
        #expect(lines.contains { $0.contains(account) && $0.contains("cannot be read") })
        #expect(
            lines.contains {
                $0.contains("person, row \(SyntheticLedger.person(2))")
                    && $0.contains("cannot be read")
            }, "\(lines)")
        #expect(lines.filter { $0.contains("is missing") }.isEmpty, "\(lines)")
        let refusal = fault { () throws(StoreFault) in
            _ = try bench.store.read(.person(SyntheticLedger.person(2)))
        }
        #expect(refusal?.contains("table person, column row: it does not open") == true)
    }

    @Test("rows are sealed for their table: no table's place is another's, or any journal entry's")
    func places() {
        let places = Schema.projections.map(\.place)
        #expect(Set(places).count == places.count)
        #expect(places.allSatisfy { $0 > UInt64(Int64.max) })
    }

    @Test("cards are listed page by page in the order of their tokens, each once")
    func listed() throws {
        var bench = try Bench(seed: 75)
        try bench.store.commit((0..<50).map { _ in bench.ledger.newPerson() })
        var listed: [CardNumber] = []
        while case .cards(let page) = try bench.store.read(
            .cards(after: listed.last, limit: 7)), !page.isEmpty
        {
            listed += page.map(\.number)
        }
        let seal = TestSeal()
        #expect(
            listed
                == bench.ledger.rows.cards.keys.sorted { seal.token(of: $0) < seal.token(of: $1) })
    }

    @Test("an entry is sealed once, and so is each row that it changes")
    func sealedOnce() throws {
        let seal = CountingSeal()
        var bench = try Bench(seed: 76, seal: seal)
        let before = seal.count
        try bench.store.commit([bench.ledger.newPerson()])
        // The entry, the person, the account and the card.
        #expect(seal.count == before + 4)
        let entry = bench.ledger.refusal()
        try bench.store.commit([entry])
        #expect(seal.count == before + 5)
    }
}

/// Seals nothing.
private struct OpenSeal: StoreSeal {
    var name: UInt64 { 0 }

    func seal(_ record: UnsafeRawBufferPointer, place: UInt64) -> [UInt8] { Array(record) }
    func open(_ sealed: UnsafeRawBufferPointer, place: UInt64) -> [UInt8]? { Array(sealed) }

    func token(of number: CardNumber) -> CardToken {
        CardToken(high: number.digits, low: UInt64(number.count))
    }

    func number(of token: CardToken) -> CardNumber? {
        CardNumber(digits: token.high, count: UInt8(truncatingIfNeeded: token.low))
    }
}

/// Counts what is sealed.
private final class CountingSeal: StoreSeal {
    private let inner = TestSeal()
    private let sealed = Mutex(0)

    var count: Int { sealed.withLock { $0 } }
    var name: UInt64 { inner.name }

    func seal(_ record: UnsafeRawBufferPointer, place: UInt64) -> [UInt8] {
        sealed.withLock { $0 += 1 }
        return inner.seal(record, place: place)
    }

    func open(_ sealed: UnsafeRawBufferPointer, place: UInt64) -> [UInt8]? {
        inner.open(sealed, place: place)
    }

    func token(of number: CardNumber) -> CardToken { inner.token(of: number) }
    func number(of token: CardToken) -> CardNumber? { inner.number(of: token) }
}
