import Foundation
import Testing

@Suite("settlectl ends days, and states and books what institutions are owed")
struct DayTests {
    @Test("a day is ended once, its statements are the same again, its payment is booked once")
    func wholeDay() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let date = try command.onSite("day", "show", "--json").json() as? [String: String]
        let today = try #require(date?["business_date"])
        try sellSomething(command)

        let open = try command.onSite("clearing", "pay", "--date", today)
        #expect(open.code != 0 && open.errors.contains("has not ended"))
        let closed = try command.onSite("day", "close", "--date", today, "--json")
        #expect(closed.code == 0, "\(closed.errors)")
        let next = try #require((try closed.json() as? [String: String])?["business_date"])
        #expect(next > today)
        let again = try command.onSite("day", "close", "--date", today)
        #expect(again.code != 0 && again.errors.contains("the business date is \(next)"))

        let listed = try command.onSite("clearing", "list", "--date", today, "--json")
        let row = try #require((try listed.json() as? [[String: Any]])?.first)
        #expect(row["institution"] as? String == "P99010000001")
        #expect(row["owed"] as? String == "12.50" && row["paid"] is NSNull)
        for format in ["csv", "html"] {
            var made: [Data] = []
            for folder in ["first", "second"] {
                let out = command.folder + "/" + folder
                let result = try command.onSite(
                    "clearing", "statement", "--date", today, "--format", format, "--out", out)
                #expect(result.code == 0, "\(result.errors)")
                let file = "\(out)/clearing-\(today)-P99010000001.\(format)"
                made.append(try Data(contentsOf: URL(fileURLWithPath: file)))
                if folder == "first" { #expect(try command.onSite("rebuild").code == 0) }
            }
            #expect(made[0] == made[1])
            #expect(String(decoding: made[0], as: UTF8.self).contains("12.50"))
        }
        let summary = try command.onSite(
            "clearing", "summary", "--date", today, "--out", command.folder, "--json")
        let all = try #require(try summary.json() as? [String: Any], "\(summary.errors)")
        #expect(all["institutions"] as? Int == 1 && all["owed"] as? String == "12.50")
        let file = try #require(all["file"] as? String)
        #expect(try String(contentsOfFile: file, encoding: .utf8).hasSuffix(",12.50\n"))
        let paid = try command.onSite("clearing", "pay", "--date", today, "--json").json()
        #expect((paid as? [[String: Any]])?.first?["result"] as? String == "paid")
        let twice = try command.onSite("clearing", "pay", "--date", today, "--json").json()
        #expect((twice as? [[String: Any]])?.first?["result"] as? String == "paid before")
        let balances = try command.onSite("balances", "--json").json() as? [[String: String]]
        #expect(balances?.first { $0["account"] == "bank" }?["balance"] == "12.50")
        #expect(try command.onSite("verify").output.hasPrefix("sound: "))
    }

    @Test("an institution or a date that is none is named")
    func wrongScope() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let date = try command.onSite("clearing", "list", "--date", "23.11.2026")
        #expect(date.code != 0 && date.errors.contains("not a date such as"))
        let institution = try command.onSite(
            "clearing", "list", "--date", "2026-11-23", "--institution", "P99010009999")
        #expect(institution.code != 0 && institution.errors.contains("not registered"))
    }

    /// A purchase of 12.50 at the first pharmacy, by the daemon, which is ended again.
    private func sellSomething(_ command: Command) throws {
        let daemon = try command.startDaemon()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        let paid = try command.sell("12.50")
        let answer = try #require(try paid.json() as? [String: Any], "\(paid.errors)")
        #expect(answer["code"] as? String == "00")
    }
}
