import Foundation
import SettlementClient
import SettlementDomain
import Testing

@Suite("STANs")
struct STANCounterTests {
    private func file() -> String { NSTemporaryDirectory() + "stan-\(UUID().uuidString)" }

    @Test("two counters on one file, and one after a restart, never give a number twice")
    func oneFile() throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let date = try Made.date(20_261_123)
        let first = STANCounter(path: path, blockMin: 10)
        let second = STANCounter(path: path, blockMin: 10)
        var given: [UInt32] = []
        for _ in 0..<25 {
            given.append(try first.next(on: date))
            given.append(try second.next(on: date))
        }
        let third = STANCounter(path: path)
        given.append(try third.next(on: date))
        #expect(Set(given).count == given.count)
        #expect(given.min() == 1)
        #expect((given.max() ?? 0) <= 61)
    }

    @Test("a new business date begins at 1, and an earlier one has no numbers left in the file")
    func newDate() throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (date, next) = (try Made.date(20_261_123), try Made.date(20_261_124))
        #expect(try STANCounter(path: path).take(5, on: date) == 1..<6)
        #expect(try STANCounter(path: path).take(5, on: next) == 1..<6)
        #expect(throws: ClientFault.self) { try STANCounter(path: path).next(on: date) }
    }

    @Test("after 999999 there are no more, in memory and in a file")
    func usedUp() throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let date = try Made.date(20_261_123)
        for counter in [STANCounter(path: nil), STANCounter(path: path)] {
            #expect(try counter.take(999_998, on: date) == 1..<999_999)
            #expect(try counter.take(10, on: date) == 999_999..<1_000_000)
            #expect(throws: ClientFault.self) { try counter.next(on: date) }
        }
    }

    @Test("a file that is none of ours is not overwritten")
    func foreign() throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "my diary\n".write(toFile: path, atomically: true, encoding: .utf8)
        let date = try Made.date(20_261_123)
        #expect(throws: ClientFault.self) { try STANCounter(path: path).next(on: date) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "my diary\n")
    }
}
