import Foundation
import Glibc
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestProcesses
import TestSite
import Testing

extension Acceptance {
    @Suite(
        "A full disk", .enabled(if: SmallDisk.isPermitted, "no file system may be mounted here"))
    struct DiskFullTests {
        /// A site whose store lies alone on a small disk.
        private static func site() throws -> (SiteFolder, SmallDisk, configuration: String) {
            let site = try SiteFolder.town()
            let configuration = try site.configure()
            let disk = try SmallDisk(at: site.path + "/small", bytes: 24 << 20)
            for suffix in ["", ".mark"] {
                try FileManager.default.moveItem(
                    atPath: "\(site.path)/ledger.sqlite\(suffix)",
                    toPath: "\(disk.path)/ledger.sqlite\(suffix)")
            }
            try String(contentsOfFile: configuration, encoding: .utf8)
                .replacing("path: ledger.sqlite", with: "path: small/ledger.sqlite")
                .write(toFile: configuration, atomically: true, encoding: .utf8)
            return (site, disk, configuration)
        }

        /// What was asked, and how it was answered.
        private struct Sales {
            var approved = 0
            var refused: [RequestHeader] = []
            var codes: Set<String> = []

            /// Sells until so many were refused; gives up after 20,000 sales.
            mutating func sell(
                to patient: Patient, at terminal: TerminalConnection, untilRefused count: Int
            ) async throws {
                for _ in 0..<20_000 where refused.count < count {
                    let header = terminal.newHeader()
                    let answer = try await terminal.settle(patient.purchase(1), header)
                    codes.insert(answer.code)
                    if answer.code == "00" { approved += 1 } else { refused.append(header) }
                }
            }
        }

        @Test(
            """
            36. Disk full: 91 or 96 before anything says 00; after space is freed it works again \
            without a restart.
            """, .enabled(if: TestEngine.current == .sqlite))
        func full() async throws {
            let (site, disk, configuration) = try Self.site()
            defer { disk.unmount() }
            let daemon = try await RunningDaemon.start(site, configuration: configuration)
            let patient = Town.patients[5]
            let terminal = try await daemon.connect()
            #expect(try await terminal.settle(patient.purchase(1)).code == "00")
            try disk.fill()
            var sales = Sales()
            try await sales.sell(to: patient, at: terminal, untilRefused: 8)
            #expect(sales.refused.count == 8)
            #expect(sales.codes.isSubset(of: ["00", "91", "96"]))
            for header in sales.refused {
                let answer = try await terminal.settle(patient.purchase(1), header)
                #expect(answer.code == "91" || answer.code == "96")
            }
            #expect(site.log.contains("database or disk is full"))

            disk.free()
            for header in sales.refused {
                let answer = try await terminal.settle(patient.purchase(1), header)
                #expect(answer.code == "00" && !answer.result.replayed)
                #expect(try await terminal.settle(patient.purchase(1), header).result.replayed)
            }
            let books = Books(daemon)
            let sold = sales.approved + 1 + sales.refused.count
            #expect(try await books.settlements(of: patient).count == sold)
            #expect(try await books.balance(of: patient) == 100_000 - Int64(sold))
            #expect(try await books.faults() == [])
            #expect(try await books.verification().hasPrefix("sound: "))
            #expect(await daemon.stop() == .exited(0))
            print("disk full: refused with", sales.codes.sorted(), "after", sales.approved)
        }

        @Test(
            """
            36. Killed while the disk is full: it starts, or says why it does not; with space freed \
            it starts, and everything answered 00 is there once.
            """, .enabled(if: TestEngine.current == .sqlite))
        func killedWhileFull() async throws {
            let (site, disk, configuration) = try Self.site()
            defer { disk.unmount() }
            let daemon = try await RunningDaemon.start(site, configuration: configuration)
            let patient = Town.patients[6]
            let terminal = try await daemon.connect()
            try disk.fill()
            var sales = Sales()
            try await sales.sell(to: patient, at: terminal, untilRefused: 1)
            #expect(sales.refused.count == 1)
            await daemon.kill()
            var restarted: RunningDaemon
            do {
                restarted = try await daemon.restarted()
                print("disk full: it starts")
                let ending = await restarted.stop()
                #expect(ending == .exited(0), "\(ending): \(site.log.suffix(600))")
            } catch let fault as SiteFault {
                print("disk full: it does not start")
                #expect(fault.description.contains("small/ledger.sqlite"))
            }
            disk.free()
            restarted = try await daemon.restarted()
            let again = try await restarted.connect()
            let answer = try await again.settle(patient.purchase(1), sales.refused[0])
            #expect(answer.code == "00" && !answer.result.replayed)
            let books = Books(restarted)
            #expect(try await books.settlements(of: patient).count == sales.approved + 1)
            #expect(try await books.balance(of: patient) == 100_000 - Int64(sales.approved) - 1)
            #expect(try await books.faults() == [])
            #expect(try await books.verification().hasPrefix("sound: "))
            #expect(await restarted.stop() == .exited(0))
        }

        @Test(
            """
            36. The database's disk is full: 91 or 96 before anything says 00; once the server is \
            back, the daemon works again without a restart.
            """, .enabled(if: TestEngine.current == .postgresql))
        func database() async throws {
            let server = try DatabaseServer(
                port: nil, settings: ["max_wal_size = '8MB'"], diskBytes: 200 << 20)
            let disk = try #require(server.disk)
            let site = try SiteFolder.town(
                at: try server.newDatabase(), settings: ", answer_ms: 2000, resolve_ms: 500")
            let daemon = try await RunningDaemon.start(
                site, configuration: try site.configure())
            let patient = Town.patients[7]
            let terminal = try await daemon.connect()
            try disk.fill()
            var sales = Sales()
            try await sales.sell(to: patient, at: terminal, untilRefused: 3)
            #expect(sales.refused.count == 3)
            #expect(sales.codes.isSubset(of: ["00", "91", "96"]))
            // A server that cannot write its own log may have ended by itself.
            server.kill()
            disk.free()
            try server.start()
            for header in sales.refused {
                var code = ""
                for _ in 0..<10_000 where code != "00" {
                    code = try await terminal.settle(patient.purchase(1), header).code
                    #expect(["00", "91", "96"].contains(code))
                }
                #expect(code == "00")
            }
            let books = Books(daemon)
            let sold = sales.approved + sales.refused.count
            #expect(try await books.settlements(of: patient).count == sold)
            #expect(try await books.balance(of: patient) == 100_000 - Int64(sold))
            #expect(try await books.faults() == [])
            #expect(try await books.verification().hasPrefix("sound: "))
            #expect(await daemon.stop() == .exited(0))
            print("the database's disk full:", sales.codes.sorted(), "after", sales.approved)
        }
    }
}
