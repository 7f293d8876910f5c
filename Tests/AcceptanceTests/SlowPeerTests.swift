import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Slow and silent peers")
    struct SlowPeerTests {
        @Test(
            """
            a peer that asks and takes no answers is read no further, holds bounded memory, and is \
            cut at the write deadline; others are served
            """)
        func takesNoAnswers() async throws {
            try await RunningDaemon.withTown("limits: {write_seconds: 1}") { daemon in
                try await daemon.register([.catalog(longCatalog())])
                let slow = try await daemon.connectRaw()
                #expect(try await slow.signOn(as: Town.Terminal.pharmacy)?.code == "00")
                let before = try daemon.peakKilobytes()
                try await slow.stopReading()
                // Gigabytes of catalog pages, for half a megabyte of requests.
                slow.send(pageRequests(20_000))
                try await whileServed(daemon) {
                    try await eventually("the write deadline passes") {
                        try await daemon.reached("write_seconds") == 1
                    }
                }
                #expect(try await daemon.reached("unwritable") >= 1)
                #expect(try daemon.peakKilobytes() - before < 64 * 1_024)
                await slow.close()
            }
        }

        @Test("a peer that asks for pages by the thousand and takes them gets each, in their order")
        func takesAllAnswers() async throws {
            try await RunningDaemon.withTown { daemon in
                try await daemon.register([.catalog(longCatalog())])
                let peer = try await daemon.connectRaw()
                #expect(try await peer.signOn(as: Town.Terminal.pharmacy)?.code == "00")
                let before = try daemon.peakKilobytes()
                peer.send(pageRequests(1_000))
                for id in 1...1_000 as ClosedRange<UInt32> {
                    let page = try #require(await peer.next())
                    #expect(page.requestID == id && page.body.readableBytes > 60_000)
                }
                #expect(try daemon.peakKilobytes() - before < 64 * 1_024)
                await peer.close()
            }
        }

        /// So many requests for a page of the catalog in force.
        private func pageRequests(_ count: UInt32) -> [UInt8] {
            let page = RequestEncoder.catalogPage(
                CatalogPageRequest(
                    header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
                    version: nil, firstIndex: 0, count: nil))
            return (1...count).flatMap {
                RawConnection.frame(RequestKind.catalogPage.rawValue, $0, page)
            }
        }

        /// A new version of the town's catalog with a thousand entries more: a page of it is as long
        /// as a frame may be.
        private func longCatalog() throws -> CatalogRow {
            let more = try (1...1_000).map { number in
                CatalogEntry(
                    code: try #require(ItemCode("XZ01AA000A0010101" + "\(10_000 + number)")),
                    name: String(repeating: "a long name ", count: 8), kind: .westernMedicine,
                    level: .a, effectiveFrom: Town.firstDay)
            }
            return CatalogRow(
                effectiveFrom: Town.firstDay,
                catalog: Catalog(
                    version: CatalogVersion(rawValue: 1_000), entries: Town.catalog.entries + more))
        }

        @Test(
            """
            a peer that vanishes without a word holds its place until the idle time is over, and \
            not longer; others are served
            """)
        func halfOpen() async throws {
            let limits = "limits: {idle_seconds: 5, connections_per_terminal: 1}"
            try await RunningDaemon.withTown(limits) { daemon in
                let name = Town.Terminal.pharmacy
                let link = try await CuttableLink.open(to: UInt16(daemon.port))
                let credentials = try daemon.site.credentials(name, port: link.port)
                let gone = try await TerminalConnection.open(
                    credentials, at: try credentials.address())
                #expect(try await gone.echo().code == "00")
                link.cut(.now)
                var refusals = 0
                try await whileServed(daemon) {
                    try await eventually("the place is free") {
                        // The operator's connection is not to be idle.
                        _ = try await Books(daemon).balance(of: Town.patients[0])
                        let raw = try await daemon.connectRaw()
                        let answer = try #require(try await raw.signOn(as: name))
                        await raw.close()
                        if answer.code == "00" { return true }
                        #expect(answer.result.reason == .tooManyConnections)
                        refusals += 1
                        return false
                    }
                }
                #expect(refusals > 0)
                #expect(try await daemon.reached("idle_seconds") >= 1)
                await link.close()
            }
        }

        @Test(
            """
            many peers that send a frame byte by byte are all closed at the frame's deadline with \
            notice 30, whatever they go on sending; nothing of it is executed
            """)
        func tricklers() async throws {
            let limits = "limits: {frame_seconds: 1, connections_per_terminal: 64}"
            try await RunningDaemon.withTown(limits) { daemon in
                let patient = Town.patients[0]
                let good = try await daemon.connect()
                var peers: [(RawConnection, [UInt8])] = []
                for _ in 1...40 {
                    let raw = try await daemon.connectRaw()
                    let seal = try SessionSeal(
                        try #require(await raw.signOn(as: Town.Terminal.pharmacy)),
                        daemon: daemon, terminal: Town.Terminal.pharmacy)
                    let sale = patient.purchase(100)
                    let frame = RawConnection.frame(
                        RequestKind.settle.rawValue, 1,
                        RequestEncoder.settle(
                            good.newHeader(), sale.command, pinBlock: try seal.block(sale)))
                    peers.append((raw, frame))
                }
                let before = try daemon.peakKilobytes()
                try await whileServed(daemon) {
                    var sent = 0
                    try await eventually("all are closed") {
                        // All but the last byte, one a turn.
                        for (raw, frame) in peers where sent < frame.count - 1 {
                            raw.send([frame[sent]])
                        }
                        sent += 1
                        return try await daemon.reached("frame_seconds") == peers.count
                    }
                    for (raw, _) in peers {
                        let notice = try #require(await raw.next())
                        #expect(notice.kind == Frame.noticeKind)
                        let result = try ResponseDecoder.decode(notice).result
                        #expect(result.code == .formatError && result.reason == .deadlinePassed)
                        #expect(await raw.next() == nil)
                    }
                }
                #expect(try daemon.peakKilobytes() - before < 64 * 1_024)
                #expect(try await Books(daemon).balance(of: patient) == 100_000)
                await good.close()
            }
        }

        @Test(
            """
            a frame above the maximum is refused by its header, and megabytes behind it are thrown \
            away; the largest that is allowed is read
            """)
        func oversized() async throws {
            try await RunningDaemon.withTown { daemon in
                let name = Town.Terminal.pharmacy
                let before = try daemon.peakKilobytes()
                try await whileServed(daemon) {
                    for announced in [65_537, 0x7fff_ffff, 0xffff_ffff] as [UInt32] {
                        let raw = try await daemon.connectRaw()
                        _ = try await raw.signOn(as: name)
                        let header = withUnsafeBytes(of: announced.bigEndian, Array.init)
                        raw.send(header + [UInt8](repeating: 0x55, count: 200_000))
                        let notice = try #require(try await raw.response())
                        #expect(notice.result.reason == .frameLength)
                        #expect(await raw.next() == nil)
                        // Of a peer that does not stop nothing more is heard: it may miss the notice.
                        let deaf = try await daemon.connectRaw()
                        _ = try await deaf.signOn(as: name)
                        deaf.send(header + [UInt8](repeating: 0x55, count: 8_000_000))
                        while await deaf.next() != nil {}
                    }
                    let raw = try await daemon.connectRaw()
                    _ = try await raw.signOn(as: name)
                    // Read whole, and found to be no settle.
                    let largest = [UInt8](repeating: 0xff, count: 65_536 - 8)
                    raw.send(RequestKind.settle.rawValue, 1, largest)
                    let answer = try #require(await raw.next())
                    #expect(answer.kind == RequestKind.settle.rawValue | Frame.responseBit)
                    #expect(try ResponseDecoder.decode(answer).code == "30")
                }
                #expect(try daemon.peakKilobytes() - before < 64 * 1_024)
            }
        }
    }
}
