/// Makes a failing run smaller for as long as it fails: without ingredients, terminals and turns.
///
/// A turn's choices are its own, so what is left out leaves the rest alike. Any violation counts:
/// the smallest run may find another one than the first did.
public struct Minimiser {
    /// The smallest run that failed so far.
    public private(set) var options: Simulation.Options
    /// What it found.
    public private(set) var violation: String
    private var runsLeft: Int

    /// Begins with a run; nil where it does not fail.
    ///
    /// - Parameters:
    ///   - options: the run.
    ///   - runsMax: so many runs are tried at most.
    public init?(_ options: Simulation.Options, runsMax: Int = 600) {
        self.options = options
        runsLeft = runsMax
        violation = ""
        guard tries(options) else { return nil }
    }

    /// Leaves out what is not needed.
    public mutating func minimise() {
        leaveOutIngredients()
        leaveOutTerminals()
        leaveOutTurns()
        leaveOutIngredients()
    }

    /// The last events of the smallest run, and what it finds.
    public func trace(lines: Int) -> [String] {
        var options = options
        options.isTraced = true
        guard let simulation = try? Simulation(options) else { return [violation] }
        do {
            _ = try simulation.run()
            return simulation.events.suffix(lines) + ["does not fail any more"]
        } catch {
            return simulation.events.suffix(lines) + ["\(error)"]
        }
    }

    /// Whether a run fails; it is the smallest then.
    private mutating func tries(_ candidate: Simulation.Options) -> Bool {
        guard runsLeft > 0 else { return false }
        runsLeft -= 1
        var candidate = candidate
        do {
            let simulation = try Simulation(candidate)
            do {
                _ = try simulation.run()
                return false
            } catch {
                // What would have come later is not needed.
                candidate.steps = min(candidate.steps, simulation.turn)
                violation = "\(error)"
            }
        } catch {
            candidate.steps = 0
            violation = "\(error)"
        }
        options = candidate
        return true
    }

    private mutating func leaveOutIngredients() {
        for ingredient in Ingredient.allCases where !options.without.contains(ingredient) {
            var candidate = options
            candidate.without.insert(ingredient)
            _ = tries(candidate)
        }
    }

    private mutating func leaveOutTerminals() {
        for terminal in options.terminals.numbers where options.terminals.numbers.count > 1 {
            var candidate = options
            candidate.terminals = NumberSet(options.terminals.numbers.filter { $0 != terminal })
            _ = tries(candidate)
        }
    }

    /// Halves, quarters and so on of the turns, down to single ones.
    private mutating func leaveOutTurns() {
        var count = max(1, turns.count / 2)
        while true {
            var place = 0
            while place < turns.count {
                let left = turns
                var candidate = options
                candidate.turns = NumberSet(
                    left[..<place] + left[min(place + count, left.count)...])
                // Where it fails without them, the next ones have moved up to their place.
                if !tries(candidate) { place += count }
            }
            if count == 1 || runsLeft == 0 { return }
            count = max(1, count / 2)
        }
    }

    private var turns: [Int] {
        let all = options.turns?.numbers ?? Array(1...max(1, options.steps))
        return all.filter { $0 <= options.steps }
    }
}

extension Simulation.Options {
    /// The command line that repeats the run.
    public var commandLine: String {
        var words = [
            "Scripts/simulate", "--seed", "\(seed)", "--count", "1", "--store", "\(store)",
        ]
        words += ["--steps", "\(steps)"]
        if !without.isEmpty {
            words += ["--without", without.map(\.rawValue).sorted().joined(separator: ",")]
        }
        if terminals != NumberSet(Town.terminalNumbers) {
            words += ["--terminals", "\(terminals)"]
        }
        if let turns {
            words += ["--turns", "\(NumberSet(turns.numbers.filter { $0 <= steps }))"]
        }
        if let flaw { words += ["--flaw", "\(flaw)"] }
        return words.joined(separator: " ")
    }
}
