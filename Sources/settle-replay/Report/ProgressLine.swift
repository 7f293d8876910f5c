/// The line that shows how far a run has come.
struct ProgressLine: Sendable {
    /// What is to be done: so many requests, or so many seconds.
    enum Goal: Sendable {
        case requests(Int)
        case seconds(Double)
    }

    let goal: Goal
    private var lastAnswers = 0
    private var lastSeconds = 0.0

    private static let barColumns = 30

    init(goal: Goal) {
        self.goal = goal
    }

    /// The line at a moment, and the rate since the moment before.
    mutating func text(
        seconds: Double, answers: Int, refusals: Int, cuts: Int
    ) -> String {
        let span = seconds - lastSeconds
        let rate = span > 0 ? Double(answers - lastAnswers) / span : 0
        lastAnswers = answers
        lastSeconds = seconds
        let share: Double
        let amount: String
        switch goal {
        case .requests(let count):
            share = count > 0 ? Double(answers) / Double(count) : 1
            amount = "\(Self.grouped(answers)) of \(Self.grouped(count))"
        case .seconds(let length):
            share = length > 0 ? seconds / length : 1
            amount =
                "\(RunReport.decimals(seconds, 0)) of \(RunReport.decimals(length, 0)) s, "
                + Self.grouped(answers)
        }
        let bounded = min(1, max(0, share))
        let full = Int(bounded * Double(Self.barColumns))
        var text =
            "[" + String(repeating: "#", count: full)
            + String(repeating: ".", count: Self.barColumns - full) + "] "
            + "\(RunReport.right(String(Int(bounded * 100)), 3)) %  \(amount)  "
            + "\(Self.grouped(Int(max(0, rate)))) a second"
        if refusals > 0 { text += "  refused \(Self.grouped(refusals))" }
        if cuts > 0 { text += "  cut \(cuts)" }
        return text
    }

    private static func grouped(_ number: Int) -> String {
        RunReport.grouped(UInt64(max(0, number)))
    }
}
