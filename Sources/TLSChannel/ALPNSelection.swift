import COpenSSL

/// The server's half of ALPN (RFC 7301): an offer is mandatory, our order of preference rules.
enum ALPNSelection {
    /// Sets the callbacks of a server's context.
    ///
    /// They borrow `context`: each session holds it as long as libssl may call them.
    static func install(in context: TLSContext) {
        SSL_CTX_set_alpn_select_cb(
            context.sslContext,
            { _, chosen, chosenBytes, offer, offerBytes, argument in
                guard let argument, let offer, let chosen, let chosenBytes else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                let context = Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
                let offered = UnsafeBufferPointer(start: offer, count: Int(offerBytes))
                for wanted in context.configuration.applicationProtocols {
                    guard let range = ALPNSelection.range(of: wanted, in: offered) else { continue }
                    // Points into the offer, which outlives the callback; libssl copies it.
                    chosen.pointee = offer + range.lowerBound
                    chosenBytes.pointee = UInt8(truncatingIfNeeded: range.count)
                    return SSL_TLSEXT_ERR_OK
                }
                return SSL_TLSEXT_ERR_ALERT_FATAL
            }, Unmanaged.passUnretained(context).toOpaque())
        // libssl skips the callback above when the client offers nothing at all, so that an
        // absent offer has to be refused where the client's first message is read.
        SSL_CTX_set_client_hello_cb(
            context.sslContext,
            { ssl, alert, _ in
                var bytes: UnsafePointer<UInt8>?
                var count = 0
                let offersALPN = SSL_client_hello_get0_ext(
                    ssl, UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation), &bytes, &count)
                guard offersALPN == 1 else {
                    alert?.pointee = Int32(TLSAlert.noApplicationProtocol.rawValue)
                    return SSL_CLIENT_HELLO_ERROR
                }
                return SSL_CLIENT_HELLO_SUCCESS
            }, nil)
    }

    /// Where a name stands in an offer on the wire; the offer is the peer's and may be malformed.
    static func range(of name: String, in offer: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var start = 0
        while start < offer.count {
            let end = start + 1 + Int(offer[start])
            guard end <= offer.count else { return nil }
            if offer[(start + 1)..<end].elementsEqual(name.utf8) { return (start + 1)..<end }
            start = end
        }
        return nil
    }
}
