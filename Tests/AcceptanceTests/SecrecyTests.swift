@testable import CardSecurity
import Foundation
import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestProcesses
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
            let site = try SiteFolder.town()
            var canaries = Canaries()
            let password = "Pw7canary5e31"
            canaries.add(Array(password.utf8), "the database's password")
            let file = try site.configure(Self.settings)
            try String(contentsOfFile: file, encoding: .utf8)
                .replacing(" dbname=", with: " password=\(password) dbname=")
                .write(toFile: file, atomically: true, encoding: .utf8)
            let daemon = try await RunningDaemon.start(site, configuration: file)
            try Secrets.add(keysOf: site, to: &canaries)
            canaries.add(
                try Secrets.privateScalar(site.path + "/server.key"), "the daemon's private key")
            let patient = try await use(daemon, planting: &canaries)
            // Terminals may say card numbers; whatever the daemon writes may not.
            Self.add(patient.card, to: &canaries)
            try expectNone(of: canaries, in: site)
            #expect(canaries.found(in: Data(try await daemon.metrics().utf8)) == [])
            // A crash leaves the log of the store as it is, and no core file.
            daemon.process.send(SIGABRT)
            #expect(await daemon.process.ending() == .killed(SIGABRT))
            try expectNone(of: canaries, in: site)
            let restarted = try await daemon.restarted()
            try expectNone(of: canaries, in: site)
            #expect(await restarted.stop() == .exited(0))
            try expectNone(of: canaries, in: site)
            let tables = try site.storedRows()
            #expect(tables.count > 5)
            for (table, rows) in tables {
                #expect(canaries.found(in: rows) == [], "in table \(table)")
            }

            let log = site.log
            #expect(!log.isEmpty)
            for number in [
                patient.card.clearText, patient.row.idNumber.clearText, patient.id.description,
                patient.row.name,
            ] { #expect(!log.contains(number)) }
        }

        @Test("The same search finds a secret that was let into the store and into a file")
        func searchFinds() async throws {
            let site = try SiteFolder.town()
            let daemon = try await RunningDaemon.start(
                site, configuration: try site.configure(Self.settings))
            var leaking = Patient(902)
            leaking.pin = "18273649051"
            var canaries = Canaries()
            Self.add(leaking.card, to: &canaries)
            canaries.add(digits: leaking.pin, "the PIN")
            #expect(try files(of: site).allSatisfy { canaries.found(in: $0.content) == [] })
            // A PIN in an institution's code, which every store searches by in clear.
            let code = try #require(InstitutionID("P" + leaking.pin))
            try await daemon.register([.institution(Town.institution(code, .pharmacy))])
            #expect(await daemon.stop() == .exited(0))
            let tables = try site.storedRows().filter { canaries.found(in: $0.value) != [] }
            #expect(!tables.isEmpty)
            #expect(try files(of: site).contains { canaries.found(in: $0.content) != [] })
            // Whatever form it has, wherever in a file it stands.
            for (bytes, what) in canaries.all {
                let name = site.path + "/leak"
                try (Data([0x31, 0xff]) + bytes + Data([0x32])).write(
                    to: URL(fileURLWithPath: name))
                let found = try files(of: site).filter { $0.name == "leak" }
                    .flatMap { canaries.found(in: $0.content) }
                #expect(found.contains(what))
            }
        }

        @Test("A database's password is in no log and no error when it cannot be reached")
        func databasePassword() async throws {
            let password = "Pw7canary5e31"
            var canaries = Canaries()
            canaries.add(Array(password.utf8), "the database's password")
            let site = try SiteFolder.town()
            let file = try site.configure(Self.settings)
            let before = try String(contentsOfFile: file, encoding: .utf8)
            for connection in [
                "host=127.0.0.1 port=1 dbname=settled user=settled password=\(password)",
                "postgresql://settled:\(password)@127.0.0.1:1/settled",
                "host=127.0.0.1 port=1 password=\(password) nonsense=1",
                // Passwords with a blank and with an @, not written as they should be.
                "host=127.0.0.1 port=1 password=one \(password)",
                "postgresql://settled:one@\(password)@127.0.0.1:1/settled",
                "postgresql://settled:one/\(password)@127.0.0.1:1/settled",
            ] {
                let lines = before.split(separator: "\n").map { line in
                    line.hasPrefix("store:")
                        ? "store: {kind: postgresql, connection: \"\(connection)\"}" : line
                }
                try lines.joined(separator: "\n").write(
                    toFile: file, atomically: true, encoding: .utf8)
                let process = try RunningDaemon.run(["--config", file], in: site)
                #expect(await process.ending() != .exited(0))
                #expect(await process.nextLine() == nil)
            }
            #expect(!site.log.isEmpty)
            #expect(canaries.found(in: Data(site.log.utf8)) == [])
        }

        // MARK: Parts

        private static let settings = """
            log: {level: trace}
            recording: {path: recording}
            ready_file: ready
            """

        /// The card's digits in every form, the journal's own included.
        private static func add(_ card: CardNumber, to canaries: inout Canaries) {
            canaries.add(digits: card.clearText, "the card number")
            canaries.add(number: card.digits, "the card number")
            canaries.add(JournalCoding.encode(card), "the card number as the ledger codes it")
        }

        /// Everything that a PIN or a key takes part in, well and badly; every answer is searched.
        private func use(
            _ daemon: RunningDaemon, planting canaries: inout Canaries
        ) async throws -> Patient {
            var patient = Patient(901, balance: 100_000)
            // Twelve digits, which nothing else here has by chance.
            patient.pin = "739164208517"
            let (wrong, new) = ("739164208518", "846207913562")
            try await daemon.admit(patient)
            canaries.add(digits: patient.pin, "the PIN")
            canaries.add(digits: wrong, "a wrong PIN")
            canaries.add(digits: new, "a new PIN")

            let name = Town.Terminal.pharmacy
            let raw = try await daemon.connectRaw()
            let granted = try #require(try await raw.signOn(as: name))
            guard case .signOn(let grant) = granted.payload else { return patient }
            canaries.add(grant.wrappedPINKey, "the session's wrapped PIN key")
            let key = try WrappedPINKey(
                wrapped: grant.wrappedPINKey, checkValue: grant.pinKeyCheckValue
            ).unwrap(
                masterKey: daemon.site.credentials(name, port: daemon.port).masterKey,
                algorithm: .aes128)
            canaries.add(key.withUnsafeBytes(Array.init), "the session's PIN key")
            let seal = try SessionSeal(granted, daemon: daemon, terminal: name)
            var answers = Data()
            func ask(_ kind: RequestKind, _ id: UInt32, _ body: [UInt8]) async throws -> String? {
                raw.send(kind.rawValue, id, body)
                guard let frame = await raw.next() else { return nil }
                answers += Data(frame.body.readableBytesView)
                return try ResponseDecoder.decode(frame).code
            }
            let pins = [patient.pin, wrong, patient.pin]
            for (id, pin) in pins.enumerated() {
                let block = try seal.block(pin, patient.card)
                canaries.add(block, "PIN block \(id)")
                let code = try await ask(
                    .settle, UInt32(id),
                    RequestEncoder.settle(
                        header(), patient.purchase(100).command, pinBlock: block))
                #expect(code == (id == 1 ? "55" : "00"))
            }
            let (proof, change) = (
                try seal.block(patient.pin, patient.card), try seal.block(new, patient.card)
            )
            canaries.add(change, "the block of a new PIN")
            let changed = CardServiceCommand(
                asking: Asking(subject: .card(patient.card), authority: .pin(.absent)),
                step: .changePIN(.absent))
            #expect(
                try await ask(
                    .pinChange, 8,
                    RequestEncoder.cardService(
                        header(), changed, pinBlock: proof, newPINBlock: change)) == "00")
            // What is refused is logged more than what is not.
            for (id, body) in [
                Array(patient.pin.utf8), proof, Array("{\"pin\": \"\(patient.pin)\"}".utf8),
            ].enumerated() {
                let other = try await daemon.connectRaw()
                _ = try await other.signOn(as: name)
                other.send(RequestKind.settle.rawValue, UInt32(20 + id), body)
                if let frame = await other.next() { answers += Data(frame.body.readableBytesView) }
                await other.close()
            }
            #expect(canaries.found(in: answers) == [])
            await raw.close()
            return patient
        }

        private func header() -> RequestHeader {
            RequestHeader(businessDate: Town.today, stan: STANs.next(), terminalTime: 0)
        }

        /// Searches every file but those that hold the keys themselves.
        private func expectNone(of canaries: Canaries, in site: SiteFolder) throws {
            let found = try files(of: site)
            for file in found {
                #expect(canaries.found(in: file.content) == [], "in \(file.name)")
                #expect(!file.name.hasPrefix("core"))
            }
            let names = Set(found.map(\.name))
            #expect(names.contains("ledger.sqlite") && names.contains("daemon.log"))
            #expect(names.contains("keys.sealed"))
            #expect(names.contains { $0.hasPrefix("recording") })
        }

        private func files(of site: SiteFolder) throws -> [(name: String, content: Data)] {
            let own = ["terminals", "authority", "server.key", "kek", "settled.yaml"]
            let files = FileManager.default
            var found: [(name: String, content: Data)] = []
            for name in try files.subpathsOfDirectory(atPath: site.path)
            where !own.contains(where: { name.hasPrefix($0) }) {
                // A socket has no content.
                guard let content = files.contents(atPath: "\(site.path)/\(name)") else { continue }
                found.append((name, withoutZeros(content)))
            }
            for path in try site.storedFiles() {
                guard let content = files.contents(atPath: path) else { continue }
                found.append(("ledger.sqlite", withoutZeros(content)))
            }
            return found
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
    }
}

