import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol

/// An answer to an operator, made off the event loops.
struct OperatorAnswer {
    var code: ResponseCode
    var reason: Reason
    var body: [UInt8]

    /// A page of what is stored, with the question that gives the next.
    static func page(
        _ page: StorePage, of question: StoreQuestion, businessDate: CivilDate, time: Int64
    ) -> OperatorAnswer {
        OperatorAnswer(
            code: .approved, reason: .none,
            body: ResponseEncoder.operatorPage(
                page, next: question.following(page), businessDate: businessDate, time: time))
    }

    /// What a task has to say.
    static func lines(
        _ lines: [String], businessDate: CivilDate, time: Int64
    ) -> OperatorAnswer {
        let fields = ResultFields(code: .approved, businessDate: businessDate, time: time)
        return OperatorAnswer(
            code: .approved, reason: .none, body: ResponseEncoder.maintenance(lines, fields))
    }

    /// Why nothing was done.
    static func refusal(
        _ code: ResponseCode, _ reason: Reason, detail: String, businessDate: CivilDate, time: Int64
    ) -> OperatorAnswer {
        OperatorAnswer(
            code: code, reason: reason,
            body: ResponseEncoder.result(
                code: code, reason: reason, detail: detail, businessDate: businessDate, time: time))
    }

    /// The answer on its way.
    func reply(to origin: Origin, arrived: NIODeadline) -> Reply {
        Reply(origin: origin, body: body, code: code, reason: reason, arrived: arrived)
    }
}
