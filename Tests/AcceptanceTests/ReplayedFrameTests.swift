import CardSecurity
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TLSChannel
import TestSite
import Testing

extension Acceptance {
    @Suite("Frames of another session")
    struct ReplayedFrameTests {
        private func settle(_ sale: Sale, _ header: RequestHeader, _ block: [UInt8]) -> [UInt8] {
            RawConnection.frame(
                RequestKind.settle.rawValue, 1,
                RequestEncoder.settle(header, sale.command, pinBlock: block))
        }

        @Test(
            """
            a frame of an earlier session, sent again: answered before, it is replayed without a \
            second debit; not answered before, its PIN block is 99 and nothing is recorded
            """)
        func applicationFrames() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let name = Town.Terminal.pharmacy
            let headers = try await daemon.connect(name)
            let (earlier, later) = (try await daemon.connectRaw(), try await daemon.connectRaw())
            let seal = try SessionSeal(
                try #require(await earlier.signOn(as: name)), daemon: daemon, terminal: name)
            let sale = patient.purchase(1_000)
            let held = headers.newHeader()
            let answered = settle(sale, headers.newHeader(), try seal.block(sale))
            let unanswered = settle(sale, held, try seal.block(sale))
            earlier.send(answered)
            let first = try #require(try await earlier.response())
            #expect(first.code == "00" && !first.result.replayed)
            await earlier.close()

            #expect(try await later.signOn(as: name)?.code == "00")
            for _ in 1...3 {
                later.send(answered)
                let again = try #require(try await later.response())
                #expect(again.code == "00" && again.result.replayed)
                #expect(again.settlement == first.settlement)
                later.send(unanswered)
                let refused = try #require(try await later.response())
                #expect(refused.code == "99" && refused.result.reason == .pinBlockUnusable)
            }
            // Another terminal's key is another key, whatever the bytes.
            let other = try await daemon.connectRaw(Town.Terminal.secondPharmacy)
            #expect(try await other.signOn(as: Town.Terminal.secondPharmacy)?.code == "00")
            for frame in [answered, unanswered] {
                other.send(frame)
                #expect(try await other.response()?.code == "99")
            }
            let books = Books(daemon)
            #expect(try await books.balance(of: patient) == 9_000)
            #expect(try await books.settlements(of: patient).count == 1)
            #expect(try await books.card(of: patient)?.triesFailed == 0)
            for terminal in [name, Town.Terminal.secondPharmacy] {
                let key = RequestKey(terminal: terminal, date: Town.today, stan: held.stan)
                #expect(try await books.answer(to: key) == nil)
            }
            for raw in [later, other] { await raw.close() }
            await headers.close()
        }

        @Test(
            """
            a whole session's bytes, recorded on the network and sent again, are refused by TLS; \
            its records within another session end that one; nothing is executed by either
            """)
        func recordedBytes() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let name = Town.Terminal.pharmacy
                let link = try await CuttableLink.open(to: UInt16(daemon.port))
                link.record()
                let credentials = try daemon.site.credentials(name, port: link.port)
                let overheard = try await TerminalConnection.open(
                    credentials, at: try credentials.address())
                let before = link.sent.count
                let answer = try await overheard.settle(patient.purchase(1_000))
                #expect(answer.code == "00")
                let session = link.sent
                let sale = Array(session.dropFirst(before))
                #expect(before > 300 && sale.count > 50)

                let books = Books(daemon)
                let entries = try await books.journal().count
                try await whileServed(daemon) {
                    let replay = try await daemon.connectRaw(nil)
                    replay.send(session)
                    #expect(await replay.next() == nil)
                    // The daemon's part of a new handshake, then its alert.
                    #expect(replay.bytes.first == 0x16)

                    let victim = try await TerminalConnection.open(
                        credentials, at: try credentials.address())
                    #expect(try await victim.echo().code == "00")
                    link.inject(sale)
                    try await eventually("the session is ended") {
                        do throws(ClientFault) {
                            _ = try await victim.echo()
                            return false
                        } catch {
                            return true
                        }
                    }
                }
                let failures = try await daemon.metrics().split(separator: "\n")
                    .filter { $0.hasPrefix("settled_tls_failures_total") }
                #expect(!failures.isEmpty)
                #expect(try await overheard.echo().code == "00")
                #expect(try await books.balance(of: patient) == 99_000)
                #expect(try await books.settlements(of: patient).count == 1)
                let ofTerminal = try await books.journal().dropFirst(entries).filter {
                    $0.answer?.key.terminal == name
                }
                #expect(ofTerminal.isEmpty)
                #expect(try await books.faults() == [])
                await link.close()
            }
        }
    }
}
