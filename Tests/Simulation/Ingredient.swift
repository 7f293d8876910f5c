/// What a run is made of beside plain sales; each can be left out of it.
public enum Ingredient: String, Sendable, CaseIterable {
    /// Calls of the store fail, and processes die in them.
    case faults
    /// Daemons die between their steps.
    case deaths
    /// More than one daemon, where the store is shared.
    case daemons
    /// Other daemons work between what one has read and what it writes.
    case races
    /// Lines are cut.
    case cuts
    /// Bytes arrive in pieces.
    case pieces
    /// Terminals leave lines behind on which requests are still on their way.
    case departures
    /// Bytes that are no frame.
    case garbage
    /// Clocks jump.
    case clocks
    /// Retries of what was answered long ago, and other content under its key.
    case retries
    /// The operator's registrations.
    case registrations
    /// Day closes.
    case dayCloses
    /// Quotes and inquiries.
    case quotes
    /// Voids, refunds and reversals.
    case undoing
    /// Questions what became of a request.
    case status
    /// Questions whether the day's books agree.
    case reconciliation
    /// PIN changes, loss reports, reissues, unlocks.
    case cards
    /// Family links.
    case family
    /// Contributions and declarations.
    case contributions
    /// Stays in hospital.
    case stays
    /// Claims for bills that were paid in cash.
    case claims
    /// Questions about a person's records.
    case queries
}

/// Turns of a run, or terminals of it, as a command line names them: `1-40,55`.
public struct NumberSet: Sendable, Equatable, CustomStringConvertible {
    /// Ascending.
    public private(set) var numbers: [Int]
    private let members: Set<Int>

    /// These numbers.
    public init(_ numbers: some Sequence<Int>) {
        members = Set(numbers)
        self.numbers = members.sorted()
    }

    /// Reads `1-40,55`; nil for anything else.
    public init?(_ text: String) {
        var numbers: [Int] = []
        for run in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = run.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
                first >= 0, first <= last
            else { return nil }
            numbers += first...last
        }
        self.init(numbers)
    }

    /// Whether a number is one of them.
    public func contains(_ number: Int) -> Bool { members.contains(number) }

    /// `1-40,55`.
    public var description: String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
