import Foundation
import Testing

@testable import CertificateAuthority

@Suite("What the authority issues, judged by the openssl command")
struct IssuingTests {
    let folder: TestFolder
    let authority: CertificateAuthority
    let terminal: TerminalSubject

    init() throws {
        folder = try TestFolder()
        authority = try CertificateAuthority.create(
            in: folder.path + "/ca", name: "Fictional Insurance Agency 甲")
        terminal = try TerminalSubject(terminal: "T0000001", institution: "H31010400123")
    }

    private func verify(_ serial: String, purpose: String) throws -> (Int32, String) {
        let (status, output) = try folder.openssl(
            "verify", "-x509_strict", "-purpose", purpose, "-CAfile", authority.certificatePath,
            "-crl_check", "-CRLfile", authority.revocationListPath,
            authority.issuedPath(serialHex: serial))
        return (status, output)
    }

    @Test("The authority's own certificate is a strict CA for leaves only, its key is private")
    func authorityCertificate() throws {
        let (status, output) = try folder.openssl(
            "verify", "-x509_strict", "-check_ss_sig", "-CAfile", authority.certificatePath,
            authority.certificatePath)
        #expect(status == 0, "\(output)")
        let text = try folder.openssl(
            "x509", "-in", authority.certificatePath, "-noout", "-ext",
            "basicConstraints,keyUsage"
        ).output
        #expect(text.contains("CA:TRUE, pathlen:0"))
        #expect(text.contains("Certificate Sign, CRL Sign"))
        #expect(try folder.mode(of: authority.privateKeyPath) == 0o600)
        #expect(try folder.mode(of: authority.directory) == 0o700)
    }

    @Test("A terminal's certificate verifies for clients only and names its terminal")
    func terminalCertificate() throws {
        let issued = try authority.issueTerminalCertificate(terminal)
        let serial = issued.record.serialHex
        #expect(try verify(serial, purpose: "sslclient") == (0, okay(serial)))
        #expect(try verify(serial, purpose: "sslserver").0 != 0)
        let text = try folder.openssl(
            "x509", "-in", authority.issuedPath(serialHex: serial), "-noout", "-serial",
            "-subject", "-nameopt", "RFC2253", "-ext", "subjectAltName,extendedKeyUsage,keyUsage"
        ).output
        #expect(text.contains("serial=\(serial)\n"))
        #expect(text.contains("subject=CN=T0000001,O=H31010400123\n"))
        #expect(text.contains("URI:urn:settled:terminal:T0000001\n"))
        #expect(text.contains("TLS Web Client Authentication\n"))
        #expect(text.contains("Digital Signature\n"))
        #expect(issued.record.subject == "CN=T0000001,O=H31010400123")
    }

    @Test("A server's certificate verifies for servers only and bears its names")
    func serverCertificate() throws {
        let issued = try authority.issueServerCertificate(
            name: "settled", names: [.dns("pay.example.test"), .address("::1")])
        let serial = issued.record.serialHex
        #expect(try verify(serial, purpose: "sslserver") == (0, okay(serial)))
        #expect(try verify(serial, purpose: "sslclient").0 != 0)
        for (option, name) in [("-verify_hostname", "pay.example.test"), ("-verify_ip", "::1")] {
            let (status, output) = try folder.openssl(
                "verify", option, name, "-CAfile", authority.certificatePath,
                authority.issuedPath(serialHex: serial))
            #expect(status == 0, "\(output)")
        }
    }

    @Test("Every kind of key can be made, and fits its certificate", arguments: KeyKind.allCases)
    func keys(_ kind: KeyKind) throws {
        let issued = try authority.issueTerminalCertificate(terminal, key: .generated(kind))
        let (certificate, key) = (folder.path + "/t.pem", folder.path + "/t.key")
        try issued.write(certificateTo: certificate, privateKeyTo: key)
        #expect(try folder.mode(of: key) == 0o600)
        #expect(try folder.mode(of: certificate) == 0o644)
        let public1 = try folder.openssl("x509", "-in", certificate, "-noout", "-pubkey")
        let public2 = try folder.openssl("pkey", "-in", key, "-pubout")
        #expect(public1.output == public2.output)
        #expect(try verify(issued.record.serialHex, purpose: "sslclient").0 == 0)
    }

