import Foundation
import Testing

@Suite("settlectl makes and keeps a site")
struct SiteTests {
    @Test("init makes a site whose store is sound, and refuses a folder that holds something")
    func makesASite() throws {
        let command = try Command()
        defer { command.remove() }
        #expect(try command.settlectl("init", command.site, "--port", "0").code == 0)
        let verified = try command.onSite("verify")
        #expect(verified.code == 0 && verified.output.hasPrefix("sound: "))
        let again = try command.settlectl("init", command.site)
        #expect(again.code != 0 && again.errors.contains("is not empty"))
    }

    @Test("an init that fails leaves nothing in its way: the command, mended, works")
    func failedInit() throws {
        let command = try Command()
        defer { command.remove() }
        let wrong = try command.settlectl(
            "init", command.site, "--port", "0", "--server-name", "bad name")
        #expect(wrong.code != 0)
        #expect(try command.settlectl("init", command.site, "--port", "0").code == 0)
    }

    @Test(
        "days outside 1...3650 are refused, and nothing is issued", arguments: ["0", "-1", "3651"])
    func daysOutOfRange(_ days: String) throws {
        let command = try Command()
        defer { command.remove() }
        #expect(try command.settlectl("init", command.site, "--port", "0").code == 0)
        let files = ["authority/crl.pem", "server.pem", "server.key"]
        let before = try files.map { try Data(contentsOf: Self.url(command.site + "/" + $0)) }
        for words in [["certificate", "refresh-list"], ["key", "rotate", "server"]] {
            let refused = try command.settlectl(
                words + ["--days", days, "--site", command.site])
            #expect(refused.code != 0 && refused.errors.contains("--days"), "\(words)")
        }
        #expect(
            try files.map { try Data(contentsOf: Self.url(command.site + "/" + $0)) } == before)
    }

    private static func url(_ path: String) -> URL { URL(fileURLWithPath: path) }

    @Test("keys, PINs and the store are readable by their owner only")
    func permissions() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        for file in [
            "keys.sealed", "key-encryption.key", "server.key", "cards.csv", "store.sqlite",
            "terminals/DM000001/terminal.key", "terminals/DM000001/master.key",
        ] {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: command.site + "/" + file)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
        }
    }

    @Test("without a site the error says where and what to do")
    func noSite() throws {
        let command = try Command()
        defer { command.remove() }
        let result = try command.onSite("list", "persons")
        #expect(result.code != 0 && result.errors.contains("there is no site here"))
    }

    @Test("every list and every show is valid JSON with --json")
    func json() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        for kind in ["institutions", "terminals", "catalogs", "policies", "persons", "cards"] {
            let rows = try command.onSite("list", kind, "--json").json() as? [Any]
            #expect(rows?.isEmpty == false, "\(kind)")
        }
        for (kind, id) in [
            ("person", "10000001"), ("institution", "P99010000001"), ("terminal", "DM000001"),
            ("catalog", "1"), ("policy", "990100/1"),
        ] {
            let shown = try command.onSite("show", kind, id, "--json").json() as? [String: Any]
            #expect(shown?.isEmpty == false, "\(kind)")
        }
        _ = try command.onSite("history", "account", "10000001", "--json").json()
        _ = try command.onSite("balances", "--json").json()
        _ = try command.onSite("certificate", "list", "--json").json()
        _ = try command.onSite("verify", "--json").json()
    }

    @Test("all ledger accounts of a demonstration site sum to zero")
    func balances() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let rows = try command.onSite("balances", "--json").json() as? [[String: String]]
        let sum = rows?.first { $0["account"] == "sum" }
        #expect(sum?["balance"] == "0.00")
    }

    @Test("a terminal is registered with a private folder, blocked, unblocked, its key replaced")
    func terminals() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let made = try command.onSite(
            "terminal", "register", "NEW00001", "--institution", "P99010000001", "--role",
            "pharmacy", "--out", command.folder + "/new")
        #expect(made.code == 0, "\(made.errors)")
        for file in [
            "terminal.pem", "terminal.key", "authority.pem", "master.key", "terminal.conf",
        ] {
            #expect(FileManager.default.fileExists(atPath: "\(command.folder)/new/\(file)"))
        }
        let printed = try command.onSite("terminal", "key", "NEW00001", "--json")
        let fields = try printed.json() as? [String: String]
        #expect(fields?["component_1"] != nil && fields?["component_2"] != nil)
        #expect(try command.onSite("terminal", "block", "NEW00001").code == 0)
        let shown = try command.onSite("show", "terminal", "NEW00001", "--json")
        #expect((try shown.json() as? [String: Any])?["blocked"] as? Bool == true)
        #expect(try command.onSite("terminal", "unblock", "NEW00001").code == 0)
        let wrong = try command.onSite(
            "terminal", "register", "NEW00002", "--institution", "P99010000001", "--role",
            "hospital", "--out", command.folder + "/wrong")
        #expect(wrong.code != 0 && wrong.errors.contains("cannot stand at a pharmacy"))
    }

    @Test("a certificate is issued, renewed and revoked, and the list says so")
    func certificates() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.settlectl("init", command.site, "--port", "0")
        let issued = try command.onSite(
            "certificate", "issue", "T0000001", "--institution", "P99010000001", "--out",
            command.folder + "/t", "--json")
        let serial = try #require((try issued.json() as? [String: String])?["serial"])
        #expect(
            try command.onSite("certificate", "renew", serial, "--out", command.folder + "/t").code
                == 0)
        #expect(
            try command.onSite("certificate", "revoke", serial, "--reason", "superseded").code == 0)
        let again = try command.onSite("certificate", "revoke", serial)
        #expect(again.code != 0)
        let listed = try command.onSite("certificate", "list", "--json").json() as? [[String: Any]]
        let record = listed?.first { $0["serial"] as? String == serial }
        #expect(record?["reason"] as? String == "superseded")
    }

    @Test("a daemon that runs answers settlectl, verifies and backs up; rebuild waits for its end")
    func withDaemon() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let daemon = try command.startDaemon()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        let shown = try command.onSite("show", "person", "10000001", "--json").json()
        #expect((shown as? [String: Any])?["person"] as? String == "10000001")
        #expect(try command.onSite("verify").output.hasPrefix("sound: "))
        let copy = command.folder + "/copy.sqlite"
        #expect(try command.onSite("backup", copy).code == 0)
        #expect(FileManager.default.fileExists(atPath: copy))
        #expect(try command.onSite("rebuild").code != 0)
        try payAndAsk(command)
        let blocked = try command.onSite("terminal", "block", "DM000001")
        #expect(blocked.code == 0, "\(blocked.errors)")
        #expect(try command.onSite("reload").code == 0)
        let tour = try command.settlectl("pos", "tour", command.site)
        #expect(tour.code != 0)
    }

    @Test("a terminal is told a host that the certificate bears, and is never half registered")
    func terminalHost() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.settlectl(
            "init", command.site, "--server-name", "settle.example", "--address", "0.0.0.0",
            "--port", "0")
        let file = try command.file(
            "institutions.csv",
            """
            institution,name,kind,level,region
            P99010000001,Spring Pharmacy,pharmacy,unrated,990100

            """)
        _ = try command.onSite("import", "institutions", file)
        func register(_ terminal: String, at folder: String) throws -> Command.Result {
            try command.onSite(
                "terminal", "register", terminal, "--institution", "P99010000001", "--role",
                "pharmacy", "--out", folder)
        }
        let refused = try register("T0000001", at: file + "/in-a-file")
        #expect(refused.code != 0 && refused.errors.contains("in-a-file"))
        let listed = try command.onSite("list", "terminals", "--json").json() as? [Any]
        #expect(listed?.isEmpty == true)
        let folder = command.site + "/T0000001"
        #expect(try register("T0000001", at: folder).code == 0)
        let settings = try String(contentsOfFile: folder + "/terminal.conf", encoding: .utf8)
        #expect(settings.contains("host = settle.example\n"))
    }

    @Test("a demonstration that cannot be made leaves nothing behind")
    func demoRefused() throws {
        let command = try Command()
        defer { command.remove() }
        for wrong in [["--port", "99999"], ["--persons", "0"], ["--config", "/nonexistent"]] {
            let result = try command.settlectl(["demo", command.site] + wrong)
            #expect(result.code != 0 && !result.errors.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: command.site))
        }
    }

    /// Settles one bill and asks for its status, both answered in JSON.
    private func payAndAsk(_ command: Command) throws {
        let folder = command.terminal
        let paid = try command.sell("12.50")
        let answer = try #require(try paid.json() as? [String: Any], "\(paid.errors)")
        #expect(answer["code"] as? String == "00" && answer["total"] as? String == "12.50")
        #expect((answer["lines"] as? [Any])?.count == 1)
        let key = try #require(answer["key"] as? String).split(separator: "-")
        let asked = try command.settlectl(
            "pos", "status", "--terminal", folder, "--stan", "\(Int(key[2]) ?? 0)", "--date",
            "\(key[0].prefix(4))-\(key[0].dropFirst(4).prefix(2))-\(key[0].suffix(2))", "--json")
        #expect((try asked.json() as? [String: String])?["state"] == "approved")
    }
}
