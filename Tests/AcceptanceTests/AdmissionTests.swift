import CertificateAuthority
import Foundation
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TLSChannel
import TestSite
import Testing

extension Acceptance {
    @Suite("Admission")
    struct AdmissionTests {
        @Test(
            """
            41. No certificate, an unknown CA, an expired or revoked certificate, another \
            terminal's certificate: refused, logged, counted.
            """)
        func certificates() async throws {
            try await RunningDaemon.withTown { daemon in
                let site = daemon.site
                let good = try await daemon.connect()
                let name = Town.Terminal.pharmacy
                let stranger = try CertificateAuthority.create(
                    in: site.path + "/stranger", name: "Another authority")
                let past = UTCTime(epochSeconds: UTCTime.now.epochSeconds - 86_400 * 30)
                let revoked = try issue(site.authority, site, "revoked")
                try site.authority.revoke(
                    serialHex: revoked.serial, reason: .keyCompromise)
                _ = try await daemon.operator.maintain("reload")
                let cases: [(TLSConfiguration, TLSFailure, String)] = [
                    (site.clientTLS(certificate: nil, key: nil), .noCertificate, "no_certificate"),
                    (
                        try issue(stranger, site, "stranger").tls, .unknownAuthority,
                        "unknown_authority"
                    ),
                    (
                        try issue(
                            site.authority, site, "expired",
                            ValidityInterval(start: past, end: past.adding(days: 10))
                        ).tls, .expired, "expired"
                    ),
                    (revoked.tls, .revoked, "revoked"),
                ]
                for (tls, failure, label) in cases {
                    let raw = try await daemon.connectRaw(tls)
                    #expect(try await raw.signOn(as: name) == nil, "\(label)")
                    #expect(await raw.next() == nil)
                    #expect(raw.fault != nil, "\(label)")
                    let counter = "settled_tls_failures_total{reason=\"\(label)\"}"
                    #expect(try await daemon.metric(counter) == 1)
                    #expect(site.log.contains("connection refused"))
                    #expect(site.log.contains("\(failure)"), "\(label)")
                }
                let other = try await daemon.connectRaw(Town.Terminal.secondPharmacy)
                let answer = try #require(try await other.signOn(as: name))
                #expect(answer.code == "63" && answer.result.reason == .certificateMismatch)
                #expect(await other.next() == nil)
                let refusals = "settled_sign_ons_refused_total{reason=\"certificateMismatch\"}"
                #expect(try await daemon.metric(refusals) == 1)
                #expect(site.log.contains("certificateMismatch"))
                #expect(try await good.echo().code == "00")
            }
        }

        @Test("41. A terminal of a suspended institution and an unknown one do not sign on.")
        func standing() async throws {
            let daemon = try await SharedDaemon.town.running()
            await #expect {
                _ = try await daemon.connect(Town.Terminal.suspendedPharmacy)
            } throws: { error in
                guard case .signOnRefused(let result) = error as? ClientFault else { return false }
                return result.code == .institutionInvalid
                    && result.reason == .institutionSuspended
            }
        }

        @Test(
            """
            42. Terminal clock off by a day: the daemon's business date rules; the difference is \
            reported.
            """)
        func clock() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            for days in [-1, 1] as [Int64] {
                var options = TerminalConnection.Options()
                options.clock = TerminalClock { TerminalClock.system.seconds() + days * 86_400 }
                let terminal = try await daemon.connect(options: options)
                #expect(terminal.businessDate == Town.today)
                let answer = try await terminal.settle(patient.purchase(1_000))
                #expect(answer.code == "00")
                #expect(answer.result.businessDate == Town.today)
                let difference = answer.result.clockDifference - days * 86_400
                #expect(difference.magnitude < 3_600)
                let booked = try await Books(daemon).settlements(of: patient).first
                #expect(booked?.bookedDate == Town.today)

                var tomorrow = terminal.newHeader()
                tomorrow.businessDate = Town.today.adding(days: 1)
                let refused = try await terminal.settle(patient.purchase(1_000), tomorrow)
                #expect(refused.code == "12" && refused.result.reason == .businessDateUnknown)
                #expect(refused.result.businessDate == Town.today)
                await terminal.close()
            }
            #expect(try await Books(daemon).balance(of: patient) == 8_000)
        }

        private func issue(
            _ authority: CertificateAuthority, _ site: SiteFolder, _ name: String,
            _ validity: ValidityInterval = .days(30)
        ) throws -> (tls: TLSConfiguration, serial: String) {
            let subject = try TerminalSubject(
                terminal: Town.Terminal.pharmacy.text, institution: Town.pharmacy.text)
            let issued = try authority.issueTerminalCertificate(subject, validity: validity)
            let base = "\(site.path)/\(name)"
            try issued.write(certificateTo: base + ".pem", privateKeyTo: base + ".key")
            return (
                site.clientTLS(certificate: base + ".pem", key: base + ".key"),
                issued.record.serialHex
            )
        }
    }
}
