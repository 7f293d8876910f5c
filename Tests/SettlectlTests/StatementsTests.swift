import Foundation
import Testing

@Suite("settlectl statements")
struct StatementsTests {
    @Test("the statements of an ended year are the same when they are made again later")
    func sameAgain() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo(persons: 12)
        let daemon = try command.startDaemon()
        #expect(try command.sell("12.50").code == 0)
        daemon.terminate()
        daemon.waitUntilExit()
        let shown = try command.onSite("day", "show", "--json").json() as? [String: Any]
        let today = try #require(shown?["business_date"] as? String)
        let year = try #require(Int(today.prefix(4)))
        func make(_ folder: String) throws -> Command.Result {
            try command.onSite("statements", "year", "\(year)", "--out", command.folder + folder)
        }
        let early = try make("/early")
        #expect(early.code != 0 && early.errors.contains("has not ended"))
        let closed = try command.onSite(
            "day", "close", "--date", today, "--next", "\(year + 1)-01-05")
        #expect(closed.code == 0, "\(closed.errors)")
        let first = try make("/first")
        #expect(first.output.hasPrefix("12 statements of \(year)"), "\(first.errors)")
        let card = try command.firstCard()
        let credit = try command.file(
            "more.csv", "person,reference,amount,collector\n10000001,later,5.00,tax\n")
        let more = try command.onSite("import", "balances", credit)
        #expect(more.code == 0, "\(more.errors)")
        #expect(try make("/again").code == 0)
        let names = try #require(
            FileManager.default.subpaths(atPath: command.folder + "/first")
        ).filter { $0.hasSuffix(".html") || $0.hasSuffix(".csv") }
        #expect(names.count == 13)
        for name in names {
            let pages = try ["/first/", "/again/"].map {
                try Data(contentsOf: URL(fileURLWithPath: command.folder + $0 + name))
            }
            #expect(pages[0] == pages[1], "\(name)")
        }
        let page = try String(
            contentsOfFile: command.folder + "/first/1000/statement-\(year)-10000001.html",
            encoding: .utf8)
        #expect(page.contains("without pooled benefit (1)") && !page.contains(card))
        let one = try command.onSite(
            "statements", "year", "\(year)", "--out", command.folder + "/one", "--person",
            "10000001")
        #expect(one.output.hasPrefix("1 statements"))
    }
}
