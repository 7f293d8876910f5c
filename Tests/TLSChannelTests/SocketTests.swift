import CertificateAuthority
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import TLSChannel

/// One test at a time: a child process may inherit the descriptors of another test's.
@Suite("TLS over real sockets", .serialized)
struct SocketTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test("Many clients at once get back what they send")
    func manyClients() async throws {
        let server = try await EchoServer.start(TLSContextHolder(site.server()))
        let context = try TLSContext(site.client(site.terminal()))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<20 {
                group.addTask {
                    let client = try await EchoClient.connect(to: server, with: context)
                    let sent = [UInt8](repeating: UInt8(index), count: 1 + index * 5_000)
                    let echoed = try await client.exchange(sent)
                    try await client.channel.close()
                    return echoed == sent
                }
            }
            for try await isEqual in group {
                #expect(isEqual)
            }
        }
        try await server.stop()
    }

    @Test("A handshake completes although the application does not read")
    func withoutReads() async throws {
        let server = try await EchoServer.start(TLSContextHolder(site.server()), reads: false)
        let context = try TLSContext(site.client(site.terminal()))
        let client = try await EchoClient.connect(to: server, with: context)
        #expect(try await server.handshake().peerCertificate.commonName == "T0000001")
        try await client.channel.close()
        try await server.stop()
    }

    @Test("After a reload old connections go on and a newly revoked certificate is refused")
    func reload() async throws {
        let holder = try TLSContextHolder(site.server(revocation: true))
        let server = try await EchoServer.start(holder)
        let revoked = try TLSContext(site.client(site.terminal("T0000001")))
        let good = try TLSContext(site.client(site.terminal("T0000002")))
        let old = try await EchoClient.connect(to: server, with: revoked)
        #expect(try await old.exchange([1]) == [1])

        let record = try #require(
            try site.authority.issued().first { $0.subject.contains("T0000001") })
        try site.authority.revoke(serialHex: record.serialHex)
        let unaware = try await EchoClient.connect(to: server, with: revoked)
        #expect(try await unaware.exchange([2]) == [2])
        try holder.reload()

        #expect(try await old.exchange([3]) == [3])
        let refused = try await EchoClient.connect(to: server, with: revoked)
        try await refused.channel.closeFuture.get()
        #expect(refused.record.faults == [.session(.refusedByPeer(.certificateRevoked))])
        let other = try await EchoClient.connect(to: server, with: good)
        #expect(try await other.exchange([4]) == [4])
        for client in [old, unaware, other] {
            try await client.channel.close()
        }
        try await server.stop()
    }

    @Test("A client that has sent already still reads the alert that refuses it")
    func alertBeforeReset() async throws {
        let server = try await EchoServer.start(TLSContextHolder(site.server()))
        let context = try TLSContext(site.client(nil))
        for _ in 0..<20 {
            let client = try await EchoClient.connect(to: server, with: context)
            for _ in 0..<8 {
                client.channel.writeAndFlush(ByteBuffer(repeating: 1, count: 4_000), promise: nil)
            }
            try await client.channel.closeFuture.get()
            #expect(client.record.faults == [.session(.refusedByPeer(.certificateRequired))])
        }
        try await server.stop()
    }

    @Test("s_client with a terminal's certificate gets its bytes back")
    func interoperates() async throws {
        let server = try await EchoServer.start(TLSContextHolder(site.server(revocation: true)))
        let identity = try site.terminal()
        let output = try Self.runClient(
            server, ["-alpn", "settle/1"] + Self.arguments(identity), site: site,
            sending: "hello\n", until: "hello\n")
        #expect(output.contains("hello\n"))
        #expect(server.record.handshakes.first?.peerCertificate.commonName == "T0000001")
        try await server.stop()
        #expect(server.record.faults.isEmpty)
    }

    @Test("A server sends the chain of its file, not what it finds in its trust anchors")
    func sendsItsChain() async throws {
        let server = try await EchoServer.start(TLSContextHolder(site.server()))
        let (_, output) = try runOpenSSL(
            ["s_client", "-connect", "127.0.0.1:\(server.port)", "-alpn", "settle/1", "-showcerts"]
                + Self.arguments(site.terminal()))
        #expect(output.split(separator: "\n").count { $0 == "-----BEGIN CERTIFICATE-----" } == 1)
        try await server.stop()
    }

    @Test("s_client may speak TLS 1.2 where that is allowed")
    func interoperatesOnTLS12() async throws {
        var configuration = try site.server()
        configuration.minimumVersion = .tls12
        let server = try await EchoServer.start(TLSContextHolder(configuration))
        let output = try Self.runClient(
            server, ["-tls1_2", "-alpn", "settle/1"] + Self.arguments(site.terminal()), site: site,
            sending: "hello\n", until: "hello\n")
        #expect(output.contains("hello\n"))
        #expect(server.record.handshakes.first?.protocolVersion == "TLSv1.2")
        try await server.stop()
    }

    @Test("s_client reads the right alert for each refusal", arguments: Stranger.allCases)
    func refuses(_ stranger: Stranger) async throws {
        let server = try await EchoServer.start(TLSContextHolder(stranger.server(of: site)))
        let (_, output) = try runOpenSSL(
            ["s_client", "-connect", "127.0.0.1:\(server.port)", "-ign_eof"]
                + stranger.arguments(of: site))
        #expect(output.contains("SSL alert number \(stranger.alert.rawValue)"), "\(output)")
        try await server.stop()
        #expect(server.record.faults == [.handshake(stranger.failure)])
        #expect(server.record.handshakes.isEmpty)
    }

    static func arguments(_ identity: TLSConfiguration.Identity) -> [String] {
        ["-cert", identity.certificateChainPath, "-key", identity.privateKeyPath]
    }

    /// Runs s_client, sends a text once and ends its input when the other text has come back.
    private static func runClient(
        _ server: EchoServer, _ arguments: [String], site: TestSite, sending text: String,
        until awaited: String
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["openssl", "s_client", "-connect", "127.0.0.1:\(server.port)", "-quiet"]
            + ["-no_ign_eof", "-verify_return_error", "-verify_ip", "127.0.0.1"]
            + ["-CAfile", site.authority.certificatePath] + arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        var seen = Data()
        while !String(decoding: seen, as: UTF8.self).contains(awaited) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            seen += more
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        return String(decoding: seen, as: UTF8.self)
    }
}

