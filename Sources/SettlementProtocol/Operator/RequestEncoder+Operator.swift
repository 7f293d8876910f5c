import Foundation
import Ledger
import SettlementDomain

extension RequestEncoder {
    /// Registers all or none, or says what would become of each.
    public static func operatorApply(_ request: OperatorApplyRequest) -> [UInt8] {
        var wire = WireOperatorApply()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.registrations = request.registrations.map { Data(JournalCoding.encode($0)) }
        wire.dryRun = request.isDryRun
        return wire.bodyBytes
    }

    /// Asks one page of a question.
    public static func operatorQuery(_ request: OperatorQueryRequest) -> [UInt8] {
        var wire = WireOperatorQuery()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.query = Data(OperatorCoding.encode(request.question))
        return wire.bodyBytes
    }

    /// Gives the daemon a task.
    public static func operatorMaintenance(_ request: OperatorMaintenanceRequest) -> [UInt8] {
        var wire = WireOperatorMaintenance()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.task = request.task
        wire.argument = request.argument
        return wire.bodyBytes
    }
}
