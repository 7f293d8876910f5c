import ArgumentParser
import Foundation

/// `settle-bench handshakes`.
struct Handshakes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handshakes",
        abstract: "Makes full TLS handshakes with client certificates and says what each costs.",
        discussion: """
            Connections are opened one after the other and closed once the handshake is done; \
            nothing is resumed. The cost is the server's processor time, its workers' included. \
            Prints JSON.

            EXAMPLE
              settle-bench handshakes --terminals site/terminals --port 9600 --pid 4711
            """)

    @Option(help: "Folder of terminals' credentials.")
    var terminals: String

    @Option(help: "The server's port, if not the one that the credentials name.")
    var port: Int?

    @Option(help: "The server's process id.")
    var pid: Int32

    @Option(help: "The application protocol that is offered, of another server than ours.")
    var alpn: String?

    @Option(help: "Handshakes that are measured; a tenth as many come before, to warm up.")
    var count = 3000

    func run() async throws {
        let connections = try BareConnections(folder: terminals, port: port, alpn: alpn, most: 64)
        let server = ServerProcess(pid)
        for turn in 0..<(count / 10) { await (try await connections.handshake(turn))() }
        let before = try server.processorSeconds()
        let start = ContinuousClock.now
        for turn in 0..<count { await (try await connections.handshake(turn))() }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let each = (try server.processorSeconds() - before) / Double(count) * 1_000_000
        print(
            "{\"handshakes\": \(count), \"microsecondsEach\": \(each), "
                + "\"perSecond\": \(Double(count) / seconds)}")
    }
}