/// A peer that must not get in, the way s_client plays it.
enum Stranger: CaseIterable {
    case noCertificate, unknownAuthority, expired, revoked, wrongPurpose, noProtocol
    case otherProtocol, oldVersion, weakKey, noCertificateOnTLS12

    func arguments(of site: TestSite) throws -> [String] {
        let alpn = ["-alpn", "settle/1"]
        switch self {
        case .noCertificate: return alpn
        case .noCertificateOnTLS12: return alpn + ["-tls1_2"]
        case .unknownAuthority:
            let other = try TestSite()
            let copy = site.folder + "/stranger"
            let identity = try other.terminal()
            try FileManager.default.copyItem(
                atPath: identity.certificateChainPath, toPath: copy + ".pem")
            try FileManager.default.copyItem(atPath: identity.privateKeyPath, toPath: copy + ".key")
            return alpn + ["-cert", copy + ".pem", "-key", copy + ".key"]
        case .expired:
            let now = UTCTime.now
            let past = ValidityInterval(start: now.adding(days: -9), end: now.adding(days: -1))
            return alpn + SocketTests.arguments(try site.terminal(validity: past))
        case .revoked:
            return alpn + SocketTests.arguments(try site.revokedTerminal())
        case .wrongPurpose: return alpn + SocketTests.arguments(try site.serverIdentity())
        case .noProtocol: return SocketTests.arguments(try site.terminal())
        case .otherProtocol:
            return ["-alpn", "h2,settle/2"] + SocketTests.arguments(try site.terminal())
        case .oldVersion:
            return alpn + ["-tls1_2"] + SocketTests.arguments(try site.terminal())
        case .weakKey:
            return alpn + SocketTests.arguments(try site.weakTerminal())
                + ["-cipher", "DEFAULT@SECLEVEL=0"]
        }
    }

    /// The server's configuration; the revoked certificate must be on its list when it loads.
    func server(of site: TestSite) throws -> TLSConfiguration {
        if self == .revoked {
            _ = try site.revokedTerminal()
        }
        var configuration = try site.server(revocation: self == .revoked)
        configuration.minimumVersion = self == .noCertificateOnTLS12 ? .tls12 : .tls13
        return configuration
    }

    var failure: TLSFailure {
        switch self {
        case .noCertificate, .noCertificateOnTLS12: .noCertificate
        case .unknownAuthority: .unknownAuthority
        case .expired: .expired
        case .revoked: .revoked
        case .wrongPurpose: .unsuitableCertificate("unsuitable certificate purpose")
        case .noProtocol, .otherProtocol: .alpnMismatch
        case .oldVersion: .protocolVersion
        case .weakKey: .unsuitableCertificate("EE certificate key too weak")
        }
    }

    var alert: TLSAlert {
        switch self {
        case .noCertificate: .certificateRequired
        case .noCertificateOnTLS12: TLSAlert(rawValue: 40)
        case .unknownAuthority: .unknownAuthority
        case .expired: .certificateExpired
        case .revoked: .certificateRevoked
        case .wrongPurpose: .unsupportedCertificate
        case .noProtocol, .otherProtocol: .noApplicationProtocol
        case .oldVersion: .protocolVersion
        case .weakKey: .badCertificate
        }
    }
}

extension TestSite {
    /// A terminal that is on the revocation list; the same one at each call.
    func revokedTerminal() throws -> TLSConfiguration.Identity {
        let base = folder + "/revoked"
        let identity = TLSConfiguration.Identity(
            certificateChainPath: base + ".pem", privateKeyPath: base + ".key")
        guard !FileManager.default.fileExists(atPath: base + ".pem") else { return identity }
        let issued = try authority.issueTerminalCertificate(
            TerminalSubject(terminal: "T0000666", institution: "H31010400123"))
        try issued.write(certificateTo: base + ".pem", privateKeyTo: base + ".key")
        try authority.revoke(serialHex: issued.record.serialHex)
        return identity
    }

    /// A terminal with an RSA key of 1,024 bits, which our authority would not certify.
    func weakTerminal() throws -> TLSConfiguration.Identity {
        let base = folder + "/weak"
        let made = try runOpenSSL(
            "req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", base + ".key", "-subj",
            "/O=H31010400123/CN=T0000001", "-out", base + ".csr")
        let signed = try runOpenSSL(
            "x509", "-req", "-in", base + ".csr", "-CA", authority.certificatePath, "-CAkey",
            authority.directory + "/authority.key", "-set_serial", "77", "-days", "9", "-out",
            base + ".pem")
        guard made.status == 0, signed.status == 0 else {
            throw TLSFault.file(path: base, problem: made.output + signed.output)
        }
        return .init(certificateChainPath: base + ".pem", privateKeyPath: base + ".key")
    }
}
