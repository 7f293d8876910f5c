import Foundation
import Testing

@Suite("Damaged files of a site")
struct DamageTests {
    private func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Changes a file in place, as damage does: owner and mode stay.
    private func damage(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
        var changed = try bytes(path)
        change(&changed)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(changed))
        try file.close()
    }

    @Test(
        """
        a store that was cut, overwritten or lost its log is named by verify and by the daemon, \
        neither serves it, and a backup brings it back
        """)
    func store() throws {
        let command = try Command()
        defer { command.remove() }
        #expect(try command.demo(persons: 60).code == 0)
        let backup = command.folder + "/backup.sqlite"
        #expect(try command.onSite("backup", backup).code == 0)
        let daemon = try command.startDaemon()
        #expect(try command.sell("3.00").code == 0)
        let running = try command.onSite("restore", backup)
        #expect(running.code != 0 && running.errors.contains("stop it, then restore"))
        // Killed: what it sold is in its log only.
        kill(daemon.processIdentifier, SIGKILL)
        daemon.waitUntilExit()

        let store = command.site + "/store.sqlite"
        let log = store + "-wal"
        let whole = (try bytes(store), try bytes(log))
        let damages: [(path: String, change: (inout [UInt8]) -> Void)] = [
            (store, { $0.removeLast($0.count / 2) }),
            (store, { $0.removeAll() }),
            (log, { $0.removeAll() }),
            (log, { $0[40] ^= 1 }),
        ]
        for (path, change) in damages {
            try damage(store) { $0 = whole.0 }
            try damage(log) { $0 = whole.1 }
            try damage(path, change)
            let verified = try command.onSite("verify")
            #expect(verified.code != 0 && verified.errors.contains("store.sqlite"), "\(verified)")
            let refused = try command.refusedDaemon()
            #expect(refused.code != 0 && refused.errors.contains("store.sqlite"), "\(refused)")
            #expect(refused.output.isEmpty)
            #expect(FileManager.default.fileExists(atPath: log))
        }
        let restored = try command.onSite("restore", backup)
        #expect(restored.code == 0, "\(restored)")
        #expect(restored.output.contains("the last 1 entries are not in the backup"))
        #expect(restored.output.contains("store.sqlite.damaged"))
        #expect(try command.onSite("verify").output.hasPrefix("sound: "))
        let again = try command.startDaemon()
        #expect(try command.sell("4.00").code == 0)
        again.terminate()
        again.waitUntilExit()
        #expect(again.terminationStatus == 0)
        #expect(try command.onSite("verify").output.hasPrefix("sound: "))
    }

    @Test(
        "a configuration, key or certificate that was cut is named, and the daemon does not start",
        arguments: [
            "settled.yaml", "server.pem", "server.key", "authority/authority.pem",
            "authority/crl.pem", "keys.sealed", "key-encryption.key",
        ])
    func cut(_ name: String) throws {
        let command = try Command()
        defer { command.remove() }
        #expect(try command.settlectl("init", command.site, "--port", "0").code == 0)
        let path = command.site + "/" + name
        let whole = try bytes(path)
        for length in [0, whole.count / 3, whole.count / 2, whole.count - 3] {
            try damage(path) { $0 = Array(whole.prefix(length)) }
            for arguments in [["--check-config"], []] {
                let refused = try command.refusedDaemon(arguments)
                // What passes the check would start and not end.
                try #require(refused.code != 0, "\(name) cut at \(length)")
                // Half of a key in hexadecimal is as long as a whole one in bytes.
                let isNamed =
                    refused.errors.contains(path)
                    || refused.errors.contains("the key-encryption key is wrong")
                #expect(isNamed, "\(name) cut at \(length): \(refused)")
                #expect(refused.output.isEmpty)
            }
        }
        try damage(path) { $0 = whole }
        #expect(try command.refusedDaemon(["--check-config"]).code == 0)
    }
}
