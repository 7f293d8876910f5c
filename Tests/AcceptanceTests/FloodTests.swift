import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TLSChannel
import TestSite
import Testing

extension Acceptance {
    @Suite("Floods of connections")
    struct FloodTests {
        @Test(
            """
            a flood of handshakes, broken off or carried through, leaves others served, memory \
            bounded and nothing open
            """)
        func handshakes() async throws {
            try await RunningDaemon.withTown { daemon in
                let site = daemon.site
                let certified = try TLSContext(
                    site.credentials(Town.Terminal.pharmacy, port: daemon.port).configuration)
                let nameless = try TLSContext(site.clientTLS(certificate: nil, key: nil))
                let open = try await daemon.openConnections()
                let before = try daemon.peakKilobytes()
                let port = daemon.port
                try await whileServed(daemon) {
                    for _ in 1...20 {
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for turn in 0..<12 {
                                group.addTask {
                                    let tls = [nil, nameless, certified][turn % 3]
                                    let raw = try await RawConnection.open(port: port, tls: tls)
                                    // Carried through are those that are answered, or refused.
                                    if turn % 2 == 0 {
                                        raw.send(0x03, 1, [])
                                        if turn % 3 > 0 { _ = await raw.next() }
                                    }
                                    await raw.close()
                                }
                            }
                            try await group.waitForAll()
                        }
                    }
                }
                #expect(try await daemon.metric("settled_connections_accepted_total") ?? 0 > 240)
                let refused = "settled_tls_failures_total{reason=\"no_certificate\"}"
                #expect(try await daemon.metric(refused) ?? 0 >= 40)
                try await eventually("every connection is over") {
                    try await daemon.openConnections() == open
                }
                #expect(try daemon.peakKilobytes() - before < 64 * 1_024)
            }
        }

        @Test(
            """
            connections that say nothing keep nobody out: for one handshake more than allowed the \
            oldest ends, and terminals connect and are served meanwhile
            """)
        func silent() async throws {
            try await RunningDaemon.withTown("limits: {handshakes: 20, handshake_seconds: 60}") {
                daemon in
                try await whileServed(daemon) {
                    var silent: [RawConnection] = []
                    for turn in 1...60 {
                        silent.append(try await daemon.connectRaw(nil))
                        guard turn % 10 == 0 else { continue }
                        let terminal = try await daemon.connect()
                        #expect(try await terminal.echo().code == "00")
                        await terminal.close()
                    }
                    // The oldest are closed; those that are left are the newest.
                    for raw in silent.prefix(40) { #expect(await raw.next() == nil) }
                    #expect(try await daemon.reached("handshakes") >= 40)
                    #expect(try await daemon.reached("handshakes") <= 46)
                    for raw in silent { await raw.close() }
                }
            }
        }

        @Test(
            """
            a flood with one certificate: as many as a terminal may sign on, some more are told so, \
            the rest are closed with a notice 58; other terminals are served and can connect
            """)
        func oneCertificate() async throws {
            try await RunningDaemon.withTown { daemon in
                let name = Town.Terminal.pharmacy
                let before = try daemon.peakKilobytes()
                try await whileServed(daemon) {
                    var open: [RawConnection] = []
                    var answers: [String: Int] = [:]
                    for _ in 1...60 {
                        let raw = try await daemon.connectRaw(name)
                        raw.send(0x01, 1, signOn(name))
                        let frame = try #require(await raw.next())
                        let result = try ResponseDecoder.decode(frame).result
                        let isNotice = frame.kind == Frame.noticeKind
                        #expect(result.code == .approved || result.reason == .tooManyConnections)
                        answers[(isNotice ? "notice " : "") + result.code.text, default: 0] += 1
                        if isNotice {
                            #expect(await raw.next() == nil)
                        } else {
                            open.append(raw)
                        }
                    }
                    #expect(answers == ["00": 4, "58": 12, "notice 58": 44])
                    #expect(try await daemon.reached("connections_per_certificate") == 44)
                    let other = try await daemon.connect(Town.Terminal.secondPharmacy)
                    #expect(try await other.echo().code == "00")

                    for raw in open { await raw.close() }
                    try await eventually("the terminal can sign on again") {
                        let raw = try await daemon.connectRaw(name)
                        let answer = try await raw.signOn(as: name)
                        await raw.close()
                        return answer?.code == "00"
                    }
                }
                #expect(try daemon.peakKilobytes() - before < 64 * 1_024)
            }
        }

        @Test(
            """
            one certificate cannot take all the connections there are: others connect at once, \
            though the flood says nothing and stays
            """)
        func allConnections() async throws {
            let limits = "limits: {connections: 30, connections_per_terminal: 4}"
            try await RunningDaemon.withTown(limits) { daemon in
                try await whileServed(daemon) {
                    var flood: [RawConnection] = []
                    for _ in 1...60 {
                        flood.append(try await daemon.connectRaw(Town.Terminal.pharmacy))
                    }
                    try await eventually("the flood is refused") {
                        try await daemon.reached("connections_per_certificate") == 44
                    }
                    for name in [Town.Terminal.hospital, Town.Terminal.clinic] {
                        let terminal = try await daemon.connect(name)
                        #expect(try await terminal.echo().code == "00")
                    }
                    for raw in flood { await raw.close() }
                }
            }
        }

        private func signOn(_ name: TerminalID) -> [UInt8] {
            RequestEncoder.signOn(
                SignOnRequest(
                    header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
                    terminal: name, software: "flood"))
        }
    }
}
