import Foundation
import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import TLSChannel
import Testing

@testable import SettlementServer

@Suite("The daemon over real TLS, with a memory store")
struct DaemonTests {
    private func header(_ stan: UInt32) -> RequestHeader { Site.header(stan: stan) }

    @Test("a terminal signs on, settles, and gets the same answer again on another connection")
    func settles() async throws {
        try await DaemonBench.run { bench in
            let first = try await bench.connect()
            #expect(try await first.signOn() == .approved)
            first.send(ConnectionBench.settle(1))
            let answer = try #require(try await first.response())
            #expect(answer.result.code == .approved)
            guard case .settlement(let settlement) = answer.payload else {
                Issue.record("no settlement")
                return
            }
            #expect(settlement.balance == Money(fen: 9_000))

            let second = try await bench.connect()
            #expect(try await second.signOn() == .approved)
            second.send(ConnectionBench.settle(1))
            let again = try #require(try await second.response())
            #expect(again.result.replayed)
            #expect(again.result.code == .approved)
        }
    }

    @Test("64 requests pipelined on one connection are all answered, each under its id")
    func pipelined() async throws {
        try await DaemonBench.run { bench in
            let client = try await bench.connect()
            _ = try await client.signOn()
            var bytes = ByteBuffer()
            for id in 1...64 as ClosedRange<UInt32> {
                bytes.writeImmutableBuffer(ConnectionBench.settle(id))
            }
            client.send(bytes)
            var ids: Set<UInt32> = []
            for _ in 1...64 { ids.insert(try #require(await client.next()).requestID) }
            #expect(ids == Set(1...64))
        }
    }

    @Test("another terminal's certificate gets 63 and is closed; a revoked one gets no answer")
    func refusedCertificates() async throws {
        try await DaemonBench.run { bench in
            let other = try await bench.connect(Site.hospital)
            #expect(try await other.signOn(as: "T0000001") == .securityViolation)
            #expect(await other.next() == nil)

            let (configuration, serial) = try bench.client(Site.pharmacy)
            try bench.authority.revoke(serialHex: serial, reason: .keyCompromise)
            bench.daemon.reload()
            let revoked = try await bench.connect(configuration)
            #expect(try await revoked.signOn() == nil)
            #expect(
                bench.registry.text.contains("settled_tls_failures_total{reason=\"revoked\"} 1"))
        }
    }

    @Test("a reload keeps connections, cuts those newly revoked, and a failed one changes nothing")
    func reload() async throws {
        try await DaemonBench.run { bench in
            let kept = try await bench.connect(Site.hospital)
            #expect(try await kept.signOn(as: "T0000002") == .approved)
            let (configuration, serial) = try bench.client(Site.pharmacy)
            let cut = try await bench.connect(configuration)
            #expect(try await cut.signOn() == .approved)

            try bench.authority.revoke(serialHex: serial, reason: .superseded)
            bench.daemon.reload()
            #expect(await cut.next() == nil)
            kept.send(ConnectionBench.echo(1))
            #expect(try await kept.response()?.result.code == .approved)

            try "broken".write(
                toFile: bench.folder + "/server.pem", atomically: true, encoding: .utf8)
            bench.daemon.reload()
            #expect(bench.registry.text.contains("settled_reloads_total{result=\"failed\"} 1"))
            let later = try await bench.connect(Site.hospital)
            #expect(try await later.signOn(as: "T0000002") == .approved)
        }
    }

    @Test("random bytes before, in place of and after TLS leave other terminals alone")
    func randomBytes() async throws {
        try await DaemonBench.run { bench in
            let good = try await bench.connect()
            _ = try await good.signOn()
            let bad = try await bench.connect(Site.hospital)
            bad.send(ByteBuffer(repeating: 0xff, count: 100))
            #expect(try await bad.response()?.result.reason == .frameLength)
            #expect(await bad.next() == nil)
            good.send(ConnectionBench.settle(1))
            #expect(try await good.response()?.result.code == .approved)
        }
    }

    @Test("an operator registers, asks page by page, and runs tasks over the local socket")
    func operators() async throws {
        let addTask: (inout DaemonParts) -> Void = { parts in
            parts.maintenance["verify"] = { argument in ["verified", argument] }
            parts.maintenance["fail"] = { _ in throw MaintenanceFault("it broke") }
        }
        try await DaemonBench.run(parts: addTask) { bench in
            let client = try await bench.connectOperator()
            let terminal = Site.terminal(
                Site.make(TerminalID("T0000042")), "P99010000001", .pharmacy)
            client.send(
                ConnectionBench.frame(
                    .operatorApply, 1,
                    RequestEncoder.operatorApply(
                        OperatorApplyRequest(
                            header: header(0), registrations: [.terminal(terminal)],
                            isDryRun: false))))
            guard case .registered(let results)? = try await client.response()?.payload else {
                Issue.record("not registered")
                return
            }
            #expect(results == [.added])
            let signedOn = try await bench.connect(terminal.id)
            #expect(try await signedOn.signOn(as: "T0000042") == .approved)

            client.send(
                ConnectionBench.frame(
                    .operatorQuery, 2,
                    RequestEncoder.operatorQuery(
                        OperatorQueryRequest(header: header(0), question: .card(Site.card)))))
            guard case .page(.cards(let cards), nil)? = try await client.response()?.payload else {
                Issue.record("no page")
                return
            }
            #expect(cards.map(\.number) == [Site.card])

            func maintain(_ task: String, _ id: UInt32) async throws -> TerminalResponse? {
                client.send(
                    ConnectionBench.frame(
                        .operatorMaintenance, id,
                        RequestEncoder.operatorMaintenance(
                            OperatorMaintenanceRequest(
                                header: header(0), task: task, argument: "now"))))
                return try await client.response()
            }
            guard case .maintained(let lines)? = try await maintain("verify", 3)?.payload else {
                Issue.record("not maintained")
                return
            }
            #expect(lines == ["verified", "now"])
            let failed = try await maintain("fail", 4)
            #expect(failed?.result.code == .invalidTransaction)
            #expect(failed?.result.detail == "it broke")
            #expect(try await maintain("unknown", 5)?.result.code == .notSupported)
            #expect(try await maintain("reload", 6)?.result.code == .approved)
        }
    }

    @Test("the operator's socket is its owner's alone, and gone after the daemon")
    func socketFile() async throws {
        var path = ""
        try await DaemonBench.run { bench in
            path = bench.configuration.operatorSocket
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? Int) == 0o600)
            #expect(throws: OperatorSocketFile.Fault.inUse(path)) {
                try OperatorSocketFile.clear(path: path)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a file that is no socket is not removed")
    func noSocket() throws {
        let path = NSTemporaryDirectory() + "sd-" + UUID().uuidString
        try "mine".write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: OperatorSocketFile.Fault.notASocket(path)) {
            try OperatorSocketFile.clear(path: path)
        }
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("a store that cannot be opened stops the start, and nothing is left listening")
    func noStore() async throws {
        await #expect(throws: (any Error).self) {
            try await DaemonBench.run(parts: { parts in
                parts.openStore = { throw StoreFault.unavailable("no such file") }
            }) { _ in }
        }
    }

