/// What a request of the generated workload is.
enum TransactionKind: Int, CaseIterable, Sendable {
    case settle = 0
    case quote = 1
    case inquiry = 2
    case status = 3
    case echo = 4
    case void = 5
    case refund = 6
    case reversal = 7
    /// A receipt's copy.
    case copy = 8

    var name: String { "\(self)" }

    /// Whether it undoes a sale.
    var undoes: Bool { self == .void || self == .refund || self == .reversal }
}

/// How many of a hundred requests are of each kind.
struct TransactionMix: Sendable, Hashable {
    /// By `TransactionKind.rawValue`; they sum to 100.
    let percent: [Int]

    /// Only settles.
    static let settles = TransactionMix(percent: [100, 0, 0, 0, 0, 0, 0, 0, 0])
    /// A day's whole life: what `life` stands for.
    static let life = TransactionMix(percent: [60, 8, 6, 4, 1, 4, 9, 6, 2])

    private init(percent: [Int]) {
        self.percent = percent
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
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2,
                let kind = TransactionKind.allCases.first(where: { $0.name == pair[0] }),
                let value = Int(pair[1]), (0...100).contains(value)
            else { throw MixFault(problem: "'\(part)' is not <kind>=<percent>") }
            percent[kind.rawValue] += value
        }
        let sum = percent.reduce(0, +)
        guard sum == 100 else { throw MixFault(problem: "the percentages sum to \(sum), not 100") }
        self.percent = percent
    }

    /// Whether anything is undone.
    var undoes: Bool {
        TransactionKind.allCases.contains { $0.undoes && percent[$0.rawValue] > 0 }
    }

    /// The kind at a point of 0..<100.
    func kind(at point: Int) -> TransactionKind {
        var rest = point
        for kind in TransactionKind.allCases {
            rest -= percent[kind.rawValue]
            if rest < 0 { return kind }
        }
        return .settle
    }
}

/// A mix that cannot be read.
struct MixFault: Error, Hashable, CustomStringConvertible {
    var problem: String
    /// What could have been said.
    var known = TransactionKind.allCases.map(\.name) + ["life"]

    var description: String { "\(problem); known: " + known.joined(separator: ", ") }
}
