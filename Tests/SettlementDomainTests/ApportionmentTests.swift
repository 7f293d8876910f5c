import Testing

@testable import SettlementDomain

@Suite("Largest remainder")
struct ApportionmentTests {
    /// The method as a person would do it, with plain 64-bit numbers.
    private func byHand(_ total: Int64, _ weights: [Int64]) -> [Int64] {
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return weights }
        var shares = weights.map { total * $0 / sum }
        let order = weights.indices.sorted {
            let (left, right) = (total * weights[$0] % sum, total * weights[$1] % sum)
            return left == right ? $0 < $1 : left > right
        }
        for index in order.prefix(Int(total - shares.reduce(0, +))) { shares[index] += 1 }
        return shares
    }

    private func divide(_ total: Int64, _ weights: [Int64]) -> [Int64] {
        var apportionment = Apportionment(count: weights.count)
        apportionment.values = weights
        apportionment.divide(Money(fen: total))
        return apportionment.values
    }

    @Test("every total over up to four weights of up to five fen")
    func exhaustive() {
        for count in 1...4 {
            let combinations = (0..<count).reduce(1) { product, _ in product * 6 }
            for number in 0..<combinations {
                var rest = number
                let weights = (0..<count).map { _ in
                    defer { rest /= 6 }
                    return Int64(rest % 6)
                }
                for total in 0...weights.reduce(0, +) {
                    let shares = divide(total, weights)
                    guard shares == byHand(total, weights), shares.reduce(0, +) == total,
                        zip(shares, weights).allSatisfy({ 0...$1 ~= $0 })
                    else {
                        Issue.record("\(total) over \(weights) gave \(shares)")
                        return
                    }
                }
            }
        }
    }

    @Test("ties go to the earlier line")
    func ties() {
        #expect(divide(2, [1, 1, 1]) == [1, 1, 0])
        #expect(divide(1, [5, 5]) == [1, 0])
    }

    @Test("many lines with many left-over fen are dealt as by hand")
    func manyLines() {
        var random = Seeded(seed: 7)
        for _ in 0..<200 {
            let weights = (0..<200).map { _ in random.below(1000) }
            let total = random.below(weights.reduce(0, +) + 1)
            let shares = divide(total, weights)
            #expect(shares == byHand(total, weights))
        }
    }

    @Test("amounts at the limit do not overflow")
    func limit() {
        let limit = Money.limit.fen
        let shares = divide(limit - 1, [limit / 2, limit / 2])
        #expect(shares == [limit / 2, limit / 2 - 1])
    }
}
