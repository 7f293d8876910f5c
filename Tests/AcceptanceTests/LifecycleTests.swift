import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Start, reload, stop")
    struct LifecycleTests {
        @Test("SIGTERM drains: what was executed is answered, and the daemon ends with 0")
        func drains() async throws {
            let site = try SiteFolder.town()
            let daemon = try await RunningDaemon.start(
                site, configuration: try site.configure("ready_file: ready"))
            let ready = try String(contentsOfFile: site.path + "/ready", encoding: .utf8)
            #expect(ready == daemon.readyLine + "\n")
            let patient = Town.patients[7]
            let terminal = try await daemon.connect()
            let approved = await withTaskGroup(of: Bool.self) { group in
                for _ in 1...200 {
                    let header = terminal.newHeader()
                    group.addTask {
                        let answer = try? await terminal.settle(patient.purchase(1), header)
                        return answer?.code == "00"
                    }
                }
                var approved = 0
                for await isApproved in group where isApproved {
                    if approved == 0 { daemon.process.send(SIGTERM) }
                    approved += 1
                }
                return approved
            }
            #expect(approved > 0)
            await daemon.operator.close()
            #expect(await daemon.process.ending() == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: site.path + "/settled.sock"))

            let restarted = try await daemon.restarted()
            #expect(try await Books(restarted).settlements(of: patient).count == approved)
            #expect(try await Books(restarted).faults() == [])
            #expect(await restarted.stop() == .exited(0))
        }

        @Test("a signal right after the ready line does what it does later")
        func signalledAtOnce() async throws {
            let site = try SiteFolder.town()
            let arguments = ["--config", try site.configure()]
            for signals in [[SIGTERM], [SIGHUP, SIGTERM], [SIGTERM], [SIGHUP, SIGTERM]] {
                let process = try RunningDaemon.run(arguments, in: site)
                let line = await process.nextLine()
                #expect(line?.hasPrefix("ready ") == true)
                for signal in signals { process.send(signal) }
                #expect(await process.ending() == .exited(0))
            }
        }

        @Test(
            "a second daemon on a site is refused, and the first one's ready file stays",
            .enabled(if: TestEngine.current == .sqlite))
        func keepsReadyFile() async throws {
            let site = try SiteFolder.town()
            let path = try site.configure("ready_file: ready")
            let ready = site.path + "/ready"
            let first = try RunningDaemon.run(["--config", path], in: site)
            let line = await first.nextLine()
            #expect(line?.hasPrefix("ready ") == true)
            let second = try RunningDaemon.run(["--config", path], in: site)
            #expect(await second.ending() == .exited(1))
            #expect(try String(contentsOfFile: ready, encoding: .utf8) == (line ?? "") + "\n")
            first.send(SIGTERM)
            #expect(await first.ending() == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: ready))
        }

        @Test("SIGHUP reads certificates and keys again, and connections go on")
        func reloads() async throws {
            try await RunningDaemon.withTown { daemon in
                let terminal = try await daemon.connect()
                daemon.process.send(SIGHUP)
                let counter = "settled_reloads_total{result=\"done\"}"
                var attempts = 0
                while try await daemon.metric(counter) == nil, attempts < 10_000 { attempts += 1 }
                #expect(attempts < 10_000)
                #expect(try await terminal.settle(Town.patients[0].purchase(1)).code == "00")
                let later = try await daemon.connect(Town.Terminal.otherPharmacy)
                #expect(try await later.echo().code == "00")
            }
        }

        @Test(
            "a second daemon on the same file is refused and says why; the first goes on",
            .enabled(if: TestEngine.current == .sqlite))
        func secondDaemon() async throws {
            try await RunningDaemon.withTown { daemon in
                let site = daemon.site
                let second = try site.configure(name: "second")
                let process = try RunningDaemon.run(["--config", second], in: site)
                guard case .exited(let code) = await process.ending() else {
                    Issue.record("killed")
                    return
                }
                #expect(code != 0)
                #expect(await process.nextLine() == nil)
                let said = site.log.split(separator: "\n").filter { $0.hasPrefix("settled: ") }
                let reason = said.first { $0.contains("ledger.sqlite") }
                #expect(reason?.contains("in use") == true, "\(said)")
                let terminal = try await daemon.connect()
                #expect(try await terminal.settle(Town.patients[0].purchase(1)).code == "00")
            }
        }

        @Test("what is wrong with a configuration is said with its path, all at once")
        func wrongConfiguration() async throws {
            let site = try SiteFolder.town()
            let right = try site.configure()
            let check = try RunningDaemon.run(["--check-config", "--config", right], in: site)
            #expect(await check.ending() == .exited(0))
            #expect(await check.nextLine()?.hasSuffix("the configuration is right") == true)

            let wrong = try site.configure(
                """
                limits: {frame_seconds: 0, in_flight: many}
                drain: {second: 5}
                log: {level: loud}
                """)
            for arguments in [["--check-config", "--config", wrong], ["--config", wrong]] {
                let process = try RunningDaemon.run(arguments, in: site)
                #expect(await process.ending() == .exited(EX_CONFIG))
            }
            for problem in [
                "limits.frame_seconds: 0 is outside 1...60",
                "limits.in_flight: \"many\" is not a whole number",
                "drain.second: unknown key", "log.level: \"loud\" is none of",
            ] {
                #expect(site.log.components(separatedBy: problem).count == 3, "\(problem)")
            }
        }
    }
}
