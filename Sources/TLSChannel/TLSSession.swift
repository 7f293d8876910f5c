import COpenSSL
import NIOCore

/// One TLS connection's state in libssl, driven by bytes alone; confined to its event loop.
///
/// After every call the ciphertext it produced is to be taken with ``takeOutbound()``: a failed
/// step leaves the alert there, and a read may leave an answer to a key update.
final class TLSSession {
    /// How far a call got.
    enum Step {
        case done
        /// libssl waits for bytes of the peer.
        case needsInput
        case failed(TLSFailure)
    }

    /// Why reading stopped.
    enum ReadEnd {
        /// The bytes asked for are there, and perhaps more can be read.
        case full
        case needsInput
        /// The peer said close_notify: nothing follows.
        case closeNotify
        case failed(TLSFailure)
    }

    /// The largest plaintext of one TLS record.
    static let recordBytesMax = 16_384
    /// More than any cipher suite of TLS 1.2 or 1.3 adds to a record.
    static let recordOverheadBytesMax = 64

    private let ssl: OpaquePointer
    private let bio: ByteBufferBIO
    /// Keeps what the callbacks of the SSL_CTX point to.
    private let context: TLSContext
    /// close_notify must not be sent before the handshake is complete nor after a fatal error.
    private var mayShutDown = false

    init(_ context: TLSContext) throws(TLSFault) {
        ERR_clear_error()
        let bio = ByteBufferBIO()
        guard let ssl = SSL_new(context.sslContext) else {
            throw .handshake(.other(OpenSSLError.takeText()))
        }
        guard let rawBIO = bio.makeBIO() else {
            SSL_free(ssl)
            throw .handshake(.other(OpenSSLError.takeText()))
        }
        SSL_set_bio(ssl, rawBIO, rawBIO)
        self.ssl = ssl
        self.bio = bio
        self.context = context
        switch context.configuration.role {
        case .server: SSL_set_accept_state(ssl)
        case .client(let server):
            SSL_set_connect_state(ssl)
            try expect(server)
        }
    }

    deinit {
        SSL_free(ssl)
    }

