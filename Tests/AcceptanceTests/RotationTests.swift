import CardSecurity
import CertificateAuthority
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import TLSChannel
import TestSite
import Testing

extension Acceptance {
    @Suite("Keys changed under load: no request lost, none wrongly refused")
    struct RotationTests {
        @Test(
            """
            A new verification key: cards move to it at their next right PIN, in sessions that \
            began before too, and the old key is deleted when no card uses it
            """)
        func verificationKey() async throws {
            try await underLoad { daemon, till in
                let vault = daemon.site.vault
                let next = try vault.update { contents throws(CardSecurityFault) in
                    try contents.addVerificationKey(created: 2)
                }
                try await reload(daemon)
                await till.everyone()
                #expect(try await keys(of: till, daemon) == [1])
                try vault.update { contents throws(CardSecurityFault) in
                    try contents.activateVerificationKey(next)
                }
                try await reload(daemon)
                await till.everyone()
                #expect(try await keys(of: till, daemon) == [next])
                try vault.update { contents throws(CardSecurityFault) in
                    try contents.retireVerificationKey(1)
                }
                try await reload(daemon)
                await till.everyone()
                // Whoever was not there meanwhile sets a new PIN at the counter.
                let absent = try await daemon.connect(Town.Terminal.otherPharmacy)
                let answer = try await absent.settle(Town.patients[0].purchase(1))
                #expect(answer.code == "75" && answer.result.reason == .pinNotSet)
                await absent.close()
            }
        }

