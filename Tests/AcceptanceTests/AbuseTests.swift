import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import TestSite
import Testing

extension Acceptance {
    @Suite("Abuse")
    struct AbuseTests {
        @Test("37. Connection cut in mid-frame: nothing executed.")
        func cutInMidFrame() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let good = try await daemon.connect()
            let name = Town.Terminal.pharmacy
            for cut in [1, 4, 11, 12, 40] {
                let raw = try await daemon.connectRaw()
                let seal = try SessionSeal(
                    try #require(await raw.signOn(as: name)), daemon: daemon, terminal: name)
                let (header, sale) = (good.newHeader(), patient.purchase(1_000))
                let frame = RawConnection.frame(
                    RequestKind.settle.rawValue, 1,
                    RequestEncoder.settle(
                        header, sale.command, pinBlock: try seal.block(sale)))
                raw.send(Array(frame.prefix(frame.count - cut)))
                await raw.close()
                // What was sent before on another connection is decided before this.
                #expect(try await good.echo().code == "00")
                let key = RequestKey(terminal: name, date: Town.today, stan: header.stan)
                #expect(try await Books(daemon).answer(to: key) == nil)
            }
            #expect(try await Books(daemon).balance(of: patient) == 10_000)
            await good.close()
        }

        @Test(
            """
            38. Length zero, above the maximum, too short, trailing bytes, random bytes: 30 and \
            close; no large allocation; other clients unaffected.
            """)
        func malformed() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 100_000)
            try await daemon.admit(patient)
            let good = try await daemon.connect()
            let before = try daemon.peakKilobytes()
            let echo = RawConnection.frame(
                0x03, 1,
                RequestEncoder.echo(
                    RequestHeader(businessDate: nil, stan: 0, terminalTime: 0)))
            var settle = RequestEncoder.settle(
                good.newHeader(), patient.purchase(100).command,
                pinBlock: [UInt8](repeating: 1, count: 16))
            settle.append(0xff)
            var random = SystemRandomNumberGenerator()
            let noise = [0xee] + (0..<4_095).map { _ in UInt8.random(in: 0...255, using: &random) }
            let malformed: [[UInt8]] = [
                [0, 0, 0, 0] + echo.dropFirst(4), [0, 0, 0, 7] + echo.dropFirst(4),
                [0, 1, 0, 1], [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff],
                RawConnection.frame(0x12, 1, settle), RawConnection.frame(0x12, 1, []),
                RawConnection.frame(0x12, 1, [0xff, 0xff, 0xff]),
                Array(echo.prefix(4)) + [9] + echo.dropFirst(5), noise,
                Array("GET / HTTP/1.1\r\n\r\n".utf8),
            ]
            for (index, bytes) in malformed.enumerated() {
                let raw = try await daemon.connectRaw()
                _ = try await raw.signOn(as: Town.Terminal.pharmacy)
                raw.send(bytes)
                let answer = try #require(try await raw.response(), "case \(index)")
                #expect(answer.code == "30", "case \(index)")
                #expect(await raw.next() == nil)
                #expect(try await good.settle(patient.purchase(100)).code == "00")
            }
            // Announced were gigabytes.
            #expect(try daemon.peakKilobytes() - before < 64 * 1_024)
            await good.close()
        }

        @Test(
            "38. Every malformed frame of Protocol/Vectors/frames gets its code and reason, and close"
        )
        func malformedVectors() async throws {
            let folder = try #require(Vector.files.first).deletingLastPathComponent()
            let file = folder.appending(path: "../frames/malformed-frames.json").standardized
            let vectors = try JSONDecoder().decode(
                [MalformedFrame].self, from: Data(contentsOf: file))
            let daemon = try await SharedDaemon.town.running()
            for vector in vectors where vector.direction == "requests" {
                let raw = try await daemon.connectRaw()
                _ = try await raw.signOn(as: Town.Terminal.pharmacy)
                raw.send(try vector.bytes)
                let result = try #require(try await raw.response()?.result, "\(vector.name)")
                #expect(result.code.rawValue == vector.expect.code, "\(vector.name)")
                #expect(result.reason.rawValue == vector.expect.reason, "\(vector.name)")
                #expect(await raw.next() == nil)
            }
            #expect(vectors.count > 5)
        }

        @Test(
            """
            39. A header, then silence; a handshake, then silence; one byte now and then: closed at \
            the deadline; other clients unaffected.
            """)
        func silence() async throws {
            let limits = "limits: {handshake_seconds: 1, frame_seconds: 1, idle_seconds: 5}"
            try await RunningDaemon.withTown(limits) { daemon in
                let good = try await daemon.connect(Town.Terminal.otherPharmacy)
                let name = Town.Terminal.pharmacy
                let noTLS = try await daemon.connectRaw(nil)
                let handshake = try await daemon.connectRaw()
                let header = try await daemon.connectRaw()
                let drip = try await daemon.connectRaw()
                for raw in [header, drip] {
                    #expect(try await raw.signOn(as: name)?.code == "00")
                }
                header.send([0, 0, 1, 0, 1, 0x12])
                drip.send([0, 0, 1, 0])
                let silent = Task { () -> [ResponseCode?] in
                    [
                        try await header.response()?.result.code,
                        try await header.response()?.result.code,
                        try await drip.response()?.result.code,
                        try await handshake.response()?.result.code,
                        try await noTLS.response()?.result.code,
                    ]
                }
                let isOver = Mutex(false)
                let watch = Task {
                    let codes = try await silent.value
                    isOver.withLock { $0 = true }
                    return codes
                }
                // All the while another terminal is served, and one byte goes out now and then.
                var served = 0
                while !isOver.withLock({ $0 }) {
                    let answer = try await good.settle(Town.patients[5].purchase(1, partial: true))
                    #expect(answer.result.code.isApproval)
                    served += 1
                    if served % 50 == 0, served < 10_000 { drip.send([1]) }
                }
                #expect(
                    try await watch.value == [.formatError, nil, .formatError, .formatError, nil])
                #expect(served > 0)
                #expect(try await good.echo().code == "00")
            }
        }

        @Test(
            """
            40. Overload beyond the queue: 91 at admission; memory bounded; a retry with the same \
            key succeeds.
            """)
        func overload() async throws {
            let limits = """
                limits:
                  in_flight: 8
                  queue_requests: 8
                  batch_requests: 1
                  connections_per_terminal: 64
                """
            try await RunningDaemon.withTown(limits) { daemon in
                let patient = Town.patients[6]
                var terminals: [TerminalConnection] = []
                for _ in 1...16 { terminals.append(try await daemon.connect()) }
                let retry = try await daemon.connect(Town.Terminal.otherPharmacy)
                let before = try daemon.peakKilobytes()
                var refused: [(TerminalConnection, RequestHeader)] = []
                var approved = 0
                for _ in 1...50 where refused.isEmpty {
                    try await withThrowingTaskGroup(
                        of: (TerminalConnection, RequestHeader, TerminalResponse).self
                    ) { group in
                        for terminal in terminals {
                            for _ in 1...8 {
                                let header = terminal.newHeader()
                                group.addTask {
                                    let answer = try await terminal.settle(
                                        patient.purchase(1), header)
                                    return (terminal, header, answer)
                                }
                            }
                        }
                        for try await (terminal, header, answer) in group {
                            if answer.code == "00" {
                                approved += 1
                            } else {
                                #expect(answer.code == "91")
                                #expect(answer.result.reason == .overloaded)
                                refused.append((terminal, header))
                            }
                        }
                    }
                }
                #expect(!refused.isEmpty)
                #expect(try daemon.peakKilobytes() - before < 64 * 1_024)
                let counted = try await daemon.metric("settled_requests_overloaded_total")
                #expect(counted == refused.count)
                for (terminal, header) in refused {
                    let key = RequestKey(
                        terminal: terminal.terminal, date: Town.today, stan: header.stan)
                    #expect(try await Books(daemon).answer(to: key) == nil)
                    let answer = try await terminal.settle(patient.purchase(1), header)
                    #expect(answer.code == "00" && !answer.result.replayed)
                }
                #expect(try await retry.echo().code == "00")
                let spent = Int64(approved + refused.count)
                #expect(try await Books(daemon).balance(of: patient) == 100_000 - spent)
            }
        }
    }
}

/// An element of Protocol/Vectors/frames/malformed-frames.json.
private struct MalformedFrame: Decodable {
    struct Answer: Decodable {
        let code: UInt8
        let reason: UInt16
    }
    let name, direction, frame: String
    let expect: Answer

    var bytes: [UInt8] {
        get throws {
            try stride(from: 0, to: frame.utf8.count, by: 2).map { offset in
                try #require(UInt8(frame.dropFirst(offset).prefix(2), radix: 16))
            }
        }
    }
}
