import Ledger
import SettlementProtocol

// What may be answered.
extension Simulation {
    /// Holds an answer against what is recorded.
    ///
    /// - Returns: whether it is the request's answer, for good.
    /// - Throws: `Violation` where it is none that may be given.
    func judge(
        _ body: [UInt8], _ response: TerminalResponse, of task: SimulatedTask, isForged: Bool,
        window: SimulatedQuestion?
    ) throws -> Bool {
        let (code, reason) = (response.result.code, response.result.reason)
        let what = "\(task.kind) \(task.key) answered \(code.text), \(reason)"
        task.lastTold = "\(code.text), \(reason)"
        note(body, task)
        let recorded = witness.recorded[task.key]
        if let window, let recorded, code == .approved, !isForged {
            try judge(response, of: task, recorded)
            try witness.close(window, response)
            return true
        }
        if let window { witness.drop(window) }
        if let recorded, !isForged, body == recorded || body == Self.replayed(recorded) {
            return true
        }
        switch code {
        case .unavailable, .dayClose:
            // Nothing was executed of this sending; but who asks for records may have been let in.
            if task.sendings == 1, recorded != nil, !task.asksForRecords {
                throw Violation("\(what), and was executed")
            }
            return false
        case .malfunction:
            task.unanswered += 1
            return false
        case .keyReused:
            guard isForged, recorded != nil else {
                throw Violation("\(what): the content was the same")
            }
            return false
        case .pinBlockUnusable:
            guard recorded == nil else { throw Violation("\(what), and was executed") }
            guard task.request.hasUnusablePIN else {
                throw Violation("\(what): its block was good")
            }
            task.isGivenUp = true
            return false
        case .institutionInvalid, .notPermittedToTerminal:
            // The session says it.
            guard witness.everRefused.contains(task.key.terminal) else {
                throw Violation("\(what): it was never suspended or blocked")
            }
            return false
        case .invalidTransaction where reason == .businessDateUnknown: return false
        default: break
        }
        throw Violation(
            isForged
                ? "\(what), with other content"
                : recorded == nil
                    ? "\(what), and nothing is recorded" : "\(what): not what was recorded")
    }

    /// What a query is told bears the result that was recorded when it was let in.
    private func judge(
        _ response: TerminalResponse, of task: SimulatedTask, _ recorded: [UInt8]
    ) throws {
        let first = try Comparison.response(task.kind, recorded).result
        let now = response.result
        guard first.code == now.code, first.reason == now.reason, first.time == now.time,
            first.businessDate == now.businessDate
        else { throw Violation("\(task): told \(now), and \(first) was recorded") }
    }

    /// Holds the answer to a question against what the model said since it was asked.
    ///
    /// - Returns: whether it was answered.
    func judge(_ response: TerminalResponse, of question: SimulatedQuestion) throws -> Bool {
        let (code, reason) = (response.result.code, response.result.reason)
        switch code {
        case .approved, .totalsDisagree:
            try witness.close(question, response)
            return true
        case .unavailable, .dayClose: break
        case .institutionInvalid, .notPermittedToTerminal:
            guard witness.everRefused.contains(question.terminal) else {
                throw Violation("\(question) answered \(code.text): it was never suspended")
            }
        case .invalidTransaction where reason == .businessDateUnknown && mayBeBehind: break
        default: throw Violation("\(question) answered \(code.text), \(reason)")
        }
        witness.drop(question)
        return false
    }

    /// A daemon may not know yet that another has begun the date, or that itself has.
    private var mayBeBehind: Bool { daemons.count > 1 || hasFaults }

    private static func replayed(_ body: [UInt8]) -> [UInt8] {
        var body = body
        ResponseEncoder.markReplayed(&body)
        return body
    }

    /// After everything: a request of which every sending was refused before anything was executed
    /// has no effect.
    func checkEnd(of task: SimulatedTask) throws {
        let recorded = witness.recorded[task.key]
        if let answer = task.answer, recorded == nil {
            throw Violation(
                "\(task.kind) \(task.key): answered \(answer.count) bytes, and forgotten")
        }
        if task.unanswered == 0, task.answer == nil, recorded != nil, !task.asksForRecords {
            throw Violation("\(task.kind) \(task.key): always told that nothing was done, and done")
        }
    }

    private func note(_ body: [UInt8], _ task: SimulatedTask) {
        for byte in body + [UInt8(truncatingIfNeeded: task.key.stan)] {
            report.digest = (report.digest ^ UInt64(byte)) &* 1_099_511_628_211
        }
    }
}

extension ModelRight {
    fileprivate var isUnusablePIN: Bool {
        if case .pin(nil) = self { true } else { false }
    }
}

extension ModelRequest {
    /// Whether a PIN block of it cannot be opened.
    fileprivate var hasUnusablePIN: Bool {
        switch self {
        case .bill(let bill, _): bill.pin == nil
        case .inquiry(_, let pin): pin == nil
        case .card(let service):
            switch service.step {
            case .changePIN(nil), .reissue(_, _, .unusable): true
            default: service.right.isUnusablePIN
            }
        case .family(let step): step.right.isUnusablePIN
        case .query(let query): query.right.isUnusablePIN
        case .claim(.submit(_, let right, _, _)): right.isUnusablePIN
        case .stay(.admit(_, let pin, _)): pin == nil
        case .stay(.discharge(let discharge, _)): discharge.pin == nil
        default: false
        }
    }
}
