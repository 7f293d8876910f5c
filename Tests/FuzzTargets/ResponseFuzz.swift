import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol

/// A response's body, as a terminal reads it, prints it and counts it.
///
/// The first byte is the kind, the rest the body.
enum ResponseFuzz {
    static func run(_ bytes: [UInt8]) throws -> Bool {
        guard let kind = bytes.first else { return false }
        let body = ByteBuffer(bytes: bytes.dropFirst())
        _ = ResponseSummary(body)
        _ = ResponseSummary(body, isUndoing: true)
        let frame = Frame(kind: kind, requestID: 1, body: body)
        guard let response = try? ResponseDecoder.decode(frame, terminal: Samples.terminal) else {
            return false
        }
        switch response.payload {
        case .settlement, .none:
            let receipt = Receipt(
                institution: Samples.institution, institutionName: "Spring Pharmacy",
                key: Samples.key, visitType: .pharmacyPurchase, lines: [], response: response)
            try check(receipt.text)
        case .undone:
            let slip = UndoSlip(
                title: "REFUND", institution: Samples.institution,
                institutionName: "Spring Pharmacy", key: Samples.key, response: response)
            try check(slip.text)
        default: break
        }
        return true
    }

    private static func check(_ text: String) throws {
        try FuzzFinding.unless(
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" },
            "a control character is printed")
    }
}

/// Constants of this module.
enum Samples {
    static let terminal = checked(TerminalID("T0000001"))
    static let institution = checked(InstitutionID("P99010000001"))
    static let day = checked(CivilDate(yyyymmdd: 2026_11_23))
    static let key = RequestKey(terminal: terminal, date: day, stan: 103)

    /// The value, which this module wrote itself and so must be one.
    static func checked<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a constant is no \(Value.self)") }
        return value
    }
}
