import Foundation
import Testing

@Suite("settlectl changes keys while the daemon serves")
struct KeyTests {
    @Test("a verification key changes, cards move as they pay, and who stays away needs a new PIN")
    func verificationKey() throws {
        try withDaemon(persons: 3) { command in
            #expect(try keys(command) == ["1 current"])
            let rotated = try command.onSite("key", "rotate", "verification")
            #expect(rotated.output == "verification key 2 is current; the daemon knows\n")
            #expect(try keys(command) == ["1 old", "2 current"])
            let early = try command.onSite("key", "retire", "verification", "1")
            #expect(early.code != 0 && early.errors.contains("have their PIN under verification"))
            let cards = try command.cards()
            for card in cards.dropLast() {
                let paid = try command.sell("1.00", card: card)
                #expect(paid.code == 0, "\(paid.errors)")
            }
            let retired = try command.onSite(
                "key", "retire", "verification", "1", "--abandon-pins")
            #expect(retired.code == 0 && retired.output.contains("cards need a new PIN"))
            #expect(try keys(command).first == "2 current")
            #expect(try command.sell("1.00").code == 0)
            let abandoned = try command.sell("1.00", card: cards.last)
            #expect(abandoned.output.contains("75"), "\(abandoned.output)")
            let current = try command.onSite("key", "retire", "verification", "2")
            #expect(current.code != 0 && current.errors.contains("is the current one"))
        }
    }

    @Test("a staged verification key verifies and becomes current at the second call")
    func staged() throws {
        try withDaemon(persons: 3) { command in
            _ = try command.onSite("key", "rotate", "verification", "--stage")
            #expect(try keys(command) == ["1 current", "2 next"])
            _ = try command.onSite("key", "rotate", "verification", "--stage")
            #expect(try keys(command) == ["1 current", "2 next"])
            _ = try command.onSite("key", "rotate", "verification")
            #expect(try keys(command) == ["1 old", "2 current"])
            #expect(try command.sell("1.00").code == 0)
        }
    }

    @Test(
        """
        a record key changes while the daemon serves, what was sealed before is read, and no command \
        deletes it
        """)
    func recordKey() throws {
        try withDaemon(persons: 3) { command in
            #expect(try command.sell("1.00").code == 0)
            #expect(try keys(command, "record") == ["1 current"])
            let staged = try command.onSite("key", "rotate", "record", "--stage")
            #expect(staged.output == "record key 2 is staged; the daemon knows\n")
            _ = try command.onSite("key", "rotate", "record", "--stage")
            #expect(try keys(command, "record") == ["1 current", "2 next"])
            let rotated = try command.onSite("key", "rotate", "record")
            #expect(rotated.output == "record key 2 is current; the daemon knows\n")
            #expect(try keys(command, "record") == ["1 old", "2 current"])
            #expect(try keys(command) == ["1 current"])
            #expect(try command.sell("1.00").code == 0)
            let verified = try command.onSite("verify")
            #expect(verified.output.hasPrefix("sound: "), "\(verified.output)\(verified.errors)")
            #expect(try command.onSite("key", "retire", "record", "1").code != 0)
            let rows = try command.onSite("key", "list", "--json").json() as? [[String: Any]]
            let record = rows?.first { $0["key"] as? String == "record" }
            let created = try #require(record?["created"] as? String)
            #expect(created.hasPrefix("20") && created.hasSuffix("Z"))
            #expect(!(record?["cards"] is Int))
        }
    }

