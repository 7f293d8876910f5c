import CertificateAuthority
import Foundation
import Testing

@testable import TLSChannel

@Suite("Files and settings of a TLS context")
struct ContextTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    private func fault(of configuration: TLSConfiguration) -> TLSFault? {
        do throws(TLSFault) {
            _ = try TLSContext(configuration)
            return nil
        } catch {
            return error
        }
    }

    /// The fault's path and words, if it is one of a file.
    private func fileFault(of configuration: TLSConfiguration) -> (path: String, problem: String)? {
        guard case .file(let path, let problem)? = fault(of: configuration) else { return nil }
        return (path, problem)
    }

    @Test("A missing file is named, each of the four")
    func missing() throws {
        let good = try site.server(revocation: true)
        let path = "/nowhere/at/all.pem"
        let expected = TLSFault.file(path: path, problem: "No such file or directory")
        var changed = good
        changed.identity?.certificateChainPath = path
        #expect(fault(of: changed) == expected)
        changed = good
        changed.identity?.privateKeyPath = path
        #expect(fault(of: changed) == expected)
        changed = good
        changed.trustAnchorsPath = path
        #expect(fault(of: changed) == expected)
        changed = good
        changed.revocationListPath = path
        #expect(fault(of: changed) == expected)
        #expect(fault(of: good) == nil)
    }

    @Test("A file of another kind is named, each of the four")
    func otherKind() throws {
        let good = try site.server(revocation: true)
        let identity = try #require(good.identity)
        var changed = good
        changed.identity?.certificateChainPath = identity.privateKeyPath
        #expect(fileFault(of: changed)?.path == identity.privateKeyPath)
        changed = good
        let wrongKey = site.folder + "/not-a-key.pem"
        try "hello".write(toFile: wrongKey, atomically: true, encoding: .utf8)
        chmod(wrongKey, 0o600)
        changed.identity?.privateKeyPath = wrongKey
        #expect(fileFault(of: changed)?.path == wrongKey)
        changed = good
        changed.trustAnchorsPath = site.authority.revocationListPath
        #expect(
            fault(of: changed)
                == .file(
                    path: site.authority.revocationListPath,
                    problem: "holds no certificate in PEM form"))
        changed = good
        changed.revocationListPath = site.authority.certificatePath
        #expect(
            fault(of: changed)
                == .file(
                    path: site.authority.certificatePath,
                    problem: "holds no revocation list in PEM form"))
    }

    @Test("The key of another certificate is refused")
    func mismatch() throws {
        var changed = try site.server()
        let other = try site.serverIdentity()
        changed.identity?.privateKeyPath = other.privateKeyPath
        let chain = try #require(changed.identity?.certificateChainPath)
        #expect(
            fault(of: changed)
                == .file(
                    path: other.privateKeyPath,
                    problem: "is not the key of the certificate in \(chain)"))
    }

    @Test("A private key open to others is refused")
    func openKey() throws {
        let configuration = try site.server()
        let path = try #require(configuration.identity?.privateKeyPath)
        chmod(path, 0o644)
        #expect(fileFault(of: configuration)?.problem.contains("mode is 644") == true)
        chmod(path, 0o640)
        #expect(fault(of: configuration) == nil)
    }

    @Test("A key behind a passphrase is refused instead of asked for")
    func encryptedKey() throws {
        let configuration = try site.server()
        let path = try #require(configuration.identity?.privateKeyPath)
        let encrypted = path + ".enc"
        let status = try runOpenSSL(
            "pkcs8", "-topk8", "-in", path, "-out", encrypted, "-passout", "pass:secret"
        ).status
        #expect(status == 0)
        chmod(encrypted, 0o600)
        var changed = configuration
        changed.identity?.privateKeyPath = encrypted
        #expect(
            fileFault(of: changed)?.problem.hasPrefix(
                "no usable private key without a passphrase") == true)
    }

    @Test("A server's expired certificate is refused at load, with its date")
    func expiredServer() throws {
        var configuration = try site.server()
        configuration.identity = try site.serverIdentity(
            validity: ValidityInterval(
                start: UTCTime(epochSeconds: 1_600_000_000),
                end: UTCTime(epochSeconds: 1_700_000_000)))
        #expect(
            fileFault(of: configuration)?.problem
                == "the certificate expired at 2023-11-14 22:13:20 UTC")
    }

    @Test("A revocation list that is expired, not valid yet or of a stranger is refused at load")
    func badLists() throws {
        let configuration = try site.server(revocation: true)
        let now = UTCTime.now
        try site.authority.issueRevocationList(
            validity: .init(start: now.adding(days: -9), end: now.adding(days: -1)))
        #expect(fileFault(of: configuration)?.problem.contains("expired at") == true)
        try site.authority.issueRevocationList(
            validity: .init(start: now.adding(days: 1), end: now.adding(days: 2)))
        #expect(fileFault(of: configuration)?.problem.contains("not valid yet") == true)
        try site.authority.issueRevocationList()
        #expect(fault(of: configuration) == nil)
        var foreign = configuration
        foreign.revocationListPath = try TestSite().keepingList(in: site.folder)
        #expect(fileFault(of: foreign)?.problem.contains("is not signed by an authority") == true)
    }

    @Test("Values out of range are named")
    func settings() throws {
        let good = try site.server()
        func name(_ change: (inout TLSConfiguration) -> Void) -> String? {
            var changed = good
            change(&changed)
            guard case .setting(let name, _)? = fault(of: changed) else { return nil }
            return name
        }
        #expect(name { $0.identity = nil } == "identity")
        #expect(name { $0.applicationProtocols = [] } == "applicationProtocols")
        #expect(name { $0.applicationProtocols = [""] } == "applicationProtocols")
        #expect(
            name { $0.applicationProtocols = [String(repeating: "x", count: 256)] }
                == "applicationProtocols")
        #expect(name { $0.verifyDepth = 11 } == "verifyDepth")
        #expect(name { $0.closeDeadline = .zero } == "closeDeadline")
        #expect(name { $0.groups = "no such group" } == "groups")
        #expect(name { $0.signatureAlgorithms = "rot13" } == "signatureAlgorithms")
    }

    @Test("A context tells when its certificate and its list run out")
    func expiries() throws {
        let context = try TLSContext(site.server(revocation: true))
        let record = try #require(try site.authority.issued().last)
        #expect(context.certificateExpiry == record.validity.end.epochSeconds)
        let left = try #require(context.revocationListExpiry) - UTCTime.now.epochSeconds
        #expect((29 * 86_400...30 * 86_400).contains(left))
    }

    @Test("A reload that fails keeps the old context and says why")
    func failedReload() throws {
        let configuration = try site.server()
        let path = try #require(configuration.identity?.privateKeyPath)
        let holder = try TLSContextHolder(configuration)
        let before = holder.current
        let key = try String(contentsOfFile: path, encoding: .utf8)
        try "broken".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(throws: TLSFault.self) { try holder.reload() }
        #expect(holder.current === before)
        try key.write(toFile: path, atomically: false, encoding: .utf8)
        try holder.reload()
        #expect(holder.current !== before)
    }

    @Test("A context knows which certificates its lists name")
    func revokes() throws {
        let good = try EmbeddedPair.established(site)
        let certificate = try #require(good.serverEnd.record.handshakes.first?.peerCertificate)
        let configuration = try site.server(revocation: true)
        #expect(try !TLSContext(configuration).revokes(certificate.number))
        try site.authority.revoke(serialHex: certificate.serialHex)
        #expect(try TLSContext(configuration).revokes(certificate.number))
        let stranger = PeerCertificate(
            commonName: nil, organization: nil, subject: "", issuer: "CN=Somebody else", uris: [],
            serialHex: certificate.serialHex, sha256Fingerprint: "", notBefore: 0, notAfter: 0)
        #expect(try !TLSContext(configuration).revokes(stranger.number))
    }
}

extension TestSite {
    /// Copies this site's revocation list, so that it outlives the site.
    func keepingList(in folder: String) throws -> String {
        let path = folder + "/foreign-crl.pem"
        try FileManager.default.copyItem(atPath: authority.revocationListPath, toPath: path)
        return path
    }
}
