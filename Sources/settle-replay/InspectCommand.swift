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
            let content = request.content
            kinds[content.kind.name, default: 0] += 1
            cards = max(cards, content.card ?? 0)
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

extension RecordedRequest.Content {
    /// What it is.
    var kind: TransactionKind {
        switch self {
        case .echo: .echo
        case .status, .statusOf: .status
        case .inquiry: .inquiry
        case .quote: .quote
        case .settle: .settle
        case .void: .void
        case .refund: .refund
        case .reversal: .reversal
        case .copy: .copy
        }
    }

    /// The number of the card in it; nil: none.
    var card: UInt32? {
        switch self {
        case .echo, .status, .statusOf, .copy: nil
        case .inquiry(let card): card.number
        case .quote(let sale), .settle(let sale): sale.card.number
        case .void(let undoing), .refund(let undoing), .reversal(let undoing): undoing.card
        }
    }
}
