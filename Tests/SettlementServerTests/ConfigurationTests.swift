import Foundation
import Testing

@testable import SettlementServer

@Suite("The configuration")
struct ConfigurationTests {
    static let minimal = """
        tls: {certificate: tls/server.pem, key: tls/server.key, trust: tls/authority.pem}
        store: {path: ledger.sqlite}
        keys: {store: keys, key_file: kek}
        """

    private func problems(_ yaml: String) -> [String] {
        do throws(ConfigurationFault) {
            _ = try Configuration(yaml: yaml, directory: "/site")
            return []
        } catch {
            return error.problems
        }
    }

    @Test("a minimal text gets the documented defaults, and paths relative to its folder")
    func defaults() throws {
        let configuration = try Configuration(yaml: Self.minimal, directory: "/site")
        #expect(configuration.listen == Configuration.Endpoint(address: "0.0.0.0", port: 9_600))
        #expect(configuration.limits == Limits())
        #expect(configuration.tls.certificate == "/site/tls/server.pem")
        #expect(configuration.tls.revocation == nil)
        #expect(configuration.tls.minimumVersion == .tls13)
        #expect(configuration.store == .sqlite(path: "/site/ledger.sqlite"))
        #expect(configuration.keys.seal == .keyFile("/site/kek"))
        #expect(configuration.operatorSocket == "/run/settled/operator.sock")
        #expect(configuration.drainSeconds == 20)
        #expect(configuration.metrics == nil)
        #expect(configuration.recordingPath == nil)
        #expect(configuration.daySchedule == nil)
    }

    @Test("the business date moves at the time and in the zone that are written")
    func daySchedule() throws {
        let yaml = Self.minimal + "\nbusiness_day: {close_at: 00:00:30, time_zone: Asia/Urumqi}"
        let configuration = try Configuration(yaml: yaml, directory: "/site")
        #expect(configuration.daySchedule == DaySchedule(timeZone: "Asia/Urumqi", closeAt: 30))
    }

    @Test(
        "each wrong value is named with its path and what would be right",
        arguments: [
            ("limits: {frame_seconds: 0}", "limits.frame_seconds: 0 is outside 1...60"),
            ("limits: {frame_seconds: 61}", "limits.frame_seconds: 61 is outside 1...60"),
            ("limits: {frame_seconds: ten}", "limits.frame_seconds: \"ten\" is not a whole number"),
            ("limits: {in_flight: []}", "limits.in_flight: this is not a whole number"),
            ("listen: {port: 65536}", "listen.port: 65536 is outside 0...65535"),
            (
                "log: {format: xml}", "log.format: \"xml\" is none of: text, json"
            ),
            (
                "metrics: {address: 127.0.0.1}",
                "metrics.port: is missing: a whole number in 0...65535"
            ),
            ("limits: 5", "limits: must be a mapping of keys to values"),
            (
                "business_day: {time_zone: Asia/Nowhere}",
                "business_day.time_zone: \"Asia/Nowhere\" is no time zone, such as Asia/Shanghai"
            ),
            (
                "business_day: {close_at: 24:00}",
                "business_day.close_at: \"24:00\" is neither off nor a time such as 23:59:30"
            ),
            (
                "limits: {queue_requests: 100}",
                "limits.queue_requests: 100 is less than in_flight, 256: the requests of one "
                    + "connection would never fit"
            ),
            (
                "limits: {connections_per_certificate: 3}",
                "limits.connections_per_certificate: 3 is less than connections_per_terminal, 4: "
                    + "a terminal could never have so many"
            ),
            (
                "limits: {wrong_pins_per_terminal: -1}",
                "limits.wrong_pins_per_terminal: -1 is outside 0...1000000"
            ),
            (
                "limits: {wrong_pins_seconds: 0}",
                "limits.wrong_pins_seconds: 0 is outside 1...86400"
            ),
            (
                "drain: {second: 5}", "drain.second: unknown key; known here: seconds"
            ),
        ])
    func wrong(_ yaml: String, _ problem: String) {
        #expect(problems(Self.minimal + "\n" + yaml) == [problem])
    }