        @Test("A wrong PIN during a rotation costs one try, and the right one moves the card")
        func wrongPINMeanwhile() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let terminal = try await daemon.connect()
                try daemon.site.vault.update { contents throws(CardSecurityFault) in
                    _ = try contents.rotateVerificationKey(created: 2)
                }
                try await reload(daemon)
                let wrong = patient.purchase(1).with { $0.pin = patient.wrongPIN }
                #expect(try await terminal.settle(wrong).result.triesLeft == 2)
                #expect(try await Books(daemon).card(of: patient)?.verification?.keyID == 1)
                #expect(try await terminal.settle(patient.purchase(1)).code == "00")
                let card = try await Books(daemon).card(of: patient)
                #expect(card?.verification?.keyID == 2 && card?.triesFailed == 0)
                #expect(try await terminal.settle(wrong).result.triesLeft == 2)
            }
        }

        @Test(
            """
            A new key-encryption key: the daemon goes on and follows changes of the key store; \
            a restart opens it with the new key alone
            """)
        func encryptionKey() async throws {
            try await underLoad { daemon, till in
                let site = daemon.site
                let (kek, new) = (site.path + "/kek", site.path + "/kek.new")
                try KeyEncryptionSource.generateKeyFile(at: new)
                try site.vault.admit(.keyFile(path: new))
                try await reload(daemon)
                await till.everyone()
                #expect(rename(new, kek) == 0)
                #expect(try site.vault.seal(under: .keyFile(path: kek)) == 1)
                try await reload(daemon)
                await till.everyone()
                // The daemon follows what is sealed from now on.
                try site.vault.update { contents throws(CardSecurityFault) in
                    _ = try contents.rotateVerificationKey(created: 2)
                }
                try await reload(daemon)
                await till.everyone()
                #expect(try await keys(of: till, daemon) == [2])
            } afterwards: { daemon in
                let terminal = try await daemon.connect()
                #expect(try await terminal.settle(Town.patients[0].purchase(1)).code == "00")
            }
        }

        @Test(
            """
            A new master key for a terminal: its session goes on, it signs on under either, and \
            under the new one alone once it has used it
            """)
        func masterKey() async throws {
            try await underLoad { daemon, till in
                let site = daemon.site
                let name = Town.Terminal.otherPharmacy
                var credentials = try site.credentials(name, port: daemon.port)
                let session = try await daemon.connect(name)
                let key = try site.vault.update { contents throws(CardSecurityFault) in
                    try contents.addMasterKey(terminal: name.text, created: 2)
                }
                try await reload(daemon)
                await till.everyone()
                let patient = Town.patients[7]
                let old = try await daemon.connect(name)
                #expect(try await old.settle(patient.purchase(1)).code == "00")
                credentials.masterKey = key
                let address = try credentials.address()
                let new = try await TerminalConnection.open(credentials, at: address)
                for connection in [session, old, new] {
                    #expect(try await connection.settle(patient.purchase(1)).code == "00")
                }
                // The daemon writes it down by itself, when it has the time.
                var looks = 0
                while !site.vault.contents.terminalsWithNextKey.isEmpty, looks < 1_000_000 {
                    _ = try site.vault.reloadIfChanged()
                    looks += 1
                    await Task.yield()
                }
                #expect(site.vault.contents.terminalsWithNextKey.isEmpty)
                await #expect(throws: ClientFault.self) { try await daemon.connect(name) }
                let again = try await TerminalConnection.open(credentials, at: address)
                #expect(try await again.settle(patient.purchase(1)).code == "00")
                await till.everyone()
                for connection in [session, old, new, again] { await connection.close() }
            }
        }

        @Test("Each sign-on has a session PIN key of its own")
        func sessionKeys() async throws {
            let daemon = try await SharedDaemon.town.running()
            var seen: Set<[UInt8]> = []
            for _ in 1...10 {
                let raw = try await daemon.connectRaw()
                let response = try #require(try await raw.signOn(as: Town.Terminal.pharmacy))
                guard case .signOn(let grant) = response.payload else { continue }
                let key = try WrappedPINKey(
                    wrapped: grant.wrappedPINKey, checkValue: grant.pinKeyCheckValue
                ).unwrap(
                    masterKey: daemon.site.credentials(Town.Terminal.pharmacy, port: daemon.port)
                        .masterKey,
                    algorithm: .aes128)
                seen.insert(key.withUnsafeBytes(Array.init))
                await raw.close()
            }
            #expect(seen.count == 10)
        }

        @Test("A new certificate and key of the daemon: connections go on, new ones see it")
        func serverCertificate() async throws {
            try await underLoad { daemon, till in
                let site = daemon.site
                try site.authority.issueServerCertificate(
                    name: "settled", names: [.address("127.0.0.1")]
                ).write(
                    certificateTo: site.path + "/server.pem",
                    privateKeyTo: site.path + "/server.key", existing: .replace)
                try await reload(daemon)
                await till.everyone()
                let new = try await daemon.connect(Town.Terminal.otherPharmacy)
                #expect(try await new.settle(Town.patients[7].purchase(1)).code == "00")
                await new.close()
            }
        }

        @Test(
            """
            A new authority: terminals of both come in while both are trusted, connections go on, \
            and those of the old one stay out once it is not trusted any more
            """)
        func authority() async throws {
            let site = try SiteFolder.town()
            let name = Town.Terminal.otherPharmacy
            let folder = site.path + "/second"
            let second = try CertificateAuthority.create(in: folder, name: "Second authority")
            let own = site.path + "/terminals/\(name)"
            try second.issueTerminalCertificate(
                TerminalSubject(terminal: name.text, institution: Town.otherPharmacy.text)
            ).write(certificateTo: own + "/second.pem", privateKeyTo: own + "/second.key")
            let (first, files) = (site.path + "/authority", ["/authority.pem", "/crl.pem"])
            func trust(_ authorities: [String]) throws {
                for file in files {
                    let text = try authorities.map {
                        try String(contentsOfFile: $0 + file, encoding: .utf8)
                    }
                    try text.joined().write(
                        toFile: site.path + "/trusted" + file.dropFirst(), atomically: true,
                        encoding: .utf8)
                }
            }
            try trust([first])
            let file = try site.configure()
            try String(contentsOfFile: file, encoding: .utf8)
                .replacing("authority/authority.pem", with: "trustedauthority.pem")
                .replacing("authority/crl.pem", with: "trustedcrl.pem")
                .write(toFile: file, atomically: true, encoding: .utf8)
            try await underLoad(on: site, file) { daemon, till in
                var renewed = try site.credentials(name, port: daemon.port)
                renewed.certificatePath = own + "/second.pem"
                renewed.privateKeyPath = own + "/second.key"
                let address = try renewed.address()
                await #expect(throws: ClientFault.self) {
                    try await TerminalConnection.open(renewed, at: address)
                }
                try trust([first, folder])
                try await reload(daemon)
                await till.everyone()
                let new = try await TerminalConnection.open(renewed, at: address)
                let old = try await daemon.connect(name)
                for connection in [new, old] {
                    let answer = try await connection.settle(Town.patients[7].purchase(1))
                    #expect(answer.code == "00")
                }
                try trust([folder])
                try await reload(daemon)
                await till.everyone()
                await #expect(throws: ClientFault.self) { try await daemon.connect(name) }
                let last = try await TerminalConnection.open(renewed, at: address)
                for connection in [new, old, last] {
                    let answer = try await connection.settle(Town.patients[7].purchase(1))
                    #expect(answer.code == "00")
                    await connection.close()
                }
            }
        }

        // MARK: Parts

        /// Runs the body while eight patients buy at four terminals; afterwards nobody was refused,
        /// and every patient was debited for exactly what was approved, after a restart too.
        private func underLoad(
            on given: SiteFolder? = nil, _ configuration: String? = nil,
            _ body: (RunningDaemon, Till) async throws -> Void,
            afterwards: (RunningDaemon) async throws -> Void = { _ in }
        ) async throws {
            let site = try given ?? SiteFolder.town()
            let daemon = try await RunningDaemon.start(
                site, configuration: try configuration ?? site.configure())
            let till = Till((1...8).map { Patient(700 + $0, balance: 1_000_000) })
            for patient in till.patients { try await daemon.admit(patient) }
            var terminals: [TerminalConnection] = []
            for name in Town.Terminal.load { terminals.append(try await daemon.connect(name)) }
            try await till.whileSelling(over: terminals) {
                await till.everyone()
                try await body(daemon, till)
            }
            for terminal in terminals { await terminal.close() }
            #expect(till.others == [])
            #expect(await daemon.stop() == .exited(0))
            let restarted = try await daemon.restarted()
            for (patient, approved) in zip(till.patients, till.approved) {
                #expect(approved > 0)
                #expect(
                    try await Books(restarted).balance(of: patient) == 1_000_000 - Int64(approved))
            }
            #expect(try await Books(restarted).faults() == [])
            try await afterwards(restarted)
            #expect(await restarted.stop() == .exited(0))
        }

        private func reload(_ daemon: RunningDaemon) async throws {
            let answer = try await daemon.operator.maintain("reload", argument: "")
            #expect(answer.result.code == .approved, "\(answer.result)")
        }

        /// The verification keys that the patients' cards have values under.
        private func keys(of till: Till, _ daemon: RunningDaemon) async throws -> Set<UInt16> {
            var keys: Set<UInt16> = []
            for patient in till.patients {
                let card = try await Books(daemon).card(of: patient)
                keys.insert(try #require(card?.verification).keyID)
            }
            return keys
        }
    }
}
