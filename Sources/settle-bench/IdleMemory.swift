import ArgumentParser
import Foundation

/// `settle-bench idle-memory`.
struct IdleMemory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle-memory",
        abstract: "Opens TLS connections and says what each costs the server in memory.",
        discussion: """
            Opens --warm connections first, so that what the server allocates once is not counted, \
            then --connections more, and compares its resident memory (VmRSS). Each is signed on, \
            unless --alpn names another server's protocol. The server's limits, and this process's \
            limit of open files, must allow so many. Prints JSON.

            EXAMPLE
              settle-bench idle-memory --terminals site/terminals --pid 4711 --connections 1000
            """)

    @Option(help: "Folder of terminals' credentials.")
    var terminals: String

    @Option(help: "The server's process id.")
    var pid: Int32

    @Option(help: "Another port than the credentials name.")
    var port: Int?

    @Option(help: "The application protocol that is offered, of another server than ours.")
    var alpn: String?

    @Option(help: "Connections that are measured.")
    var connections = 1000

    @Option(help: "Connections that are opened before.")
    var warm = 100

    func run() async throws {
        let bare = try BareConnections(folder: terminals, port: port, alpn: alpn, most: 1000)
        let server = ServerProcess(pid)
        var open: [() async -> Void] = []
        var before = 0
        for count in 0..<(warm + connections) {
            if count == warm { before = try server.residentKiB() }
            open.append(try await bare.open(count))
        }
        let after = try server.residentKiB()
        for close in open { await close() }
        let each = Double(after - before) / Double(connections)
        print(
            "{\"connections\": \(connections), \"residentKiB\": \(after), "
                + "\"perConnectionKiB\": \(each)}")
    }
}
