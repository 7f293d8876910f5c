import Foundation
import SettlementClient
import SettlementDomain
import TestProcesses
import TestSite
import Testing

extension Acceptance {
    @Suite("TLS itself")
    struct TLSAbuseTests {
        @Test(
            """
            a TLS 1.2 client that asks for renegotiation is told "no renegotiation", as often as it \
            asks; others are served
            """)
        func renegotiation() async throws {
            try await RunningDaemon.withTown(tls: #"minimum_version: "1.2""#) { daemon in
                try await whileServed(daemon) {
                    for _ in 1...5 {
                        let said = await openSSL(daemon, ["-tls1_2"], input: "R\nQ\n")
                        #expect(said.contains("Protocol  : TLSv1.2"), "\(said)")
                        #expect(said.contains("RENEGOTIATING"), "\(said)")
                        #expect(said.contains("no renegotiation"), "\(said)")
                        #expect(!said.contains("read R BLOCK"), "\(said)")
                    }
                }
                let terminal = try await daemon.connect()
                #expect(try await terminal.echo().code == "00")
            }
        }

        @Test("TLS 1.2 is refused where the configuration does not ask for it")
        func oldVersion() async throws {
            let daemon = try await SharedDaemon.town.running()
            let said = await openSSL(daemon, ["-tls1_2"], input: "Q\n")
            #expect(said.contains("alert protocol version"), "\(said)")
        }

        @Test(
            """
            compression is never agreed on, though a client offers it first: secrets and what an \
            attacker chooses are not compressed together
            """)
        func compression() async throws {
            try await RunningDaemon.withTown(tls: #"minimum_version: "1.2""#) { daemon in
                let raw = try await daemon.connectRaw(nil)
                raw.send(Self.clientHello(compression: [1, 0]))
                try await eventually("the server's hello is there") { raw.bytes.count >= 120 }
                let hello = raw.bytes
                // A handshake record with a ServerHello of TLS 1.2.
                #expect(Array(hello[0..<3]) == [0x16, 3, 3] && hello[5] == 2)
                #expect(Array(hello[9..<11]) == [3, 3])
                let sessionBytes = Int(hello[43])
                #expect(hello[43 + sessionBytes + 3] == 0)
                await raw.close()

                // Nothing but compression: there is nothing to agree on.
                let only = try await daemon.connectRaw(nil)
                only.send(Self.clientHello(compression: [1]))
                #expect(await only.next() == nil)
                #expect(only.bytes.first == 0x15)
            }
        }

        /// A ClientHello of TLS 1.2 (RFC 5246, 7.4.1.2) with these compression methods, DEFLATE
        /// being 1 (RFC 3749).
        private static func clientHello(compression: [UInt8]) -> [UInt8] {
            func counted(_ bytes: [UInt8]) -> [UInt8] {
                [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
            }
            let suites: [UInt8] = [0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30]
            let name = Array(ServerAddress.applicationProtocol.utf8)
            let extensions: [[UInt8]] = [
                [0, 10] + counted(counted([0, 0x1d, 0, 0x17])),
                [0, 11] + counted([1, 0]),
                [0, 13] + counted(counted([4, 3, 8, 4, 4, 1])),
                [0, 16] + counted(counted([UInt8(name.count)] + name)),
                [0xff, 1] + counted([0]),
            ]
            var body: [UInt8] = [3, 3] + (0..<32) + [0]
            body += counted(suites)
            body += [UInt8(compression.count)] + compression
            body += counted(extensions.flatMap { $0 })
            return [0x16, 3, 1] + counted([1, 0] + counted(body))
        }

        /// Runs `openssl s_client` as a terminal, types the input, and gives all that it says.
        private func openSSL(
            _ daemon: RunningDaemon, _ options: [String], input: String
        ) async -> String {
            let folder = "\(daemon.site.path)/terminals/\(Town.Terminal.pharmacy)"
            let arguments =
                [
                    "s_client", "-connect", "127.0.0.1:\(daemon.port)", "-alpn",
                    ServerAddress.applicationProtocol, "-cert", folder + "/terminal.pem", "-key",
                    folder + "/terminal.key", "-CAfile", folder + "/authority.pem",
                ] + options
            let script = "printf '\(input)' | openssl \"$@\" 2>&1 || true"
            return await withCheckedContinuation { continuation in
                Thread {
                    let said = try? ChildProcess.run(
                        "/bin/sh", ["-c", script, "sh"] + arguments, in: folder)
                    continuation.resume(returning: said ?? "")
                }.start()
            }
        }
    }
}
