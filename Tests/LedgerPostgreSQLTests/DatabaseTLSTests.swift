import CertificateAuthority
import Foundation
import Ledger
import LedgerPostgreSQL
import TestProcesses
import TestSupport
import Testing

@Suite("PostgreSQL: TLS to the database")
struct DatabaseTLSTests {
    @Test("verify-full takes the server's own name and authority, and no other's")
    func verified() throws {
        let folder = "/tmp/settled-tls-\(UInt32.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        let authority = try CertificateAuthority.create(
            in: folder + "/authority", name: "Invented authority")
        _ = try CertificateAuthority.create(
            in: folder + "/stranger", name: "Invented stranger")
        try authority.issueServerCertificate(name: "localhost", names: [.dns("localhost")])
            .write(certificateTo: folder + "/server.crt", privateKeyTo: folder + "/server.key")
        let port = try DatabaseServer.freePort()
        let server = try DatabaseServer(
            port: port, settings: ["ssl = on"],
            files: [
                "server.crt": try Data(contentsOf: URL(fileURLWithPath: folder + "/server.crt")),
                "server.key": try Data(contentsOf: URL(fileURLWithPath: folder + "/server.key")),
            ], access: ["hostnossl all all all reject"])
        try server.sql("CREATE DATABASE ledger", in: "postgres")
        func refusal(_ host: String, _ more: String) -> String? {
            let options = PostgreSQLOptions(
                connection: "host=\(host) port=\(port) user=settled dbname=ledger \(more)",
                seal: TestSeal())
            return fault { () throws(StoreFault) in
                _ = try Migrations(options).run(
                    firstBusinessDate: SyntheticLedger.firstDate, at: Bench.time)
                try PostgreSQLStore(options).close()
            }
        }
        let own = "sslrootcert=\(folder)/authority/authority.pem"
        let other = "sslrootcert=\(folder)/stranger/authority.pem"
        #expect(refusal("localhost", "sslmode=verify-full \(own)") == nil)
        #expect(refusal("localhost", "sslmode=verify-full \(other)")?.contains("verif") == true)
        #expect(refusal("127.0.0.1", "sslmode=verify-full \(own)")?.contains("127.0.0.1") == true)
        #expect(refusal("localhost", "sslmode=disable")?.contains("pg_hba.conf") == true)
    }
}
