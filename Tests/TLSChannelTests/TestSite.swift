import CertificateAuthority
import Foundation
import TLSChannel

/// A certificate authority in a folder of its own, gone with this object.
final class TestSite {
    let folder: String
    let authority: CertificateAuthority
    private var files = 0

    init() throws {
        folder = NSTemporaryDirectory() + "tls-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        authority = try CertificateAuthority.create(in: folder + "/ca", name: "Test authority")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Writes a certificate and its key to new files.
    func save(_ issued: IssuedCertificate) throws -> TLSConfiguration.Identity {
        files += 1
        let base = "\(folder)/\(files)"
        try issued.write(certificateTo: base + ".pem", privateKeyTo: base + ".key")
        return .init(certificateChainPath: base + ".pem", privateKeyPath: base + ".key")
    }

    func terminal(
        _ name: String = "T0000001", validity: ValidityInterval = .days(90)
    ) throws -> TLSConfiguration.Identity {
        let subject = try TerminalSubject(terminal: name, institution: "H31010400123")
        return try save(authority.issueTerminalCertificate(subject, validity: validity))
    }

    func serverIdentity(
        validity: ValidityInterval = .days(90)
    ) throws -> TLSConfiguration.Identity {
        try save(
            authority.issueServerCertificate(
                name: "settled", names: [.dns("settled.test"), .address("127.0.0.1")],
                validity: validity))
    }

    func server(revocation: Bool = false) throws -> TLSConfiguration {
        TLSConfiguration(
            role: .server, identity: try serverIdentity(),
            trustAnchorsPath: authority.certificatePath,
            revocationListPath: revocation ? authority.revocationListPath : nil,
            applicationProtocols: ["settle/1"])
    }

    func client(
        _ identity: TLSConfiguration.Identity?,
        expecting server: TLSConfiguration.ServerIdentity = .address("127.0.0.1")
    ) -> TLSConfiguration {
        TLSConfiguration(
            role: .client(server: server), identity: identity,
            trustAnchorsPath: authority.certificatePath, applicationProtocols: ["settle/1"])
    }
}

extension TestSite {
    /// Writes several PEM files into one.
    func bundle(_ paths: [String]) throws -> String {
        let path = folder + "/bundle.pem"
        try paths.map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
            .write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