    @Test("a key file is replaced: the old key opens nothing, the daemon goes on and starts again")
    func keyFile() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let (store, file) = (command.site + "/keys.sealed", command.site + "/key-encryption.key")
        let old = try String(contentsOfFile: file, encoding: .utf8)
        var daemon = try command.startDaemon()
        let rotated = try command.onSite("key", "rotate", "encryption")
        #expect(rotated.code == 0 && rotated.output.hasSuffix("the daemon knows\n"))
        #expect(try String(contentsOfFile: file, encoding: .utf8) != old)
        #expect(!FileManager.default.fileExists(atPath: file + ".new"))
        // Terminals that are registered after it are known to the daemon.
        let made = try command.onSite(
            "terminal", "register", "DM000900", "--institution", "P99010000001", "--role",
            "pharmacy", "--out", command.folder + "/new")
        #expect(made.code == 0, "\(made.errors)")
        #expect(try command.sell("1.00", at: command.folder + "/new").code == 0)
        try command.end(daemon)
        daemon = try command.startDaemon()
        #expect(try command.sell("1.00").code == 0)
        try command.end(daemon)
        try old.write(toFile: file, atomically: false, encoding: .utf8)
        let refused = try command.onSite("key", "list")
        #expect(refused.code != 0 && refused.errors.contains("\(store): the key-encryption key is"))
    }

    @Test("a store moves to a passphrase: both open it until the old key is retired")
    func passphrase() throws {
        try withDaemon(persons: 3) { command in
            let phrase = try command.file("phrase", "an invented passphrase\n")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: phrase)
            let both = try command.onSite(
                "key", "rotate", "encryption", "--to-passphrase-file", phrase)
            #expect(both.code == 0, "\(both.errors)")
            #expect(try command.onSite("key", "list").output.contains("2 open"))
            let settings = command.site + "/settled.yaml"
            try String(contentsOfFile: settings, encoding: .utf8)
                .replacing("key_file: key-encryption.key", with: "passphrase_file: \(phrase)")
                .write(toFile: settings, atomically: true, encoding: .utf8)
            let retired = try command.onSite("key", "retire", "encryption")
            // The daemon was started with the old key, and goes on with what it has.
            #expect(retired.code != 0 && retired.errors.contains("start it again"))
            let rows = try command.onSite("key", "list", "--json").json() as? [[String: Any]]
            let encryption = rows?.first { $0["key"] as? String == "encryption" }
            #expect(encryption?["state"] as? String == "current")
            #expect(try command.sell("1.00").code == 0)
            let checked = try command.settled("--check-config", "--config", settings)
            #expect(checked.code == 0, "\(checked.errors)")
        }
    }

    @Test("a terminal's next master key is good at once, the old one until the next is used")
    func terminal() throws {
        try withDaemon(persons: 3) { command in
            let next = command.folder + "/next.key"
            let made = try command.onSite("key", "rotate", "terminal", "DM000001", "--out", next)
            #expect(made.code == 0, "\(made.errors)")
            #expect(try command.onSite("key", "list").output.contains("next waits"))
            #expect(try command.sell("1.00").code == 0)
            let master = command.terminal + "/master.key"
            let old = try Data(contentsOf: URL(fileURLWithPath: master))
            try Data(contentsOf: URL(fileURLWithPath: next))
                .write(to: URL(fileURLWithPath: master))
            #expect(try command.sell("1.00").code == 0)
            #expect(try command.sell("1.00").code == 0)
            try old.write(to: URL(fileURLWithPath: master))
            let refused = try command.sell("1.00")
            #expect(refused.code != 0)
            let none = try command.onSite("key", "retire", "terminal", "DM000001")
            #expect(none.code != 0 && none.errors.contains("no next master key waits"))
        }
    }

    @Test("the next master key is printed in components whose check values are shown")
    func components() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo(persons: 3)
        let shown = try command.onSite(
            "key", "rotate", "terminal", "DM000001", "--components", "3", "--json")
        let record = try shown.json() as? [String: Any]
        for name in ["component_1", "component_2", "component_3", "check_value"] {
            #expect(record?[name] is String, "\(name)")
        }
        #expect(try command.onSite("key", "retire", "terminal", "DM000001").code == 0)
        let unknown = try command.onSite(
            "key", "rotate", "terminal", "ZZ999999", "--components", "2")
        #expect(unknown.code != 0 && unknown.errors.contains("has no master key"))
    }

    @Test("the daemon's certificate is issued again with another key, and terminals go on")
    func server() throws {
        try withDaemon(persons: 3) { command in
            let key = command.site + "/server.key"
            let old = try String(contentsOfFile: key, encoding: .utf8)
            let rotated = try command.onSite("key", "rotate", "server")
            #expect(rotated.code == 0 && rotated.output.hasSuffix("new connections see it\n"))
            #expect(try String(contentsOfFile: key, encoding: .utf8) != old)
            #expect(try command.sell("1.00").code == 0)
        }
    }

    private func withDaemon(persons: Int, _ body: (Command) throws -> Void) throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo(persons: persons)
        let daemon = try command.startDaemon()
        do {
            try body(command)
        } catch {
            try command.end(daemon)
            throw error
        }
        try command.end(daemon)
    }

    /// Number and state of each key of a kind.
    private func keys(_ command: Command, _ kind: String = "verification") throws -> [String] {
        let rows = try command.onSite("key", "list", "--json").json() as? [[String: Any]]
        return (rows ?? []).filter { $0["key"] as? String == kind }.map {
            "\($0["name"] ?? "") \($0["state"] ?? "")"
        }
    }
}

extension Command {
    /// Ends a daemon in order.
    func end(_ daemon: Process) throws {
        daemon.terminate()
        daemon.waitUntilExit()
        #expect(daemon.terminationStatus == 0)
    }
}
