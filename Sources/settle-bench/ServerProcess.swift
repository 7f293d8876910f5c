import Foundation

/// What the kernel says of a server that is measured, and of its worker processes if it has any.
struct ServerProcess {
    let ids: [Int32]

    init(_ id: Int32) {
        let children = try? String(
            contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
        ids = [id] + (children ?? "").split(separator: " ").compactMap { Int32($0) }
    }

    /// Resident memory, in KiB.
    func residentKiB() throws(BenchFault) -> Int {
        var sum = 0
        for id in ids {
            guard
                let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
                let value = line.split(whereSeparator: \.isWhitespace).dropFirst().first,
                let kibibytes = Int(value)
            else { throw BenchFault("process \(id): no VmRSS") }
            sum += kibibytes
        }
        return sum
    }

    /// Processor time, user and system, in seconds; in steps of a hundredth.
    func processorSeconds() throws(BenchFault) -> Double {
        var ticks = 0
        for id in ids {
            // Behind the command's name, which may hold anything but ends with the last bracket.
            guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { throw BenchFault("process \(id): no times") }
            let fields = text[end...].split(separator: " ")
            guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
                throw BenchFault("process \(id): no times")
            }
            ticks += user + system
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
