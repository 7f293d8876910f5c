import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import SettlementClient

/// `settle-bench idle-memory`.
struct IdleMemory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle-memory",
        abstract: "Opens signed-on TLS connections and says what each costs the daemon in memory.",
        discussion: """
            Opens --warm connections first, so that what the daemon allocates once is not counted, \
            then --connections more, and compares the daemon's resident memory (VmRSS). The daemon's \
            limits must allow so many a terminal. Prints JSON.

            EXAMPLE
              settle-bench idle-memory --terminals site/terminals --pid 4711 --connections 1000
            """)

    @Option(help: "Folder of terminals' credentials.")
    var terminals: String

    @Option(help: "The daemon's process id.")
    var pid: Int32

    @Option(help: "Another port than the credentials name.")
    var port: Int?

    @Option(help: "Connections that are measured.")
    var connections = 1000

    @Option(help: "Connections that are opened before.")
    var warm = 100

    func run() async throws {
        var credentials = try TerminalCredentials.all(in: terminals)
        if let port {
            for index in credentials.indices { credentials[index].port = port }
        }
        guard !credentials.isEmpty else { throw BenchFault("\(terminals): no credentials") }
        let addresses = try credentials.map { try $0.address() }
        var open: [TerminalConnection] = []
        var before = 0
        for count in 0..<(warm + connections) {
            if count == warm { before = try Self.residentKiB(of: pid) }
            let index = count % credentials.count
            open.append(
                try await TerminalConnection.open(credentials[index], at: addresses[index]))
        }
        let after = try Self.residentKiB(of: pid)
        for connection in open { await connection.close() }
        let each = Double(after - before) / Double(connections)
        print(
            "{\"connections\": \(connections), \"residentKiB\": \(after), "
                + "\"perConnectionKiB\": \(each)}")
    }

    /// The resident memory of a process.
    static func residentKiB(of pid: Int32) throws(BenchFault) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let value = line.split(whereSeparator: \.isWhitespace).dropFirst().first,
            let kibibytes = Int(value)
        else { throw BenchFault("process \(pid): no VmRSS") }
        return kibibytes
    }
}
