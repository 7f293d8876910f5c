import Ledger
import NIOCore
import SettlementDomain

extension RequestDecoder {
    static func signOn(_ body: ByteBuffer) throws(RequestFault) -> SignOnRequest {
        guard let wire = WireSignOn(body: body) else { throw unreadable("sign_on") }
        let header = try header("sign_on", wire.businessDate, wire.stan, wire.terminalTime)
        guard !wire.terminal.isEmpty else { throw .missing("sign_on.terminal") }
        guard let terminal = TerminalID(wire.terminal) else {
            throw .outOfRange("sign_on.terminal", "must be 8 characters, A-Z and 0-9")
        }
        // A terminal may offer what a later version knows.
        let known = wire.pinAlgorithms.compactMap { algorithm in
            UInt8(exactly: algorithm.rawValue).flatMap(PINKeyAlgorithm.init)
        }
        return SignOnRequest(
            header: header, terminal: terminal,
            pinAlgorithms: wire.pinAlgorithms.isEmpty ? [.aes128] : known,
            software: try text(
                "sign_on.software", wire.software, bytesMax: SignOnRequest.softwareBytesMax),
            masterKeyCheckValue: try checkValue(
                "sign_on.master_key_check_value", Array(wire.masterKeyCheckValue)))
    }

    private static func checkValue(
        _ path: String, _ bytes: [UInt8]
    ) throws(RequestFault) -> [UInt8] {
        guard bytes.isEmpty || bytes.count == SignOnRequest.checkValueBytes else {
            throw .outOfRange(path, "\(bytes.count) bytes, must be 3 or absent")
        }
        return bytes
    }

    static func signOff(_ body: ByteBuffer) throws(RequestFault) -> RequestHeader {
        guard let wire = WireSignOff(body: body) else { throw unreadable("sign_off") }
        return try header("sign_off", wire.businessDate, wire.stan, wire.terminalTime)
    }

    static func echo(_ body: ByteBuffer) throws(RequestFault) -> RequestHeader {
        guard let wire = WireEcho(body: body) else { throw unreadable("echo") }
        return try header("echo", wire.businessDate, wire.stan, wire.terminalTime)
    }

    static func catalogPage(_ body: ByteBuffer) throws(RequestFault) -> CatalogPageRequest {
        guard let wire = WireCatalogPage(body: body) else { throw unreadable("catalog_page") }
        let header = try header("catalog_page", wire.businessDate, wire.stan, wire.terminalTime)
        guard wire.count <= CatalogPageRequest.countMax else {
            throw .outOfRange(
                "catalog_page.count", "\(wire.count), at most \(CatalogPageRequest.countMax)")
        }
        return CatalogPageRequest(
            header: header,
            version: wire.catalogVersion == 0
                ? nil : CatalogVersion(rawValue: wire.catalogVersion),
            firstIndex: wire.firstIndex, count: wire.count == 0 ? nil : wire.count)
    }
}
