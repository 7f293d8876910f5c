import Ledger
import SettlementProtocol

// What may be answered.
extension Simulation {
    /// Holds an answer against what is recorded.
    ///
    /// - Returns: whether it is the request's answer, for good.
    /// - Throws: `Violation` where it is none that may be given.
    func judge(
        _ body: [UInt8], _ response: TerminalResponse, of task: SimulatedTask, isForged: Bool
    ) throws -> Bool {
        let (code, reason) = (response.result.code, response.result.reason)
        let what = "\(task.kind) \(task.key) answered \(code.text), \(reason)"
        task.lastTold = "\(code.text), \(reason)"
        note(body, task)
        let recorded = witness.recorded[task.key]
        if let recorded, !isForged, body == recorded || body == Self.replayed(recorded) {
            return true
        }
        switch code {
        case .unavailable, .dayClose:
            // Nothing was executed of this sending.
            if task.sendings == 1, recorded != nil { throw Violation("\(what), and was executed") }
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
            guard task.hasUnusablePIN else { throw Violation("\(what): its block was good") }
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
        if task.unanswered == 0, task.answer == nil, recorded != nil {
            throw Violation("\(task.kind) \(task.key): always told that nothing was done, and done")
        }
    }

    private func note(_ body: [UInt8], _ task: SimulatedTask) {
        for byte in body + [UInt8(truncatingIfNeeded: task.key.stan)] {
            report.digest = (report.digest ^ UInt64(byte)) &* 1_099_511_628_211
        }
    }
}

extension SimulatedTask {
    var hasUnusablePIN: Bool {
        switch request {
        case .bill(let bill, _): bill.pin == nil
        case .inquiry(_, let pin): pin == nil
        default: false
        }
    }
}
