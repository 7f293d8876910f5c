import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import Testing

@Suite("A terminal's lists of its days")
struct DayListsTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "days-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func transaction(_ stan: UInt32, _ fen: Int64 = 1250) throws -> DayTransaction {
        DayTransaction(
            key: try Made.key(stan), kind: fen < 0 ? .reversal : .settle, total: Money(fen: fen),
            insured: Money(fen: fen / 2), settlement: SettlementID(try Made.key(7)), time: 1234)
    }

    @Test("what was added is there again by date, in the order of keys, one of each key")
    func added() throws {
        let folder = Folder()
        let lists = DayLists(folder: folder.path)
        let (date, next) = (try Made.date(20_261_123), try Made.date(20_261_124))
        #expect(try lists.transactions(on: date).isEmpty)
        try lists.add(try Self.transaction(9), bookedOn: date)
        try lists.add(try Self.transaction(3, -40), bookedOn: date)
        try lists.add(try Self.transaction(9), bookedOn: date)
        try lists.add(try Self.transaction(4), bookedOn: next)
        #expect(
            try lists.transactions(on: date)
                == [try Self.transaction(3, -40), try Self.transaction(9)])
        #expect(try lists.transactions(on: next) == [try Self.transaction(4)])
        let text = try String(contentsOfFile: lists.path(of: next), encoding: .utf8)
        #expect(
            text == DayLists.heading
                + "\nT0000001,2026-11-23,4,settle,12.50,6.25,20261123-T0000001-000007,1234\n")
    }

    @Test("a list that a power cut has torn at any byte goes on behind its last whole line")
    func torn() throws {
        let folder = Folder()
        let lists = DayLists(folder: folder.path)
        let date = try Made.date(20_261_123)
        for stan in 1...2 as ClosedRange<UInt32> {
            try lists.add(try Self.transaction(stan), bookedOn: date)
        }
        let file = URL(fileURLWithPath: lists.path(of: date))
        let whole = try Data(contentsOf: file)
        for length in 0..<whole.count {
            try whole.prefix(length).write(to: file)
            let lines = whole.prefix(length).count { $0 == 0x0a }
            let expected = try (1...3).prefix(max(0, lines - 1)).map { try Self.transaction($0) }
            #expect(try lists.transactions(on: date) == expected)
            try lists.add(try Self.transaction(9), bookedOn: date)
            #expect(try lists.transactions(on: date) == expected + [try Self.transaction(9)])
        }
    }

    @Test("a line that is no transaction is named with its number")
    func malformed() throws {
        let folder = Folder()
        try FileManager.default.createDirectory(
            atPath: folder.path, withIntermediateDirectories: true)
        let good = "T0000001,2026-11-23,4,settle,12.50,6.25,,"
        let path = folder.path + "/list.csv"
        func problem(_ lines: String...) throws -> String {
            try (lines.joined(separator: "\n") + "\n").write(
                toFile: path, atomically: true, encoding: .utf8)
            do {
                _ = try DayLists.read(path)
                return ""
            } catch { return "\(error)" }
        }
        #expect(try problem(DayLists.heading, good, good).isEmpty)
        #expect(try problem(good).contains("list.csv:1: the first line is not terminal,"))
        for bad in [
            "T1,2026-11-23,4,settle,12.50,6.25,,", "T0000001,2026-02-30,4,settle,12.50,6.25,,",
            "T0000001,2026-11-23,0,settle,12.50,6.25,,", "T0000001,2026-11-23,4,quote,1,1,,",
            "T0000001,2026-11-23,4,settle,12.505,6.25,,", "T0000001,2026-11-23,4,settle,1,,,",
            "T0000001,2026-11-23,4,settle,12.50,6.25,x,", "T0000001,2026-11-23,4,settle,1,1,",
            "",
        ] {
            #expect(
                try problem(DayLists.heading, good, bad).contains("list.csv:3: not a transaction"))
        }
    }
}
