import CardSecurity
import CertificateAuthority
import Foundation
import SettlementClient
import SettlementDomain
import TLSChannel

/// A folder with an authority, a server's certificate and one terminal's credentials; gone with this
/// object.
final class TestTerminal: Sendable {
    let folder: String
    let directory: String
    let masterKey: SecretBytes
    private let server: TLSConfiguration

    static let name = "T0000001"

    init() throws {
        folder = NSTemporaryDirectory() + "client-test-\(UUID().uuidString)"
        directory = folder + "/T0000001"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let authority = try CertificateAuthority.create(in: folder + "/ca", name: "Test authority")
        let issued = try authority.issueServerCertificate(
            name: "settled", names: [.dns("settled.test"), .address("127.0.0.1")],
            validity: .days(90))
        let (certificate, key) = (folder + "/server.pem", folder + "/server.key")
        try issued.write(certificateTo: certificate, privateKeyTo: key)
        server = TLSConfiguration(
            role: .server,
            identity: .init(certificateChainPath: certificate, privateKeyPath: key),
            trustAnchorsPath: authority.certificatePath,
            applicationProtocols: [ServerAddress.applicationProtocol])
        let subject = try TerminalSubject(terminal: Self.name, institution: "P31010400001")
        try authority.issueTerminalCertificate(subject, validity: .days(90)).write(
            certificateTo: directory + "/terminal.pem", privateKeyTo: directory + "/terminal.key")
        try FileManager.default.copyItem(
            atPath: authority.certificatePath, toPath: directory + "/authority.pem")
        var bytes = (0..<16).map { UInt8($0) }
        masterKey = SecretBytes(wiping: &bytes)
        try write("master.key", "000102030405060708090a0b0c0d0e0F\n", mode: 0o600)
        try write("terminal.conf", "terminal = T0000001\nhost = 127.0.0.1\nport = 7443\n")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Writes a file of the credentials' folder.
    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let path = "\(directory)/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// A daemon on a free port that knows this terminal's master key.
    func daemon(_ react: @escaping FakeDaemon.React) async throws -> FakeDaemon {
        try await FakeDaemon(
            TLSContext(server), masterKey: masterKey, businessDate: Made.date(20_261_123),
            react: react)
    }

    /// The credentials, pointed at a daemon.
    func credentials(for daemon: FakeDaemon) throws -> TerminalCredentials {
        var credentials = try TerminalCredentials(directory: directory)
        credentials.port = daemon.port
        return credentials
    }
}
