import Foundation
import Ledger
import SettlementDomain

extension ResponseEncoder {
    /// The answer to an operator's question; `next` gives the next page, nil where this was the last.
    public static func operatorPage(
        _ page: StorePage, next: StoreQuestion? = nil, businessDate: CivilDate?, time: Int64
    ) -> [UInt8] {
        var wire = WireOperatorResponse(
            ResultFields(code: .approved, businessDate: businessDate, time: time))
        wire.records = OperatorCoding.encode(page).map { Data($0) }
        if let next { wire.nextPage = Data(OperatorCoding.encode(next)) }
        return wire.bodyBytes
    }

    /// The answer to a maintenance task: lines for the operator to read.
    public static func maintenance(_ lines: [String], _ result: ResultFields) -> [UInt8] {
        var wire = WireOperatorResponse(result)
        wire.records = lines.map { Data($0.utf8) }
        return wire.bodyBytes
    }

    static func registered(_ results: [RegistrationResult], _ result: ResultFields) -> [UInt8] {
        var wire = WireOperatorResponse(result)
        wire.records = results.map { Data(JournalCoding.encode($0)) }
        return wire.bodyBytes
    }
}
