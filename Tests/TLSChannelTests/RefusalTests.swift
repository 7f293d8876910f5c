import COpenSSL
import CertificateAuthority
import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import TLSChannel

@Suite("A handshake is refused, and both ends know why")
struct RefusalTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    private func refuse(
        _ identity: TLSConfiguration.Identity?,
        by server: TLSConfiguration? = nil,
        as failure: TLSFailure,
        alert: TLSAlert,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let pair = try EmbeddedPair(
            client: TLSContext(site.client(identity)),
            server: TLSContext(server ?? site.server(revocation: true)))
        try pair.connect()
        try pair.pump()
        #expect(pair.serverEnd.record.handshakes.isEmpty, sourceLocation: location)
        #expect(pair.serverEnd.record.faults == [.handshake(failure)], sourceLocation: location)
        #expect(!pair.server.isActive, sourceLocation: location)
        // In TLS 1.3 the client's own handshake is complete before the server judges it.
        #expect(pair.clientEnd.record.handshakes.count == 1, sourceLocation: location)
        #expect(
            pair.clientEnd.record.faults == [.session(.refusedByPeer(alert))],
            sourceLocation: location)
        #expect(!pair.client.isActive, sourceLocation: location)
    }

    @Test("No certificate")
    func noCertificate() throws {
        try refuse(nil, as: .noCertificate, alert: .certificateRequired)
    }

    @Test("A certificate of an unknown authority, even one of the same name")
    func unknownAuthority() throws {
        let other = try TestSite()
        try refuse(
            other.terminal(), by: site.server(), as: .unknownAuthority, alert: .unknownAuthority)
    }

    @Test("A self-signed certificate")
    func selfSigned() throws {
        let folder = site.folder + "/self"
        let own = try CertificateAuthority.create(in: folder, name: "T0000001")
        try refuse(
            .init(
                certificateChainPath: own.certificatePath,
                privateKeyPath: folder + "/authority.key"),
            by: site.server(), as: .unknownAuthority, alert: .unknownAuthority)
    }

    @Test("An expired certificate")
    func expired() throws {
        let past = ValidityInterval(
            start: UTCTime.now.adding(days: -20), end: UTCTime.now.adding(days: -1))
        try refuse(site.terminal(validity: past), as: .expired, alert: .certificateExpired)
    }

    @Test("A certificate that is not valid yet")
    func notYetValid() throws {
        let future = ValidityInterval(
            start: UTCTime.now.adding(days: 1), end: UTCTime.now.adding(days: 20))
        try refuse(site.terminal(validity: future), as: .notYetValid, alert: .badCertificate)
    }

    @Test("A revoked certificate")
    func revoked() throws {
        let identity = try site.terminal()
        let record = try #require(try site.authority.issued().last)
        try site.authority.revoke(serialHex: record.serialHex, reason: .keyCompromise)
        try refuse(identity, as: .revoked, alert: .certificateRevoked)
    }

    @Test("A certificate that is good for servers only")
    func wrongPurpose() throws {
        try refuse(
            site.serverIdentity(), as: .unsuitableCertificate("unsuitable certificate purpose"),
            alert: .unsupportedCertificate)
    }

    @Test("A certificate of an authority whose revocation list is not there")
    func noList() throws {
        let other = try TestSite()
        var server = try site.server(revocation: true)
        server.trustAnchorsPath = try site.bundle(
            [site.authority.certificatePath, other.authority.certificatePath])
        try refuse(
            other.terminal(), by: server, as: .revocationUnknown, alert: .unknownAuthority)
    }

    @Test("A certificate of an authority whose revocation list has run out since it was loaded")
    func listRunsOut() throws {
        let context = try TLSContext(site.server(revocation: true))
        // The list lasts 30 days, the certificates 90.
        let later = UTCTime.now.adding(days: 40).epochSeconds
        X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context.sslContext), time_t(later))
        let pair = try EmbeddedPair(
            client: TLSContext(site.client(site.terminal())), server: context)
        try pair.connect()
        try pair.pump()
        #expect(pair.serverEnd.record.faults == [.handshake(.revocationUnknown)])
        #expect(
            pair.clientEnd.record.faults == [.session(.refusedByPeer(.certificateExpired))])
    }

    @Test("A client that wants another protocol")
    func wrongProtocol() throws {
        var client = site.client(try site.terminal())
        client.applicationProtocols = ["settle/9", "h2"]
        let pair = try EmbeddedPair(
            client: TLSContext(client), server: TLSContext(site.server()))
        try pair.connect()
        try pair.pump()
        #expect(pair.serverEnd.record.faults == [.handshake(.alpnMismatch)])
        #expect(
            pair.clientEnd.record.faults == [.handshake(.refusedByPeer(.noApplicationProtocol))])
    }

    @Test("The server's order of protocols rules")
    func protocolOrder() throws {
        var client = site.client(try site.terminal())
        client.applicationProtocols = ["x", "settle/1", "settle/2"]
        var server = try site.server()
        server.applicationProtocols = ["settle/2", "settle/1"]
        let pair = try EmbeddedPair(client: TLSContext(client), server: TLSContext(server))
        try pair.connect()
        try pair.pump()
        #expect(pair.serverEnd.record.handshakes.first?.alpn == "settle/2")
        #expect(pair.clientEnd.record.handshakes.first?.alpn == "settle/2")
    }

    @Test(
        "A client refuses a server of another name",
        arguments: [
            TLSConfiguration.ServerIdentity.hostName("other.test"), .address("127.0.0.2"),
        ])
    func wrongName(_ expected: TLSConfiguration.ServerIdentity) throws {
        let client = site.client(try site.terminal(), expecting: expected)
        let pair = try EmbeddedPair(
            client: TLSContext(client), server: TLSContext(site.server()))
        try pair.connect()
        try pair.pump()
        #expect(pair.clientEnd.record.faults == [.handshake(.wrongServerName)])
        #expect(
            pair.serverEnd.record.faults == [.handshake(.refusedByPeer(.badCertificate))])
    }

    @Test(
        "A client accepts a server of the name it expects",
        arguments: [
            TLSConfiguration.ServerIdentity.hostName("settled.test"), .address("127.0.0.1"),
            .anyHolderOfTrustedCertificate,
        ])
    func rightName(_ expected: TLSConfiguration.ServerIdentity) throws {
        let client = site.client(try site.terminal(), expecting: expected)
        let pair = try EmbeddedPair(
            client: TLSContext(client), server: TLSContext(site.server()))
        try pair.connect()
        try pair.pump()
        #expect(pair.clientEnd.record.handshakes.count == 1)
        #expect(pair.serverEnd.record.handshakes.count == 1)
    }

    @Test("A client refuses a server of another authority")
    func unknownServer() throws {
        let other = try TestSite()
        let pair = try EmbeddedPair(
            client: TLSContext(site.client(site.terminal())), server: TLSContext(other.server()))
        try pair.connect()
        try pair.pump()
        #expect(pair.clientEnd.record.faults == [.handshake(.unknownAuthority)])
        #expect(
            pair.serverEnd.record.faults == [.handshake(.refusedByPeer(.unknownAuthority))])
    }

    @Test("A malformed server name is a fault before any byte is sent")
    func malformedName() throws {
        let client = site.client(nil, expecting: .address("settled.test"))
        let context = try TLSContext(client)
        #expect(
            throws: TLSFault.setting(
                name: "server", problem: "settled.test is not an IP address")
        ) { try TLSHandler(context) }
    }
}
