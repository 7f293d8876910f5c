/// The last events of a run, in words; kept only where somebody will read them.
final class Trace {
    private let isKept: Bool
    private var turn = 0
    private(set) var lines: [String] = []
    private static let linesMax = 400

    init(isKept: Bool) { self.isKept = isKept }

    func begin(turn: Int) { self.turn = turn }

    func note(_ event: @autoclosure () -> String) {
        guard isKept else { return }
        if lines.count == Self.linesMax { lines.removeFirst(Self.linesMax / 2) }
        lines.append("\(turn): \(event())")
    }
}
