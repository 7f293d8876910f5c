import TestSupport

/// Where random choices come from: one sequence for each turn of the simulation, made of the seed
/// and the turn's number.
///
/// So a seed repeats its run, and a turn that is left out leaves the choices of all others alike.
final class Chance {
    private let seed: UInt64
    private var source: SplitMix

    init(seed: UInt64) {
        self.seed = seed
        source = SplitMix(seed: seed)
    }

    /// From now on choices are those of a turn.
    func begin(turn: Int) {
        var mixed = SplitMix(seed: UInt64(turn))
        source = SplitMix(seed: seed ^ mixed.next())
    }

    func below(_ bound: Int) -> Int { Int(source.next() >> 33) % bound }
    func one(in count: Int) -> Bool { below(count) == 0 }
    func among<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

extension Array {
    func shuffled(_ chance: Chance) -> [Element] {
        var copy = self
        for index in copy.indices.dropFirst() { copy.swapAt(index, chance.below(index + 1)) }
        return copy
    }
}
