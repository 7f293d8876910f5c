import Foundation
import TestProcesses
import Testing

@Suite("settlectl moves a ledger between stores")
struct StoreTests {
    /// Points the site at another store.
    private func point(_ command: Command, to store: String) throws {
        let path = command.site + "/settled.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var kept: [Substring] = []
        var isStore = false
        for line in lines {
            if !line.hasPrefix(" ") { isStore = line.hasPrefix("store:") }
            if !isStore { kept.append(line) }
        }
        try (kept.joined(separator: "\n") + "\nstore: \(store)\n").write(
            toFile: path, atomically: true, encoding: .utf8)
    }

    @Test("from a file to a database and back: both sound each time, with equal hash chains")
    func copies() throws {
        let command = try Command()
        defer { command.remove() }
        #expect(try command.demo(persons: 200).code == 0)
        let listed = try command.onSite("list", "persons").output
        let balances = try command.onSite("balances").output
        let connection = try DatabaseServer.shared().newDatabase()

        let out = try command.onSite("store", "copy", "postgresql:\(connection)")
        #expect(out.code == 0, "\(out.errors)")
        #expect(out.output.contains("both are sound, with equal hash chains"))
        try point(command, to: "{kind: postgresql, connection: \"\(connection)\"}")
        #expect(try command.onSite("verify").output.hasPrefix("sound: "))
        #expect(try command.onSite("list", "persons").output == listed)
        #expect(try command.onSite("balances").output == balances)

        // A daemon works on it for a while, then everything goes back.
        let daemon = try command.startDaemon()
        let refused = try command.onSite("store", "copy", "sqlite:\(command.folder)/back.sqlite")
        #expect(refused.code != 0 && refused.errors.contains("stop it, then copy"))
        daemon.terminate()
        daemon.waitUntilExit()
        let back = try command.onSite("store", "copy", "sqlite:\(command.folder)/back.sqlite")
        #expect(back.code == 0, "\(back.errors)")
        #expect(back.output.contains("both are sound, with equal hash chains"))
        try point(command, to: "{kind: sqlite, path: \(command.folder)/back.sqlite}")
        #expect(try command.onSite("balances").output == balances)
        #expect(try command.onSite("verify").output.hasPrefix("sound: "))
    }

    @Test("up to a moment: the ledger as it was then; a target that is there is refused")
    func until() throws {
        let command = try Command()
        defer { command.remove() }
        #expect(try command.demo(persons: 20).code == 0)
        let target = "sqlite:\(command.folder)/then.sqlite"
        let early = try command.onSite(
            "store", "copy", target, "--until", "2020-01-01T00:00:00Z")
        #expect(early.code == 0, "\(early.errors)")
        #expect(early.output.contains("copied 0 entries"))
        let again = try command.onSite("store", "copy", target)
        #expect(again.code != 0 && again.errors.contains("exists already"), "\(again.errors)")
        let wrong = try command.onSite("store", "copy", "oracle:x")
        #expect(wrong.code != 0 && wrong.errors.contains("neither sqlite:PATH"))
    }

    @Test("a site on a database that cannot be reached, or holds a ledger, is not begun")
    func refusedSite() throws {
        let command = try Command()
        defer { command.remove() }
        let unreachable = try command.settlectl(
            "init", command.site, "--database", "host=\(command.folder) user=nobody")
        #expect(unreachable.code != 0)
        #expect(unreachable.errors.contains("the database cannot be reached"))
        let connection = try DatabaseServer.shared().newDatabase()
        let made = try command.settlectl("init", command.site, "--database", connection)
        #expect(made.code == 0, "\(made.errors)")
        let again = try command.settlectl("init", command.site + "2", "--database", connection)
        #expect(again.code != 0 && again.errors.contains("holds a ledger already"))
        #expect(!FileManager.default.fileExists(atPath: command.site + "2"))
    }

    @Test("migrate makes the schema of an empty database, and says when there is nothing to do")
    func migrates() throws {
        let command = try Command()
        defer { command.remove() }
        #expect(try command.settlectl("init", command.site, "--port", "0").code == 0)
        let connection = try DatabaseServer.shared().newDatabase()
        try point(command, to: "{kind: postgresql, connection: \"\(connection)\"}")
        let refused = try command.onSite("verify")
        #expect(refused.code != 0 && refused.errors.contains("settlectl store migrate"))
        let made = try command.onSite("store", "migrate", "--business-date", "2026-11-23")
        #expect(made.code == 0 && made.output.contains("schema brought to version 3"))
        let again = try command.onSite("store", "migrate")
        #expect(again.code == 0 && again.output.contains("up to date"))
        #expect(try command.onSite("verify").output.hasPrefix("sound: 0 entries"))
    }
}
