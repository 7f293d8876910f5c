import Ledger
import SettlementProtocol
import SettlementServer

/// Answers each request at once with the same body.
struct FixedAnswers: RequestSink {
    let router: ReplyRouter
    private let body = ResponseEncoder.result(
        code: .approved, reason: .none, detail: "fixed", businessDate: Site.today,
        time: Site.millis)

    init(router: ReplyRouter) {
        self.router = router
    }

    func offer(_ requests: [PendingRequest]) -> Admission {
        router.send(
            requests.map { request in
                Reply(
                    origin: request.origin, body: body, code: .approved, reason: .none,
                    arrived: request.arrived)
            })
        return .accepted
    }
}