    @Test("A request's key is certified under the operator's names, not the request's")
    func request() throws {
        let key = folder.path + "/own.key"
        let made = try folder.openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes",
            "-keyout", key, "-subj", "/CN=somebody else", "-out", folder.path + "/own.csr")
        #expect(made.status == 0, "\(made.output)")
        let pem = try String(contentsOfFile: folder.path + "/own.csr", encoding: .utf8)
        let issued = try authority.issueTerminalCertificate(terminal, key: .request(pem: pem))
        #expect(issued.privateKeyPEM == nil)
        #expect(issued.record.subject == "CN=T0000001,O=H31010400123")
        let public1 = try folder.openssl(
            "x509", "-in", authority.issuedPath(serialHex: issued.record.serialHex), "-noout",
            "-pubkey")
        #expect(public1.output == (try folder.openssl("pkey", "-in", key, "-pubout").output))
    }

    @Test(
        "A request with a key that is not accepted is refused, and nothing is issued",
        arguments: [["rsa:1024"], ["ed25519"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-521"]])
    func badKeys(_ newKey: [String]) throws {
        let csr = folder.path + "/bad.csr"
        let arguments =
            ["req", "-new", "-nodes", "-keyout", folder.path + "/bad.key", "-subj", "/CN=x"]
            + ["-out", csr, "-newkey"] + newKey
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let pem = try String(contentsOfFile: csr, encoding: .utf8)
        #expect {
            try authority.issueTerminalCertificate(terminal, key: .request(pem: pem))
        } throws: { error in
            if case .request? = error as? CertificateAuthorityFault { true } else { false }
        }
        #expect(try authority.issued().isEmpty)
    }

    @Test("A request that is not one, or whose signature is wrong, is refused")
    func badRequests() throws {
        let csr = folder.path + "/r.csr"
        _ = try folder.openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", folder.path + "/r.key", "-subj", "/CN=abcdefgh", "-outform", "DER", "-out",
            csr)
        var der = try Data(contentsOf: URL(fileURLWithPath: csr))
        let name = try #require(der.range(of: Data("abcdefgh".utf8)))
        der[name.lowerBound] = UInt8(ascii: "x")
        let changed =
            "-----BEGIN CERTIFICATE REQUEST-----\n"
            + der.base64EncodedString(options: .lineLength64Characters)
            + "\n-----END CERTIFICATE REQUEST-----\n"
        #expect(throws: CertificateAuthorityFault.request(problem: "its signature is wrong")) {
            try authority.issueTerminalCertificate(terminal, key: .request(pem: changed))
        }
        #expect(throws: CertificateAuthorityFault.self) {
            try authority.issueTerminalCertificate(terminal, key: .request(pem: "hello"))
        }
    }

    @Test("Renewing keeps the subject and its names, with a new key or the old one")
    func renewal() throws {
        let old = try authority.issueTerminalCertificate(terminal)
        let serial = old.record.serialHex
        let fresh = try authority.renew(serialHex: serial)
        let same = try authority.renew(serialHex: serial, key: .same)
        #expect(fresh.privateKeyPEM != nil)
        #expect(same.privateKeyPEM == nil)
        func dump(_ record: IssuedRecord, _ what: String...) throws -> String {
            try what.map {
                try folder.openssl(
                    "x509", "-in", authority.issuedPath(serialHex: record.serialHex), "-noout", $0
                ).output
            }.joined()
        }
        #expect(try dump(same.record, "-pubkey") == dump(old.record, "-pubkey"))
        #expect(try dump(fresh.record, "-pubkey") != dump(old.record, "-pubkey"))
        for renewed in [fresh, same] {
            #expect(renewed.record.serialHex != serial)
            #expect(renewed.record.subject == old.record.subject)
            #expect(renewed.record.kind == .terminal)
            let text = try dump(renewed.record, "-text")
            #expect(text.contains("URI:urn:settled:terminal:T0000001"))
            #expect(try verify(renewed.record.serialHex, purpose: "sslclient").0 == 0)
        }
    }

    @Test("An interval that is empty or outlasts the authority is refused")
    func validity() throws {
        let now = UTCTime.now
        for bad in [
            ValidityInterval(start: now, end: now), .days(4_000),
            ValidityInterval(start: now.adding(days: 2), end: now.adding(days: 1)),
        ] {
            #expect {
                try authority.issueTerminalCertificate(terminal, validity: bad)
            } throws: { error in
                if case .validity? = error as? CertificateAuthorityFault { true } else { false }
            }
        }
        #expect(try authority.issued().isEmpty)
    }

    @Test(
        "Names that could say something else in a certificate are refused",
        arguments: ["", "T,URI:x1", "T 000001", "T\n000001", "T\u{0}000001", "终端01", "T_000001"]
            + ["t0000001", "T000001", "T00000001"])
    func terminalNames(_ name: String) throws {
        #expect(throws: CertificateAuthorityFault.self) {
            try TerminalSubject(terminal: name, institution: "H31010400123")
        }
    }

    @Test("Server names that are none are refused", arguments: ["a,DNS:b", "", "a b", "a\nb"])
    func serverNames(_ name: String) throws {
        #expect(throws: CertificateAuthorityFault.self) {
            try authority.issueServerCertificate(name: "s", names: [.dns(name)])
        }
        #expect(throws: CertificateAuthorityFault.self) {
            try authority.issueServerCertificate(name: "s", names: [.address(name)])
        }
    }

    @Test("An earlier certificate's files are not overwritten unless that is asked for")
    func overwriting() throws {
        let issued = try authority.issueTerminalCertificate(terminal)
        let (certificate, key) = (folder.path + "/t.pem", try folder.write("precious", to: "t.key"))
        #expect(throws: CertificateAuthorityFault.exists(path: key)) {
            try issued.write(certificateTo: certificate, privateKeyTo: key)
        }
        #expect(try String(contentsOfFile: key, encoding: .utf8) == "precious")
        #expect(!FileManager.default.fileExists(atPath: certificate))
        try issued.write(certificateTo: certificate, privateKeyTo: key, existing: .replace)
        #expect(try String(contentsOfFile: key, encoding: .utf8) == issued.privateKeyPEM)
        #expect(try folder.mode(of: key) == 0o600)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!left.contains { $0.hasSuffix(".tmp") })
    }

    private func okay(_ serial: String) -> String {
        "\(authority.issuedPath(serialHex: serial)): OK\n"
    }
}
