/// Of how many thousand requests each fault befalls one.
struct FaultPlan: Sendable, Hashable {
    /// By `Fault.rawValue`, in thousandths; that of `none` is not used.
    private var thousandths = [Int](repeating: 0, count: Fault.allCases.count)

    /// No faults.
    static let none = FaultPlan()

    private init() {}

    /// Reads `cut-after=1,late=0.5`: per cent, at most one decimal.
    ///
    /// - Throws: what is wrong with the text.
    init(_ text: String) throws(MixFault) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2,
                let fault = Fault.allCases.first(where: { $0.name == pair[0] && $0 != .none }),
                let rate = Self.thousandths(pair[1])
            else {
                throw MixFault(
                    problem: "'\(part)' is not <fault>=<percent>",
                    known: Fault.allCases.dropFirst().map(\.name))
            }
            thousandths[fault.rawValue] += rate
        }
        let sum = thousandths.reduce(0, +)
        guard sum <= 1000 else {
            throw MixFault(problem: "the percentages sum to more than 100", known: [])
        }
    }

    /// The fault at a point of 0..<1000.
    func fault(at point: Int) -> Fault {
        var rest = point
        for fault in Fault.allCases.dropFirst() {
            rest -= thousandths[fault.rawValue]
            if rest < 0 { return fault }
        }
        return .none
    }

    /// Whether there are any.
    var isEmpty: Bool { thousandths.allSatisfy { $0 == 0 } }

    private static func thousandths(_ percent: String) -> Int? {
        let parts = percent.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(parts.count), let whole = parts[0], (0...100).contains(whole) else {
            return nil
        }
        guard parts.count == 2 else { return whole * 10 }
        guard let tenths = parts[1], (0...9).contains(tenths) else { return nil }
        return whole * 10 + tenths
    }
}