    @Test("an unknown section is refused")
    func unknownSection() {
        #expect(
            problems(Self.minimal + "\nlimit: {}").first?.hasPrefix("limit: unknown key") == true)
    }

    @Test("a key that must be there is named when it is not")
    func missing() {
        #expect(
            problems("keys: {store: k, key_file: f}\ntls: {certificate: a, trust: b}\nstore: {}")
                == ["tls.key: is missing", "store.path: is missing"])
    }

    @Test("several problems are reported together")
    func together() {
        let found = problems(
            """
            listen: {port: -1, adress: here}
            tls: {certificate: a, key: b}
            keys: {store: k}
            limits: {idle_seconds: 1}
            store: {kind: oracle, path: x}
            """)
        #expect(
            found.map { String($0.prefix { $0 != ":" }) } == [
                "listen.port", "listen.adress", "tls.trust", "store.kind", "keys.key_file",
                "limits.idle_seconds",
            ])
    }

    @Test("a key store opened by two things, or by none, is refused")
    func seals() {
        let base = "tls: {certificate: a, key: b, trust: c}\nstore: {path: d}\n"
        for keys in ["{store: k, key_file: f, credential: c}", "{store: k}"] {
            #expect(
                problems(base + "keys: \(keys)").first?.hasPrefix("keys.key_file: exactly one")
                    == true)
        }
    }

    @Test("what is not YAML, or names a key twice, is refused", arguments: ["a: [", "a: 1\na: 2"])
    func notYAML(_ text: String) {
        #expect(problems(text).first?.hasPrefix("not YAML") == true)
    }

    @Test(
        "what is not YAML is told by its place, and no value is repeated: there may be a password",
        arguments: [
            "store: {connection: host=h password=geheim}\nlog: 1\nlog: 2",
            "store:\n  connection: host=/nope: password=geheim\n",
            "store:\n  connection: \"password=geheim\nlisten: [", "a: geheim\u{7}",
        ])
    func noValueOfBrokenYAML(_ text: String) {
        let told = problems(text).joined()
        #expect(told.contains("line ") || told.contains("byte "))
        #expect(!told.contains("geheim"))
    }

    @Test("a socket path that no socket can have is refused")
    func longSocket() {
        let path = "/" + String(repeating: "x", count: 107)
        #expect(
            problems(Self.minimal + "\noperator: {socket: \(path)}")
                == ["operator.socket: \(path) is longer than 107 bytes"])
    }

    @Test("the database that the shipped file describes has the defaults, and its keys have ranges")
    func database() throws {
        let path = #filePath.components(separatedBy: "/Tests/")[0] + "/Config/settled.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let section = text.split(separator: "\n").filter { $0.hasPrefix("#> ") }
            .map { $0.dropFirst(3) }.joined(separator: "\n")
        let base = Self.minimal.split(separator: "\n").filter { !$0.hasPrefix("store:") }
            .joined(separator: "\n")
        let configuration = try Configuration(yaml: base + "\n" + section, directory: "/site")
        guard case .postgresql(let database) = configuration.store else {
            Issue.record("\(configuration.store)")
            return
        }
        #expect(database == Configuration.Database(connection: database.connection))
        #expect(database.connection.contains("target_session_attrs=read-write"))
        let wrong = problems(
            base + "\nstore: {kind: postgresql, lanes: 0, answer_ms: 5, lock_ms: no, path: x}")
        for key in [
            "store.connection", "store.lanes", "store.answer_ms", "store.lock_ms", "store.path",
        ] {
            #expect(wrong.contains { $0.hasPrefix(key) }, "\(key): \(wrong)")
        }
    }

    @Test("the file that is shipped is right, also with every default written out")
    func shipped() throws {
        let path = #filePath.components(separatedBy: "/Tests/")[0] + "/Config/settled.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let configuration = try Configuration(yaml: text, directory: "/etc/settled")
        #expect(configuration.limits == Limits())
        #expect(configuration.keys.seal == .credential("settled-kek"))

        let full = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            // A key that is commented out: an optional indent, "# ", a word, a colon.
            guard let match = line.firstMatch(of: /^( *)# ?( *[a-z_]+: .*|[a-z]+:)$/),
                !line.contains("key_file:"), !line.contains("passphrase_file:")
            else { return String(line) }
            return String(match.1) + String(match.2)
        }.joined(separator: "\n")
        let written = try Configuration(yaml: full, directory: "/etc/settled")
        #expect(written.limits == Limits())
        #expect(written.drainSeconds == configuration.drainSeconds)
        #expect(written.log == configuration.log)
        #expect(written.listen == configuration.listen)
        #expect(written.backlog == configuration.backlog)
        #expect(written.metrics?.port == 9_601)
        #expect(written.recordingPath == "/var/lib/settled/recording")
        #expect(written.readyFile == "/run/settled/ready")
    }

    @Test(
        "a file that was cut is refused, unless at the end of a line behind all that must be there")
    func cutFile() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("settled-\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let whole = Array((Self.minimal + "\nlimits: {idle_seconds: 120}\n").utf8)
        for length in whole.indices {
            try Data(whole.prefix(length)).write(to: URL(fileURLWithPath: path))
            let read = Result { try Configuration.load(path: path) }
            let text = String(decoding: whole.prefix(length), as: UTF8.self)
            if text.hasPrefix(Self.minimal + "\n"), text.hasSuffix("\n") {
                #expect(try read.get().limits == Limits())
            } else {
                #expect(throws: ConfigurationFault.self) { _ = try read.get() }
            }
        }
    }

    @Test("a file that is not there is named")
    func noFile() {
        #expect(throws: ConfigurationFault.self) {
            try Configuration.load(path: "/nowhere/settled.yaml")
        }
    }
}
