import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import Synchronization
import TestSite
import Testing

/// Does something while another terminal makes one sale after the other on one connection, each of
/// which must be approved, and whose money must be right at the end.
///
/// - Returns: how many sales there were.
@discardableResult
func whileServed(
    _ daemon: RunningDaemon, at name: TerminalID = Town.Terminal.otherPharmacy,
    _ body: () async throws -> Void
) async throws -> Int {
    let patient = Patient.new(balance: 1_000_000_000)
    try await daemon.admit(patient)
    let terminal = try await daemon.connect(name)
    let end = Ending()
    return try await withThrowingTaskGroup(of: Int.self) { group in
        group.addTask {
            var served = 0
            repeat {
                let answer = try await terminal.settle(patient.purchase(1))
                #expect(answer.code == "00" && !answer.result.replayed)
                served += 1
            } while !end.isReached
            return served
        }
        do {
            try await body()
        } catch {
            end.reach()
            throw error
        }
        end.reach()
        let served = try await group.next() ?? 0
        #expect(try await Books(daemon).balance(of: patient) == 1_000_000_000 - Int64(served))
        await terminal.close()
        return served
    }
}

/// Whether what is waited for is over; set once.
private final class Ending: Sendable {
    private let flag = Atomic(false)

    var isReached: Bool { flag.load(ordering: .acquiring) }

    func reach() { flag.store(true, ordering: .releasing) }
}

/// Asks until it holds; a test that waits for something must name it.
func eventually(
    _ what: String, _ holds: () async throws -> Bool
) async throws {
    for _ in 1...100_000 {
        if try await holds() { return }
        await Task.yield()
    }
    Issue.record("never: \(what)")
}

extension RunningDaemon {
    /// The most memory that the daemon ever held.
    func peakKilobytes() throws -> Int {
        let status = try String(
            contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    }

    /// How often a limit of the configuration was reached.
    func reached(_ limit: String) async throws -> Int {
        try await metric("settled_limits_reached_total{limit=\"\(limit)\"}") ?? 0
    }

    /// Terminals' connections that are open, with operators'.
    func openConnections() async throws -> Int {
        try await metric("settled_connections_open") ?? 0
    }
}