/// The keys that a site keeps, as canaries.
enum Secrets {
    /// Master keys, verification keys, record keys, the key-encryption key.
    static func add(keysOf site: SiteFolder, to canaries: inout Canaries) throws {
        let contents = site.vault.contents
        for terminal in [Town.Terminal.pharmacy, Town.Terminal.counter] {
            let key = try contents.masterKey(of: terminal.text)
            canaries.add(key.withUnsafeBytes(Array.init), "the master key of \(terminal)")
        }
        for key in contents.verificationKeys {
            canaries.add(
                key.secret.withUnsafeBytes(Array.init), "verification key \(key.id)")
            // The state behind the key's block stands for the key.
            canaries.add(
                HMACSHA256(key: key.secret).state.withUnsafeBytes { Array($0.prefix(32)) },
                "what absorbed verification key \(key.id)")
        }
        for key in contents.recordKeys {
            canaries.add(key.secret.withUnsafeBytes(Array.init), "record key \(key.id)")
        }
        let kek = try String(contentsOfFile: site.path + "/kek", encoding: .utf8)
        let bytes = try #require(Hexadecimal.bytes(of: kek.utf8.dropLast()))
        canaries.add(bytes, "the key-encryption key")
    }

    /// The 32 bytes of a P-256 key in PKCS #8: in RFC 5915's form they follow `02 01 01 04 20`.
    static func privateScalar(_ path: String) throws -> [UInt8] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let base64 = text.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let data = try #require(Data(base64Encoded: base64))
        let mark = try #require(data.range(of: Data([0x02, 0x01, 0x01, 0x04, 0x20])))
        return Array(data[mark.upperBound..<(mark.upperBound + 32)])
    }
}
