import Foundation
import Testing

@Suite("settlectl pos takes payments back, keeps what is open, and reconciles")
struct PosTests {
    @Test("a payment's life at one terminal ends in a day list that the daemon agrees with")
    func wholeLife() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let daemon = try command.startDaemon()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        let terminal = ["--terminal", command.terminal]
        func pos(_ arguments: String...) throws -> Command.Result {
            try command.settlectl(["pos"] + arguments + terminal)
        }
        let sold = try Self.object(try command.sell("12.50"))
        let refunded = try #require(sold["settlement"] as? String)
        let voided = try #require(
            try Self.object(try command.sell("8.00"))["settlement"] as? String)
        let reversed = try #require(
            try Self.object(try command.sell("3.00"))["settlement"] as? String)
        let parts = reversed.split(separator: "-")
        let (date, stan) = ("\(parts[0])", "\(Int(parts[2]) ?? 0)")
        let card = try command.firstCard()

        let refund = try pos(
            "refund", "--settlement", refunded, "--card", card, "--line", "1x0.5")
        #expect(refund.code == 0, "\(refund.errors)")
        for line in ["REFUND", "GIVEN BACK", "CASH TO HAND OUT", "REMAINS SETTLED", "ANSWER 00"] {
            #expect(refund.output.contains(line))
        }
        let void = try Self.object(
            try pos("void", "--settlement", voided, "--card", card, "--total", "8", "--json"))
        #expect(void["state"] as? String == "voided" && void["given_back"] as? String == "8.00")
        let again = try pos("void", "--settlement", voided, "--card", card, "--total", "8")
        #expect(again.code != 0 && again.output.contains("ANSWER 79"))
        let copy = try pos("copy", refunded)
        #expect(copy.output.contains("COPY - refunded in part"))
        let details = try Self.object(try pos("copy", refunded, "--json"))
        #expect(details["copy"] as? Bool == true && details["remaining"] as? String == "6.25")

        let refused = try pos(
            "reverse", "--stan", stan, "--date", date, "--card", card, "--total", "3.01")
        #expect(refused.code != 0 && refused.errors.contains("64 "))
        let open = try #require(try pos("open-items", "--json").json() as? [[String: Any]]).first
        #expect(open?["key"] as? String == reversed)
        #expect((open?["card"] as? String)?.contains("*") == true)
        #expect(try pos("open-items", "--resolve").code != 0)
        #expect(try pos("open-items", "--forget", reversed).code == 0)
        #expect(try pos("open-items").output == "nothing is open\n")
        let undone = try Self.object(
            try pos(
                "reverse", "--stan", stan, "--date", date, "--card", card, "--total", "3",
                "--json"))
        #expect(undone["state"] as? String == "reversed")
        let never = try pos(
            "reverse", "--stan", "999999", "--date", date, "--card", card, "--total", "1")
        #expect(never.code == 0 && never.output.contains("original was never seen"))

        let agreed = try Self.object(try pos("reconcile", "--thorough", "--json"))
        #expect(agreed["agrees"] as? Bool == true, "\(agreed)")
        #expect((agreed["totals"] as? [Any])?.count == 4)
    }

    @Test("a sale whose receipt cannot be written stays an open item, and the command fails")
    func unprintedReceipt() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let daemon = try command.startDaemon()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        #expect(try command.sell("1.00").code == 0)
        let printed = try command.settlectl("pos", "open-items", "--terminal", command.terminal)
        #expect(printed.output == "nothing is open\n")
        let sold = try Command.run(
            "/bin/sh",
            [
                "-c", "exec \"$0\" \"$@\" > /dev/full", Command.path(of: "settlectl"),
            ] + (try command.sale("2.00")), in: command.folder)
        #expect(sold.code != 0)
        #expect(sold.errors.contains("stays an open item"))
        let open = try command.settlectl(
            "pos", "open-items", "--terminal", command.terminal, "--json")
        #expect((try open.json() as? [Any])?.count == 1)
        // What is only shown fails too where it cannot be shown.
        let shown = try Command.run(
            "/bin/sh",
            [
                "-c", "exec \"$0\" \"$@\" > /dev/full", Command.path(of: "settlectl"), "day",
                "show", "--site", command.site,
            ], in: command.folder)
        #expect(shown.code != 0 && shown.errors.contains("standard output"))
    }

    @Test("a line carries its course days and its trace codes, which the ledger keeps")
    func linePieces() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let daemon = try command.startDaemon()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        // The price with what may follow it.
        let sold = try Self.object(try command.sell("3.00,days=7,trace=P1"))
        let settlement = try #require(sold["settlement"] as? String)
        let card = try command.firstCard()
        func refund(_ code: String) throws -> Command.Result {
            try command.settlectl([
                "pos", "refund", "--terminal", command.terminal, "--settlement", settlement,
                "--card", card, "--line", "1", "--trace-code", code, "--json",
            ])
        }
        #expect(try refund("P2").code != 0)
        #expect(try refund("P1").code == 0)
        for wrong in ["days=0", "days=1,days=2", "trace=", "tracer=1", ""] {
            let result = try command.sell("3.00," + wrong)
            #expect(result.code != 0 && result.errors.contains("--line #0x1x3.00,\(wrong)"))
        }
    }

    @Test("what one side has alone, or both have otherwise, is named, and nothing else")
    func differences() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let daemon = try command.startDaemon()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        let ids = try ["1.00", "2.00", "3.00"].map { yuan in
            try #require(try Self.object(try command.sell(yuan))["settlement"] as? String)
        }
        let day = "\(ids[0].prefix(8))"
        let kept = try String(
            contentsOfFile: "\(command.terminal)/days/\(day).csv", encoding: .utf8)
        var lines = kept.split(separator: "\n").map(String.init)
        lines.remove(at: 1)
        lines[1] = lines[1].replacing("2.00,2.00", with: "2.01,2.01")
        let added = lines[1].split(separator: ",").map(String.init)
        lines.append("\(added[0]),\(added[1]),500,settle,9.00,9.00,,")
        let list = try command.file("list.csv", lines.joined(separator: "\n") + "\n")
        let result = try command.settlectl(
            "pos", "reconcile", "--terminal", command.terminal, "--list", list, "--json")
        #expect(result.code != 0)
        let found = try #require(
            try Self.object(result)["differences"] as? [[String: Any]], "\(result.errors)")
        #expect(
            found.map { $0["difference"] as? String } == [
                "only at the daemon", "amounts differ", "only here",
            ])
        #expect(found.prefix(2).map { $0["key"] as? String } == ids.prefix(2).map { $0 })
        let bad = try command.file("bad.csv", lines[0] + "\nx\n")
        let malformed = try command.settlectl(
            "pos", "reconcile", "--terminal", command.terminal, "--list", bad)
        #expect(malformed.code != 0 && malformed.errors.contains("bad.csv:2: not a transaction"))
    }

    private static func object(_ result: Command.Result) throws -> [String: Any] {
        try #require(try result.json() as? [String: Any], "\(result.errors)")
    }
}