    @Test("beyond the connections allowed the next one waits until one is closed")
    func connectionLimit() async throws {
        try await DaemonBench.run("limits: {connections: 1}") { bench in
            let first = try await bench.connect()
            #expect(try await first.signOn() == .approved)
            let second = try await bench.connect(Site.hospital)
            async let answer = second.signOn(as: "T0000002")
            try await first.close()
            #expect(try await answer == .approved)
            #expect(
                bench.registry.text.contains("settled_limits_reached_total{limit=\"connections\"}"))
        }
    }

    @Test("TLS without a certificate, and what is not TLS, get no answer and are counted")
    func notTLS() async throws {
        try await DaemonBench.run { bench in
            var (configuration, _) = try bench.client(Site.pharmacy)
            configuration.identity = nil
            let nameless = try await bench.connect(configuration)
            #expect(try await nameless.signOn() == nil)
            let text = try await HTTPPage.get("/", port: bench.daemon.port)
            #expect(!text.contains("HTTP"))
            let page = bench.registry.text
            #expect(page.contains("settled_tls_failures_total{reason=\"no_certificate\"} 1"))
            #expect(page.contains("settled_tls_failures_total{reason=\"not_tls\"} 1"))
        }
    }

    @Test("what terminals ask is handed to the recorder, which learns no PIN")
    func recorder() async throws {
        let recorder = FakeRecorder()
        try await DaemonBench.run(parts: { $0.recorder = recorder }) { bench in
            let client = try await bench.connect()
            _ = try await client.signOn()
            client.send(ConnectionBench.settle(1))
            _ = try await client.response()
            #expect(recorder.kinds == [.settle])
        }
        #expect(recorder.isFinished)
    }

    @Test("a function may answer in place of the commit queue")
    func fixedAnswers() async throws {
        try await DaemonBench.run(parts: { $0.makeSink = { FixedAnswers(router: $0) } }) { bench in
            let client = try await bench.connect()
            _ = try await client.signOn()
            client.send(ConnectionBench.settle(1))
            #expect(try await client.response()?.result.detail == "fixed")
        }
    }

    @Test("the metrics page is served over HTTP, and nothing else is")
    func metricsPage() async throws {
        try await DaemonBench.run { bench in
            let client = try await bench.connect()
            _ = try await client.signOn()
            let port = try #require(bench.daemon.metricsPort)
            let page = try await HTTPPage.get("/metrics", port: port)
            #expect(page.hasPrefix("HTTP/1.1 200 OK"))
            #expect(page.contains("settled_responses_total{kind=\"signOn\",code=\"00\"} 1"))
            #expect(page.contains("settled_connections_open 1"))
            #expect(try await HTTPPage.get("/", port: port).hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test("stopping answers a connected terminal with a notice, and ends its connection")
    func stopping() async throws {
        var client: RawClient?
        try await DaemonBench.run { bench in
            let connected = try await bench.connect()
            _ = try await connected.signOn()
            client = connected
        }
        let notice = try await client?.response()
        #expect(notice?.result.code == .unavailable)
        #expect(notice?.result.reason == .draining)
        #expect(await client?.next() == nil)
    }
}
