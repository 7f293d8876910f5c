import CardSecurity
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Secrets")
    struct SecrecyTests {
        @Test(
            """
            27. No PIN, PIN block or key in any log, voucher, database or core file; card and ID \
            numbers masked in logs.
            """)
        func nothingLeaks() async throws {
            let settings = """
                log: {level: trace}
                recording: {path: recording}
                ready_file: ready
                """
            let site = try SiteFolder.town()
            var patient = Patient(901, balance: 100_000)
            // Twelve digits, which nothing else here has by chance.
            patient.pin = "739164208517"
            let daemon = try await RunningDaemon.start(
                site, configuration: try site.configure(settings))
            try await daemon.admit(patient)
            var canaries = Canaries()
            canaries.add(text: patient.pin, "the PIN")
            canaries.add(try packed(patient.pin), "the PIN, packed")
            canaries.add(text: "739164208518", "a wrong PIN")

            let name = Town.Terminal.pharmacy
            let master = try site.credentials(name, port: daemon.port).masterKey
            canaries.add(master.withUnsafeBytes(Array.init), "the terminal's master key")
            let raw = try await daemon.connectRaw()
            let granted = try #require(try await raw.signOn(as: name))
            guard case .signOn(let grant) = granted.payload else { return }
            canaries.add(grant.wrappedPINKey, "the session's wrapped PIN key")
            let seal = try SessionSeal(granted, daemon: daemon, terminal: name)
            for (id, pin) in [patient.pin, "739164208518", patient.pin].enumerated() {
                let block = try seal.block(pin, patient.card)
                canaries.add(block, "PIN block \(id)")
                let header = RequestHeader(
                    businessDate: Town.today, stan: STANs.next(), terminalTime: 0)
                raw.send(
                    RequestKind.settle.rawValue, UInt32(id),
                    RequestEncoder.settle(
                        header, patient.purchase(100).command, pinBlock: block))
                #expect(try await raw.response()?.code == (id == 1 ? "55" : "00"))
            }
            // What is refused is logged more than what is not.
            raw.send(RequestKind.settle.rawValue, 9, Array(patient.pin.utf8))
            #expect(try await raw.response()?.code == "30")
            let limits = try String(
                contentsOfFile: "/proc/\(daemon.process.id)/limits", encoding: .utf8)
            let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(core?.split(separator: " ").suffix(3).prefix(2) == ["0", "0"])

            try expectNone(of: canaries, in: site)
            // A crash leaves the log of the store as it is, and no core file.
            daemon.process.send(SIGABRT)
            #expect(await daemon.process.ending() == .killed(SIGABRT))
            try expectNone(of: canaries, in: site)
            let restarted = try await daemon.restarted()
            try expectNone(of: canaries, in: site)
            #expect(await restarted.stop() == .exited(0))
            try expectNone(of: canaries, in: site)

            let log = site.log
            #expect(!log.isEmpty)
            #expect(!log.contains(patient.card.clearText))
            #expect(!log.contains(patient.row.idNumber.clearText))
            #expect(!log.contains(patient.id.description))
            #expect(!log.contains(patient.row.name))
        }

        /// Two digits a byte.
        private func packed(_ digits: String) throws -> [UInt8] {
            try stride(from: 0, to: digits.count, by: 2).map { offset in
                try #require(UInt8(digits.dropFirst(offset).prefix(2), radix: 16))
            }
        }

        /// The content less the blocks that a file was made longer by and nothing was written to.
        private func withoutZeros(_ content: Data) -> Data {
            let zeros = Data(count: 65_536)
            var kept = Data()
            for start in stride(from: 0, to: content.count, by: zeros.count) {
                let block = content[start..<min(start + zeros.count, content.count)]
                if block != zeros { kept += block }
            }
            return kept
        }

        /// Searches every file but those that hold the keys themselves.
        private func expectNone(of canaries: Canaries, in site: SiteFolder) throws {
            let own = ["terminals", "authority", "server.key", "kek"]
            let files = FileManager.default
            var searched: [String] = []
            for name in try files.subpathsOfDirectory(atPath: site.path)
            where !own.contains(where: { name.hasPrefix($0) }) {
                // A socket has no content.
                guard let content = files.contents(atPath: "\(site.path)/\(name)") else { continue }
                searched.append(name)
                #expect(canaries.found(in: withoutZeros(content)) == [], "in \(name)")
                #expect(!name.hasPrefix("core"))
            }
            for path in try site.storedFiles() {
                guard let content = files.contents(atPath: path) else { continue }
                searched.append("ledger.sqlite")
                #expect(canaries.found(in: withoutZeros(content)) == [], "in \(path)")
            }
            #expect(searched.contains("ledger.sqlite") && searched.contains("daemon.log"))
            #expect(searched.contains("keys.sealed"))
            #expect(searched.contains { $0.hasPrefix("recording") })
        }
    }
}

/// Byte strings that must be nowhere.
struct Canaries {
    private var all: [(bytes: Data, what: String)] = []

    /// Adds bytes, as they are and as hexadecimal text in both cases.
    mutating func add(_ bytes: [UInt8], _ what: String) {
        all.append((Data(bytes), what))
        let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        all.append((Data(text.utf8), "\(what), in hexadecimal"))
        all.append((Data(text.uppercased().utf8), "\(what), in capital hexadecimal"))
        all.append((Data(Data(bytes).base64EncodedString().utf8), "\(what), in base 64"))
    }

    mutating func add(text: String, _ what: String) {
        all.append((Data(text.utf8), what))
    }

    func found(in content: Data) -> [String] {
        all.filter { content.range(of: $0.bytes) != nil }.map(\.what)
    }
}
