import ArgumentParser
import SettlementClient
import SettlementDomain

/// `settle-replay inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Checks a recording and says what is in it.",
        discussion: """
            EXAMPLE
              settle-replay inspect monday.txt
            """)

    @Argument(help: "The recording; see Protocol/Recording.md.")
    var file: String

    func run() throws {
        do {
            let recording = try Recording(text: try Output.read(file))
            Output.print(Self.summary(of: recording))
        } catch let fault as ReplayFault {
            throw CleanExit.fault(fault.description)
        } catch let fault as RecordingFault {
            throw CleanExit.fault("\(file): \(fault)")
        }
    }

    /// A few lines about a recording.
    static func summary(of recording: Recording) -> String {
        var kinds: [String: Int] = [:]
        var cards: UInt32 = 0
        for request in recording.requests {
            switch request.content {
            case .echo: kinds["echo", default: 0] += 1
            case .status: kinds["status", default: 0] += 1
            case .inquiry(let card):
                kinds["inquiry", default: 0] += 1
                cards = max(cards, card.number)
            case .quote(let sale):
                kinds["quote", default: 0] += 1
                cards = max(cards, sale.card.number)
            case .settle(let sale):
                kinds["settle", default: 0] += 1
                cards = max(cards, sale.card.number)
            }
        }
        let roles = Dictionary(recording.terminals.map { ($0.name, 1) }, uniquingKeysWith: +)
        let seconds = Double(recording.requests.last?.offset ?? 0) / 1_000_000
        func list(_ counts: [String: Int]) -> String {
            counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                .joined(separator: ", ")
        }
        return """
            \(recording.requests.count) requests in \(RunReport.decimals(seconds, 3)) s: \(list(kinds))
            \(recording.terminals.count) terminals: \(list(roles))
            \(cards) cards

            """
    }
}
