import CertificateAuthority
import Foundation

/// Certificates of an authority that is made for the purpose.
enum CertificateSeeds {
    /// A terminal's, a server's and the authority's own, in PEM.
    static func pems() throws -> [String] {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("fuzz-authority-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try CertificateAuthority.create(in: folder, name: "Fuzz authority")
        let terminal = try authority.issueTerminalCertificate(
            TerminalSubject(terminal: "T0000001", institution: "P99010000001"))
        let server = try authority.issueServerCertificate(
            name: "settled", names: [.dns("settled.example"), .address("127.0.0.1")])
        let own = try String(contentsOfFile: authority.certificatePath, encoding: .utf8)
        return [terminal.certificatePEM, server.certificatePEM, own]
    }

    static func der(_ pem: String) -> [UInt8]? {
        let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        return Data(base64Encoded: base64).map { [UInt8]($0) }
    }
}
