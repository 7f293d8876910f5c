import COpenSSL
import CertificateAuthority
import Foundation
import NIOCore
import Testing

@testable import TLSChannel

@Suite("What a revocation list proves, and how often that is verified")
struct RevocationListTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    private func faults(
        of identity: TLSConfiguration.Identity, at server: TLSContext
    ) throws -> [TLSFault] {
        let pair = try EmbeddedPair(client: TLSContext(site.client(identity)), server: server)
        try pair.connect()
        try pair.pump()
        return pair.serverEnd.record.faults
    }

    @Test("A list's signature is verified when it is loaded, and in no handshake")
    func verifiedOnce() throws {
        let good = try site.terminal()
        let revoked = try site.terminal("T0000002")
        let record = try #require(try site.authority.issued().last)
        try site.authority.revoke(serialHex: record.serialHex)
        let context = try TLSContext(site.server(revocation: true))
        spoilSignatures(of: context)
        #expect(try faults(of: good, at: context).isEmpty)
        #expect(try faults(of: revoked, at: context) == [.handshake(.revoked)])
    }

    @Test("A list with an extension that is critical is judged in every handshake")
    func notAsSimple() throws {
        let good = try site.terminal()
        var configuration = try site.server(revocation: true)
        // A scope that takes in these certificates.
        configuration.revocationListPath = try List(site.authority).save(in: site) { list in
            let point = ISSUING_DIST_POINT_new()
            defer { ISSUING_DIST_POINT_free(point) }
            point?.pointee.onlyuser = 0xFF
            return X509_CRL_add1_ext_i2d(list, NID_issuing_distribution_point, point, 1, 0) == 1
        }
        let context = try TLSContext(configuration)
        #expect(try faults(of: good, at: context).isEmpty)
        spoilSignatures(of: context)
        #expect(try faults(of: good, at: context) == [.handshake(.revocationUnknown)])
    }

    @Test("An authority's list proves nothing of the certificates of another of its name")
    func sameName() throws {
        let other = try TestSite()
        var configuration = try site.server(revocation: true)
        configuration.trustAnchorsPath = try site.bundle(
            [site.authority.certificatePath, other.authority.certificatePath])
        // Without the identifier of a key, the name is all by which a list is found.
        configuration.revocationListPath = try List(site.authority).save(in: site)
        let context = try TLSContext(configuration)
        #expect(try faults(of: site.terminal(), at: context).isEmpty)
        #expect(
            try faults(of: other.terminal(), at: context) == [.handshake(.revocationUnknown)])
    }

    /// Changes the last byte of the signature of each list that the context's store has.
    private func spoilSignatures(of context: TLSContext) {
        let objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context.sslContext))
        for index in 0..<OPENSSL_sk_num(objects) {
            let object = OPENSSL_sk_value(objects, index).map(OpaquePointer.init)
            guard let list = X509_OBJECT_get0_X509_CRL(object) else { continue }
            var signature: UnsafePointer<ASN1_BIT_STRING>?
            X509_CRL_get0_signature(list, &signature, nil)
            guard let value = signature?.pointee else { continue }
            value.data[Int(value.length) - 1] ^= 1
        }
    }
}

/// An empty revocation list of an authority that says no more than it must.
private struct List {
    private let authority: CertificateAuthority

    init(_ authority: CertificateAuthority) { self.authority = authority }

    /// - Returns: the path of the list.
    func save(
        in site: TestSite, extending: (OpaquePointer) -> Bool = { _ in true }
    ) throws -> String {
        let certificate = try read(authority.certificatePath) {
            PEM_read_bio_X509($0, nil, nil, nil)
        }
        defer { X509_free(certificate) }
        let keyPath = (authority.certificatePath as NSString).deletingLastPathComponent
        let key = try read(keyPath + "/authority.key") {
            PEM_read_bio_PrivateKey($0, nil, nil, nil)
        }
        defer { EVP_PKEY_free(key) }
        let list = try #require(X509_CRL_new())
        defer { X509_CRL_free(list) }
        let now = UTCTime.now
        let from = ASN1_TIME_set(nil, time_t(now.adding(days: -1).epochSeconds))
        let until = ASN1_TIME_set(nil, time_t(now.adding(days: 1).epochSeconds))
        defer {
            ASN1_TIME_free(from)
            ASN1_TIME_free(until)
        }
        try #require(
            X509_CRL_set_version(list, 1) == 1
                && X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate)) == 1
                && X509_CRL_set1_lastUpdate(list, from) == 1
                && X509_CRL_set1_nextUpdate(list, until) == 1 && extending(list)
                && X509_CRL_sign(list, key, EVP_sha256()) > 0)
        let path = site.folder + "/plain-crl.pem"
        let file = try #require(BIO_new_file(path, "w"))
        defer { BIO_free(file) }
        try #require(PEM_write_bio_X509_CRL(file, list) == 1)
        return path
    }

    private func read(
        _ path: String, as object: (OpaquePointer) -> OpaquePointer?
    ) throws -> OpaquePointer {
        let file = try #require(BIO_new_file(path, "r"))
        defer { BIO_free(file) }
        return try #require(object(file))
    }
}
