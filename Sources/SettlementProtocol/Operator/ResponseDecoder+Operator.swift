import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension ResponseDecoder {
    /// What an operator's request gave; nothing where a refusal has no records.
    static func operatorPayload(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        let wire: WireOperatorResponse = try message(kind, body)
        guard wire.code == .approved || !wire.records.isEmpty else { return .none }
        switch kind {
        case .operatorApply:
            var results: [RegistrationResult] = []
            results.reserveCapacity(wire.records.count)
            for record in wire.records {
                results.append(
                    try read { () throws(CodingFault) in
                        try JournalCoding.decode(RegistrationResult.self, [UInt8](record))
                    })
            }
            return .registered(results)
        case .operatorQuery:
            let page = try read { () throws(CodingFault) in
                try OperatorCoding.page(wire.records.map { [UInt8]($0) })
            }
            let next =
                wire.nextPage.isEmpty
                ? nil
                : try read { () throws(CodingFault) in
                    try OperatorCoding.question([UInt8](wire.nextPage))
                }
            return .page(page, next: next)
        default:
            return .maintained(wire.records.map { String(decoding: $0, as: UTF8.self) })
        }
    }

    private static func read<Value>(
        _ decode: () throws(CodingFault) -> Value
    ) throws(ResponseFault) -> Value {
        do throws(CodingFault) {
            return try decode()
        } catch {
            throw .field("records: byte \(error.offset): expected \(error.expected)")
        }
    }
}
