extension TLSConfiguration {
    /// Fails for a value that no file can make right.
    func validate() throws(TLSFault) {
        if case .server = role, identity == nil {
            throw .setting(name: "identity", problem: "a server needs a certificate and a key")
        }
        guard !applicationProtocols.isEmpty else {
            throw .setting(name: "applicationProtocols", problem: "at least one is needed")
        }
        for name in applicationProtocols where !(1...255).contains(name.utf8.count) {
            throw .setting(
                name: "applicationProtocols", problem: "\"\(name)\" is not 1 to 255 bytes long")
        }
        guard applicationProtocolsOnTheWire.count <= Int(UInt16.max) else {
            throw .setting(name: "applicationProtocols", problem: "too many")
        }
        guard (0...10).contains(verifyDepth) else {
            throw .setting(name: "verifyDepth", problem: "\(verifyDepth) is not 0 to 10")
        }
        guard (.milliseconds(1) ... .seconds(60)).contains(closeDeadline) else {
            throw .setting(name: "closeDeadline", problem: "\(closeDeadline) is not 1 ms to 60 s")
        }
    }

    /// The ALPN list as RFC 7301, section 3.1 has it: each name behind its length byte.
    var applicationProtocolsOnTheWire: [UInt8] {
        applicationProtocols.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
    }
}
