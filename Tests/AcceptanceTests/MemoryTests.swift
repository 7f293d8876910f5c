@testable import CardSecurity
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestProcesses
import TestSite
import Testing

extension Acceptance {
    /// Looks at the running daemon's memory as root may; where the system refuses even that, the
    /// refusal is what is tested.
    @Suite("Secrets in the daemon's memory")
    struct MemoryTests {
        @Test("After PINs were verified, none of them is anywhere in the daemon's memory")
        func noPIN() async throws {
            try await withUsedDaemon { daemon, pins in
                var canaries = Canaries()
                for pin in pins { canaries.add(digits: pin, "PIN \(pin)") }
                try look(at: daemon) { mapping, content in
                    #expect(canaries.found(in: content) == [], "in \(mapping)")
                }
            }
        }

        @Test(
            """
            Master keys, verification keys and record keys are in memory that is locked and left \
            out of core files, and nowhere else; the key-encryption key is nowhere
            """)
        func keys() async throws {
            try await withUsedDaemon { daemon, _ in
                var keys = Canaries()
                try Secrets.add(keysOf: daemon.site, to: &keys)
                var protected: Set<String> = []
                try look(at: daemon) { mapping, content in
                    let found = keys.found(in: content)
                    if mapping.isLeftOut && mapping.isLocked {
                        protected.formUnion(found)
                    } else {
                        #expect(found == [], "in \(mapping)")
                    }
                }
                guard ProcessMemory(of: daemon.process.id) != nil else { return }
                #expect(protected.contains("the master key of \(Town.Terminal.pharmacy)"))
                #expect(protected.contains("verification key 1"))
                #expect(protected.contains("record key 1"))
                #expect(protected.contains("what absorbed verification key 1"))
                #expect(!protected.contains("the key-encryption key"))
            }
        }

        @Test("The daemon forbids itself core files, whatever the limit that it is started with")
        func noCoreFile() async throws {
            let site = try SiteFolder.town()
            let file = try site.configure()
            let daemon = try ChildProcess(
                "/usr/bin/prlimit",
                ["--core=unlimited:unlimited", RunningDaemon.executable, "--config", file],
                in: site.path, errorPath: site.path + "/daemon.log")
            #expect(await daemon.nextLine()?.hasPrefix("ready ") == true, "\(site.log)")
            let limits = try String(contentsOfFile: "/proc/\(daemon.id)/limits", encoding: .utf8)
            let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(core?.split(separator: " ").suffix(3).prefix(2) == ["0", "0"])
            daemon.send(SIGABRT)
            #expect(await daemon.ending() == .killed(SIGABRT))
            let left = try FileManager.default.contentsOfDirectory(atPath: site.path)
            #expect(!left.contains { $0.hasPrefix("core") })
        }

        @Test(
            "The daemon's own user may not read its memory, while that of another program it may",
            .enabled(if: getuid() == 0 && TestEngine.current == .sqlite))
        func closedToItsUser() async throws {
            let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
            let site = try SiteFolder.town()
            let file = try site.configure()
            // The checkout may lie where another user cannot go.
            let program = site.path + "/settled"
            try FileManager.default.copyItem(atPath: RunningDaemon.executable, toPath: program)
            _ = try ChildProcess.run(
                "/usr/bin/chown", ["-R", "65534:65534", site.path], in: "/")
            let daemon = try ChildProcess(
                "/usr/bin/setpriv", nobody + [program, "--config", file],
                in: site.path, errorPath: site.path + "/daemon.log")
            let line = await daemon.nextLine()
            #expect(line?.hasPrefix("ready ") == true, "\(site.log)")
            let refused = #expect(throws: ProcessFault.self) {
                try ChildProcess.run(
                    "/usr/bin/setpriv", nobody + ["/usr/bin/cat", "/proc/\(daemon.id)/maps"],
                    in: "/")
            }
            #expect(refused?.description.contains("Permission denied") == true)
            let other = try ChildProcess.run(
                "/usr/bin/setpriv", nobody + ["/usr/bin/cat", "/proc/self/maps"], in: "/")
            #expect(other.contains("[heap]"))
            daemon.send(SIGTERM)
            #expect(await daemon.ending() == .exited(0))
        }

        // MARK: Parts

        /// A daemon that has verified right and wrong PINs over several sessions, some of which
        /// have ended; gives the PINs.
        private func withUsedDaemon(
            _ body: (RunningDaemon, [String]) async throws -> Void
        ) async throws {
            try await RunningDaemon.withTown("log: {level: trace}") { daemon in
                var patients: [Patient] = []
                for number in 0..<3 {
                    var patient = Patient(950 + number, balance: 100_000)
                    // No digits that a test, a file or the daemon has for another reason.
                    patient.pin = String((0..<12).map { _ in "0123456789".randomElement() ?? "0" })
                    patients.append(patient)
                    try await daemon.admit(patient)
                }
                for round in 0..<3 {
                    let terminal = try await daemon.connect(Town.Terminal.load[round])
                    for patient in patients {
                        for _ in 1...10 {
                            #expect(try await terminal.settle(patient.purchase(1)).code == "00")
                        }
                        let wrong = patient.purchase(1).with {
                            $0.pin = String(patient.pin.dropFirst())
                        }
                        #expect(try await terminal.settle(wrong).code != "00")
                        #expect(try await terminal.settle(patient.purchase(1)).code == "00")
                    }
                    if round < 2 { await terminal.close() }
                }
                try await body(daemon, patients.map(\.pin))
            }
        }

        private func look(
            at daemon: RunningDaemon, _ body: (ProcessMemory.Mapping, Data) throws -> Void
        ) throws {
            guard let memory = ProcessMemory(of: daemon.process.id) else {
                #expect(open("/proc/\(daemon.process.id)/mem", O_RDONLY) == -1)
                return
            }
            // The search finds what is there.
            var known = Canaries()
            known.add(text: daemon.site.path, "the site's folder")
            var places = 0
            try memory.forEach { mapping, content in
                if known.found(in: content) != [] { places += 1 }
                try body(mapping, content)
            }
            #expect(places > 0)
        }
    }
}
