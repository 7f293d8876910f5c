import Foundation

/// The JSON files that one run of the benchmarks has left.
struct Figures {
    let folder: String

    /// What is read of settle-replay's JSON.
    struct Replay: Decodable {
        /// Times in microseconds.
        struct Latency: Decodable {
            var answers: UInt64
            var perSecond: Double
            var p50: Double
            var p99: Double
            var max: Double
        }

        struct Check: Decodable {
            var what: String
            var holds: Bool
        }

        var latency: [String: Latency]
        var codes: [String: UInt64]
        var unanswered: UInt64
        var checks: [Check]
    }

    /// A load's latency, of all kinds of requests.
    func latency(_ name: String) throws(BenchFault) -> Replay.Latency {
        guard let latency = try replay(name).latency["all"] else {
            throw BenchFault("\(name): the load had no answers")
        }
        return latency
    }

    /// Sales that a load had approved, and those that were put off, a second.
    func load(_ name: String) throws(BenchFault) -> (approved: Double, refused: Double) {
        let codes = try replay(name).codes
        let latency = try latency(name)
        let seconds = Double(latency.answers) / latency.perSecond
        let approved = (codes["00"] ?? 0) + (codes["10"] ?? 0)
        return (Double(approved) / seconds, Double(codes["91"] ?? 0) / seconds)
    }

    /// Complains of a load whose money or answers did not agree with the ledger.
    func requireSoundness(_ name: String) throws(BenchFault) {
        let load = try replay(name)
        for check in load.checks where !check.holds {
            throw BenchFault("\(name): a check failed: \(check.what)")
        }
        guard load.unanswered == 0 else {
            throw BenchFault("\(name): requests went without answer")
        }
    }

    /// Bytes that passed a relay, both ways.
    func bytes(_ name: String) throws(BenchFault) -> Double {
        try number("toServer", of: name) + number("toTerminal", of: name)
    }

    /// One number of a file.
    func number(_ key: String, of name: String) throws(BenchFault) -> Double {
        let object = try? JSONSerialization.jsonObject(with: try data(name)) as? [String: Any]
        guard let number = object?[key] as? NSNumber else {
            throw BenchFault("\(folder)/\(name).json: no \(key)")
        }
        return number.doubleValue
    }

    private func replay(_ name: String) throws(BenchFault) -> Replay {
        guard let replay = try? JSONDecoder().decode(Replay.self, from: try data(name)) else {
            throw BenchFault("\(folder)/\(name).json: not what settle-replay writes")
        }
        return replay
    }

    private func data(_ name: String) throws(BenchFault) -> Data {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(name).json") else {
            throw BenchFault("\(folder)/\(name).json: cannot be read")
        }
        return data
    }
}
