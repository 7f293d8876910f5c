import Ledger
import NIOCore
import SettlementDomain

extension RequestDecoder {
    static func operatorApply(_ body: ByteBuffer) throws(RequestFault) -> OperatorApplyRequest {
        let path = "operator_apply"
        guard let wire = WireOperatorApply(body: body) else { throw unreadable(path) }
        let header = try header(path, wire.businessDate, wire.stan, wire.terminalTime)
        var registrations: [Registration] = []
        registrations.reserveCapacity(wire.registrations.count)
        for (index, bytes) in wire.registrations.enumerated() {
            do {
                registrations.append(try JournalCoding.decode(Registration.self, [UInt8](bytes)))
            } catch {
                throw badRecord("\(path).registrations[\(index)]", error)
            }
        }
        return OperatorApplyRequest(
            header: header, registrations: registrations, isDryRun: wire.dryRun)
    }

    static func operatorQuery(_ body: ByteBuffer) throws(RequestFault) -> OperatorQueryRequest {
        let path = "operator_query"
        guard let wire = WireOperatorQuery(body: body) else { throw unreadable(path) }
        let header = try header(path, wire.businessDate, wire.stan, wire.terminalTime)
        do {
            return OperatorQueryRequest(
                header: header, question: try OperatorCoding.question([UInt8](wire.query)))
        } catch {
            throw badRecord("\(path).query", error)
        }
    }

    static func operatorMaintenance(
        _ body: ByteBuffer
    ) throws(RequestFault) -> OperatorMaintenanceRequest {
        let path = "operator_maintenance"
        guard let wire = WireOperatorMaintenance(body: body) else { throw unreadable(path) }
        let header = try header(path, wire.businessDate, wire.stan, wire.terminalTime)
        guard !wire.task.isEmpty else { throw .missing("\(path).task") }
        let bytesMax = OperatorMaintenanceRequest.textBytesMax
        return OperatorMaintenanceRequest(
            header: header, task: try text("\(path).task", wire.task, bytesMax: bytesMax),
            argument: try text("\(path).argument", wire.argument, bytesMax: bytesMax))
    }

    static func dayClose(_ body: ByteBuffer) throws(RequestFault) -> DayCloseRequest {
        let path = "day_close"
        guard let wire = WireDayClose(body: body) else { throw unreadable(path) }
        return DayCloseRequest(
            header: try header(path, wire.businessDate, wire.stan, wire.terminalTime),
            date: try requiredDate(path, "date", wire.date),
            next: try date("\(path).next", wire.next))
    }

    private static func badRecord(_ path: String, _ fault: CodingFault) -> RequestFault {
        .format(.bodyUnreadable, path, "byte \(fault.offset): expected \(fault.expected)")
    }
}
