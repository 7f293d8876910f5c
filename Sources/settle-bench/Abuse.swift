import ArgumentParser
import NIOCore
import Synchronization

/// `settle-bench abuse`.
struct Abuse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abuse",
        abstract: "Does to a daemon what no terminal does, for so many seconds.",
        discussion: """
            KINDS
              handshakes   full handshakes with certificates, each closed at once
              anonymous    handshakes without a certificate, which are refused
              hellos       a ClientHello each, closed when the daemon has answered it
              silent       TCP connections that say nothing, opened again when they are closed
              certificate  connections with one certificate that say nothing, opened again likewise
              unread       catalog pages asked for by the thousand, and no answer taken
              trickle      frames sent byte by byte, ten bytes a second
              oversized    frames that announce gigabytes, with a megabyte behind
              guesses      card inquiries with wrong PINs, as fast as they are answered

            --peers of them go on side by side, on one thread. Prints JSON when the time is over.

            EXAMPLE
              settle-bench abuse handshakes --terminals site/terminals --cards site/cards.csv \\
                --port 9600 --peers 64 --seconds 10
            """)

    /// What is done.
    enum Kind: String, CaseIterable, ExpressibleByArgument, Sendable {
        case handshakes, anonymous, hellos, silent, certificate, unread, trickle, oversized, guesses
    }

    @Argument(help: "What is done.")
    var kind: Kind

    @Option(help: "Folder of terminals' credentials; the last of them are used.")
    var terminals: String

    @Option(help: "CSV file of cards, whose PINs are guessed.")
    var cards: String

    @Option(help: "The daemon's port, if not the one that the credentials name.")
    var port: Int?

    @Option(help: "How many at a time.")
    var peers = 64

    @Option(help: "For how many seconds.")
    var seconds = 10.0

    func run() async throws {
        let tally = AbuseTally(seconds: seconds)
        let target = try AbuseTarget(terminals: terminals, cards: cards, port: port)
        await withTaskGroup(of: Void.self) { group in
            for peer in 0..<peers {
                group.addTask {
                    while !tally.isOver {
                        do {
                            try await target.abuse(kind, peer: peer, tally)
                        } catch {
                            tally.failed()
                            // The backlog may be full, or the descriptors used up.
                            try? await Task.sleep(for: .milliseconds(10))
                        }
                    }
                }
            }
        }
        print(tally.json(kind.rawValue))
    }
}

/// What was done so far, and whether the time is over; counted by all peers.
final class AbuseTally: Sendable {
    private struct Counts {
        var done = 0
        var failed = 0
        var open = 0
        var openMost = 0
    }

    private let counts = Mutex(Counts())
    private let start = ContinuousClock.now
    private let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    var isOver: Bool { remaining <= .zero }

    /// What is left of the time.
    var remaining: TimeAmount {
        let left = seconds - (ContinuousClock.now - start) / .seconds(1)
        return .nanoseconds(Int64(left * 1e9))
    }

    func done(_ count: Int = 1) { counts.withLock { $0.done += count } }

    func failed() { counts.withLock { $0.failed += 1 } }

    func opened() {
        counts.withLock { counts in
            counts.open += 1
            counts.openMost = max(counts.openMost, counts.open)
        }
    }

    func closed() { counts.withLock { $0.open -= 1 } }

    func json(_ kind: String) -> String {
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        return counts.withLock { counts in
            "{\"kind\": \"\(kind)\", \"seconds\": \(elapsed), \"done\": \(counts.done), "
                + "\"perSecond\": \(Double(counts.done) / elapsed), \"failed\": \(counts.failed), "
                + "\"openMost\": \(counts.openMost)}"
        }
    }
}
