import Foundation
import SettlementClient
import SettlementDomain
import Testing

@Suite("A terminal's credentials")
struct CredentialsTests {
    private func fault(of terminal: TestTerminal) throws -> CredentialsFault {
        do {
            _ = try TerminalCredentials(directory: terminal.directory)
        } catch {
            return error
        }
        throw Unexpected()
    }

    private struct Unexpected: Error {}

    @Test("a whole folder is read")
    func whole() throws {
        let terminal = try TestTerminal()
        try terminal.write(
            "terminal.conf",
            """
            # made by a test
            terminal = T0000001
            host=pay.example   # the daemon

              port = 7443
            server_name = settled.test
            """)
        let credentials = try TerminalCredentials(directory: terminal.directory)
        #expect(credentials.terminal.text == "T0000001")
        #expect(credentials.host == "pay.example")
        #expect(credentials.port == 7443)
        #expect(credentials.serverName == "settled.test")
        #expect(credentials.masterKey.withUnsafeBytes { Array($0) } == (0..<16).map { UInt8($0) })
        #expect(credentials.configuration.role == .client(server: .hostName("settled.test")))
    }

    @Test("what a tool writes as settings is read back")
    func written() throws {
        let terminal = try TestTerminal()
        let name = try #require(TerminalID("T0000009"))
        try terminal.write(
            "terminal.conf",
            TerminalCredentials.settings(
                terminal: name, host: "192.0.2.1", port: 1, serverName: nil))
        let credentials = try TerminalCredentials(directory: terminal.directory)
        #expect(credentials.terminal == name)
        #expect(credentials.configuration.role == .client(server: .address("192.0.2.1")))
    }

    @Test(
        "a missing file is named",
        arguments: [
            "terminal.conf", "terminal.pem", "terminal.key", "authority.pem", "master.key",
        ])
    func missing(_ name: String) throws {
        let terminal = try TestTerminal()
        let path = "\(terminal.directory)/\(name)"
        try FileManager.default.removeItem(atPath: path)
        #expect(
            try fault(of: terminal)
                == .unreadable(path: path, problem: "No such file or directory"))
    }

    @Test("keys that others may read are refused", arguments: ["terminal.key", "master.key"])
    func open(_ name: String) throws {
        let terminal = try TestTerminal()
        let path = "\(terminal.directory)/\(name)"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(try fault(of: terminal) == .permissionsTooOpen(path: path, mode: 0o640))
    }

    @Test(
        "a master key that is not 32 hexadecimal digits is refused",
        arguments: [
            "", "00", "000102030405060708090a0b0c0d0e0g", "000102030405060708090a0b0c0d0e0f00",
        ])
    func masterKey(_ text: String) throws {
        let terminal = try TestTerminal()
        try terminal.write("master.key", text, mode: 0o600)
        #expect(
            try fault(of: terminal)
                == .masterKeyMalformed(path: terminal.directory + "/master.key"))
    }

    @Test("each wrong setting is told with line and key")
    func settings() throws {
        let terminal = try TestTerminal()
        let path = terminal.directory + "/terminal.conf"
        let good = "terminal = T0000001\nhost = h\nport = 1\n"
        let cases: [(String, CredentialsFault)] = [
            (good + "color = red\n", .unknownKey(path: path, line: 4, key: "color")),
            (good + "host = g\n", .repeatedKey(path: path, line: 4, key: "host")),
            (good + "nonsense\n", .line(path: path, line: 4)),
            ("terminal = T0000001\nport = 1\n", .missingKey(path: path, key: "host")),
            (
                "terminal = short\nhost = h\nport = 1\n",
                .value(
                    path: path, line: 1, key: "terminal", expected: "eight capitals or digits")
            ),
            (
                "terminal = T0000001\nhost = h\nport = 65536\n",
                .value(path: path, line: 3, key: "port", expected: "a port, 1 to 65535")
            ),
        ]
        for (text, expected) in cases {
            try terminal.write("terminal.conf", text)
            #expect(try fault(of: terminal) == expected)
            #expect("\(expected)".contains(path))
        }
    }

    @Test("all folders of a folder are found, in the order of their names; or one alone")
    func all() throws {
        let terminal = try TestTerminal()
        for name in ["T0000003", "T0000002"] {
            try FileManager.default.copyItem(
                atPath: terminal.directory, toPath: "\(terminal.folder)/\(name)")
        }
        let all = try TerminalCredentials.all(in: terminal.folder)
        #expect(all.map { String($0.directory.suffix(8)) } == ["T0000001", "T0000002", "T0000003"])
        #expect(try TerminalCredentials.all(in: terminal.directory).count == 1)
    }
}