    private func expect(_ server: TLSConfiguration.ServerIdentity) throws(TLSFault) {
        switch server {
        case .anyHolderOfTrustedCertificate: return
        case .hostName(let name):
            SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            guard SSL_set1_host(ssl, name) == 1, COpenSSL_SSL_set_tlsext_host_name(ssl, name) == 1
            else {
                throw .setting(name: "server", problem: "\(name) is not a host name")
            }
        case .address(let address):
            guard X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address) == 1 else {
                throw .setting(name: "server", problem: "\(address) is not an IP address")
            }
        }
    }

    /// Hands over ciphertext of the peer.
    func receive(_ ciphertext: ByteBuffer) {
        bio.receive(ciphertext)
    }

    /// Takes the ciphertext for the peer that the last calls made; `nil` if there is none.
    func takeOutbound() -> ByteBuffer? {
        bio.takeOutbound()
    }

    /// How many bytes of ciphertext wait to be taken.
    var outboundBytes: Int { bio.outboundBytes }

    /// Goes on with the handshake as far as the peer's bytes reach.
    func handshake() -> Step {
        OpenSSLError.clear()
        let result = SSL_do_handshake(ssl)
        guard result == 1 else { return unfinished(result) }
        mayShutDown = true
        return .done
    }

    /// What the handshake agreed; for use once it is done.
    ///
    /// - Throws: `alpnMismatch` if the peer agreed to no application protocol, which a client
    ///   finds out only here, and `noCertificate`.
    func agreement() throws(TLSFailure) -> TLSHandshakeCompleted {
        var name: UnsafePointer<UInt8>?
        var nameBytes: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &nameBytes)
        guard let name, nameBytes > 0 else { throw .alpnMismatch }
        guard let certificate = SSL_get0_peer_certificate(ssl) else { throw .noCertificate }
        let alpn = UnsafeBufferPointer(start: name, count: Int(nameBytes))
        return TLSHandshakeCompleted(
            alpn: String(decoding: alpn, as: UTF8.self),
            peerCertificate: PeerCertificate(certificate),
            protocolVersion: String(cString: SSL_get_version(ssl)),
            cipherSuite: String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)))
        )
    }

    /// Encrypts bytes into one record; for use once the handshake is done.
    ///
    /// - Parameter plaintext: 1 to ``recordBytesMax`` bytes.
    /// - Returns: `done`, or what failed; never `needsInput`, as the BIO takes every write.
    func write(_ plaintext: UnsafeRawBufferPointer) -> Step {
        OpenSSLError.clear()
        var written = 0
        let result = SSL_write_ex(ssl, plaintext.baseAddress, plaintext.count, &written)
        return result == 1 ? .done : unfinished(result)
    }

    /// Makes room for the records of so many bytes of plaintext.
    func reserveOutbound(plaintextBytes: Int) {
        let records = (plaintextBytes + Self.recordBytesMax - 1) / Self.recordBytesMax
        bio.reserveOutbound(plaintextBytes + records * Self.recordOverheadBytesMax)
    }

    /// Decrypts what has arrived, until `plaintext` holds `bytesMax` or libssl wants more.
    ///
    /// Short records go through a small buffer on the stack, so that an idle or dripping
    /// connection allocates nothing.
    ///
    /// - Parameters:
    ///   - plaintext: what is read is appended; left without storage if nothing is read.
    ///   - bytesMax: reading stops at the first record that reaches this.
    /// - Returns: why it stopped; also with a failure, what was appended before is authentic.
    func read(into plaintext: inout ByteBuffer, bytesMax: Int) -> ReadEnd {
        while plaintext.readableBytes < bytesMax {
            let first = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { chunk in
                let end = read(chunk)
                if case .bytes(let count) = end {
                    if plaintext.capacity == 0 {
                        let more = Int(SSL_pending(ssl)) + bio.inboundBytes
                        plaintext.reserveCapacity(min(count + more, bytesMax))
                    }
                    plaintext.writeBytes(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
                }
                return end
            }
            if case .stopped(let end) = first { return end }
            let rest = Int(SSL_pending(ssl))
            if rest > 0 {
                var end: ReadEnd?
                plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: rest) { space in
                    let target = UnsafeMutableRawBufferPointer(rebasing: space[..<rest])
                    switch read(target) {
                    case .bytes(let count): return count
                    case .stopped(let reason):
                        end = reason
                        return 0
                    }
                }
                if let end { return end }
            }
            // Asked again, libssl would look for the next record first, and say no more.
            if plaintext.readableBytes < bytesMax, hasReadEverything { return .needsInput }
        }
        return .full
    }

    /// Whether no byte of the peer is left, here or in libssl.
    private var hasReadEverything: Bool { bio.inboundBytes == 0 && SSL_has_pending(ssl) == 0 }

    /// Writes close_notify, if the state of the session permits it.
    func sendCloseNotify() {
        guard mayShutDown else { return }
        mayShutDown = false
        OpenSSLError.clear()
        if SSL_shutdown(ssl) < 0 {
            ERR_clear_error()
        }
    }

    /// Asks for fresh traffic keys at the next write (TLS 1.3 KeyUpdate).
    ///
    /// - Returns: whether the session could do so.
    func updateKeys() -> Bool {
        OpenSSLError.clear()
        guard SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 else { return false }
        return SSL_do_handshake(ssl) == 1
    }

    private enum Read {
        case bytes(Int)
        case stopped(ReadEnd)
    }

    private func read(_ target: UnsafeMutableRawBufferPointer) -> Read {
        OpenSSLError.clear()
        var count = 0
        let result = SSL_read_ex(ssl, target.baseAddress, target.count, &count)
        if result == 1 { return .bytes(count) }
        if SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN {
            return .stopped(.closeNotify)
        }
        switch unfinished(result) {
        case .done, .needsInput: return .stopped(.needsInput)
        case .failed(let failure): return .stopped(.failed(failure))
        }
    }

    /// Must follow the failed call at once, on the same thread: the error queue is the thread's.
    private func unfinished(_ result: Int32) -> Step {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .failed(.truncated)
        default:
            mayShutDown = false
            return .failed(TLSFailure(takingErrorOf: ssl))
        }
    }
}
