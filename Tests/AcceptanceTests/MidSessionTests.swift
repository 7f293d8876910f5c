import CertificateAuthority
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TLSChannel
import TestSite
import Testing

extension Acceptance {
    @Suite("What changes in mid-session")
    struct MidSessionTests {
        @Test(
            """
            an institution that is suspended in mid-session gets 03 from the next request on, to \
            all but sign-off, and goes on where it was when it is active again; others are served
            """)
        func suspended() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let terminal = try await daemon.connect(Town.Terminal.hospital)
                let colleague = try await daemon.connect(Town.Terminal.clinic)
                let sale = patient.sale([line(Town.medicine, 1_000)], .outpatient, partial: true)
                let paid = terminal.newHeader()
                #expect(try await terminal.settle(sale, paid).result.code.isApproval)
                let balance = try await Books(daemon).balance(of: patient)
                try await whileServed(daemon) {
                    try await contract(.suspended, daemon)
                    let unsent = terminal.newHeader()
                    let codes = [
                        try await terminal.settle(sale, unsent),
                        try await terminal.settle(sale, paid), try await terminal.quote(sale),
                        try await terminal.echo(),
                        try await terminal.reverse(paid, sale),
                    ].map { "\($0.code) \($0.result.reason)" }
                    #expect(codes == Array(repeating: "03 institutionSuspended", count: 5))
                    #expect(try await colleague.settle(sale).result.code.isApproval)
                    await #expect(throws: ClientFault.self) {
                        _ = try await daemon.connect(Town.Terminal.hospital)
                    }

                    try await contract(.active, daemon)
                    #expect(try await terminal.settle(sale, paid).result.replayed)
                    let answer = try await terminal.settle(sale, unsent)
                    #expect(answer.result.code.isApproval && !answer.result.replayed)

                    try await contract(.suspended, daemon)
                    let raw = try await daemon.connectRaw(Town.Terminal.hospital)
                    #expect(try await raw.signOn(as: Town.Terminal.hospital)?.code == "03")
                    #expect(try await terminal.signOff().code == "00")
                }
                #expect(try await Books(daemon).settlements(of: patient).count == 3)
                #expect(try await Books(daemon).balance(of: patient) ?? 0 < balance ?? 0)
                #expect(try await Books(daemon).faults() == [])
            }
        }

        private func contract(_ state: ContractState, _ daemon: RunningDaemon) async throws {
            try await daemon.register([
                .institution(Town.institution(Town.hospital, .hospital, .level3, contract: state))
            ])
        }

        @Test(
            """
            a certificate that is revoked in mid-session is cut at the reload and comes back no \
            more; the same terminal's other certificate and all other terminals go on
            """)
        func revoked() async throws {
            try await RunningDaemon.withTown { daemon in
                let site = daemon.site
                let name = Town.Terminal.pharmacy
                var stolen = try site.credentials(name, port: daemon.port)
                let issued = try site.authority.issueTerminalCertificate(
                    TerminalSubject(terminal: name.text, institution: Town.pharmacy.text))
                stolen.certificatePath = site.path + "/stolen.pem"
                stolen.privateKeyPath = site.path + "/stolen.key"
                try issued.write(
                    certificateTo: stolen.certificatePath, privateKeyTo: stolen.privateKeyPath)
                let address = try stolen.address()
                let thief = try await TerminalConnection.open(stolen, at: address)
                let owner = try await daemon.connect(name)
                let patient = Town.patients[0]
                #expect(try await thief.settle(patient.purchase(100)).code == "00")

                try await whileServed(daemon) {
                    try site.authority.revoke(
                        serialHex: issued.record.serialHex, reason: .keyCompromise)
                    // Until it is loaded the list is not known.
                    #expect(try await thief.settle(patient.purchase(100)).code == "00")
                    let reload = try await daemon.operator.maintain("reload")
                    #expect(reload.code == "00")
                    try await eventually("the connection is cut") {
                        do throws(ClientFault) {
                            _ = try await thief.echo()
                            return false
                        } catch {
                            return true
                        }
                    }
                    await #expect(throws: ClientFault.self) {
                        _ = try await TerminalConnection.open(stolen, at: address)
                    }
                    #expect(try await owner.settle(patient.purchase(100)).code == "00")
                    let raw = try await daemon.connectRaw(stolen.configuration)
                    #expect(await raw.next() == nil)
                    #expect(raw.fault != nil)
                }
                let cut = "settled_tls_failures_total{reason=\"revoked_in_session\"}"
                #expect(try await daemon.metric(cut) == 1)
                let refused = "settled_tls_failures_total{reason=\"revoked\"}"
                #expect(try await daemon.metric(refused) == 2)
                #expect(site.log.contains("the certificate is revoked"))
                #expect(try await Books(daemon).faults() == [])
            }
        }
    }
}
