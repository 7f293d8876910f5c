/// How many of a hundred requests are of each kind.
struct TransactionMix: Sendable, Hashable {
    /// By `TransactionKind.rawValue`; with `wrong` they sum to 100.
    let percent: [Int]
    /// Voids, refunds and reversals that are wrong on purpose and must be refused.
    let wrong: Int

    /// Only settles.
    static let settles = TransactionMix(percent: [100, 0, 0, 0, 0, 0, 0, 0, 0], wrong: 0)
    /// A day's whole life: what `life` stands for.
    static let life = TransactionMix(percent: [58, 8, 6, 4, 1, 4, 9, 6, 2], wrong: 2)

    private init(percent: [Int], wrong: Int) {
        self.percent = percent
        self.wrong = wrong
    }

    /// Reads `settle=70,quote=10,inquiry=15,status=5`, or `life`.
    ///
    /// - Throws: what is wrong with the text.
    init(_ text: String) throws(MixFault) {
        guard text != "life" else {
            self = .life
            return
        }
        var percent = [Int](repeating: 0, count: TransactionKind.allCases.count)
        var wrong = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            let kind = TransactionKind.allCases.first { $0.name == pair.first ?? "" }
            guard pair.count == 2, kind != nil || pair[0] == "wrong", let value = Int(pair[1]),
                (0...100).contains(value)
            else { throw MixFault(problem: "'\(part)' is not <kind>=<percent>") }
            if let kind { percent[kind.rawValue] += value } else { wrong += value }
        }
        let sum = percent.reduce(wrong, +)
        guard sum == 100 else { throw MixFault(problem: "the percentages sum to \(sum), not 100") }
        self.init(percent: percent, wrong: wrong)
    }

    /// Whether anything is undone.
    var undoes: Bool {
        wrong > 0 || TransactionKind.allCases.contains { $0.undoes && percent[$0.rawValue] > 0 }
    }

    /// The kind at a point of 0..<100; nil: a wrong one.
    func kind(at point: Int) -> TransactionKind? {
        var rest = point
        for kind in TransactionKind.allCases {
            rest -= percent[kind.rawValue]
            if rest < 0 { return kind }
        }
        return nil
    }
}

/// A mix that cannot be read.
struct MixFault: Error, Hashable, CustomStringConvertible {
    var problem: String
    /// What could have been said.
    var known = TransactionKind.allCases.map(\.name) + ["wrong", "life"]

    var description: String {
        known.isEmpty ? problem : "\(problem); known: " + known.joined(separator: ", ")
    }
}
