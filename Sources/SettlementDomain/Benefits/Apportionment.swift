/// Divides a sum in proportion to weights by the largest-remainder method, in fen.
///
/// Its room is kept between divisions, so that the columns of one split share it.
struct Apportionment {
    /// The weights before `divide`, the shares after it; none is negative.
    var values: [Int64]
    private var remainders: [UInt64]

    init(count: Int) {
        values = [Int64](repeating: 0, count: count)
        remainders = [UInt64](repeating: 0, count: count)
    }

    /// Replaces each weight by its share of `total`, which is at most the sum of the weights.
    ///
    /// Shares sum to the total; none is above its weight. Fen that flooring leaves over go to the
    /// largest remainders, ties to the earlier position.
    mutating func divide(_ total: Money) {
        var sum: Int64 = 0
        for value in values { sum += value }
        // The whole goes to everyone: each share is its weight.
        guard total.fen < sum else { return }
        var left = total.fen
        for index in values.indices {
            let (share, remainder) =
                FullWidth.floored(total.fen, by: values[index], over: sum) ?? (0, 0)
            values[index] = share
            remainders[index] = remainder
            left -= share
        }
        // More fen than a few are dealt out in sorted order, not by one search each.
        if left <= 8 { dealBySearch(left) } else { dealBySorting(Int(left)) }
    }

    private mutating func dealBySearch(_ count: Int64) {
        for _ in 0..<count {
            var best = 0
            for index in remainders.indices where remainders[index] > remainders[best] {
                best = index
            }
            values[best] += 1
            remainders[best] = 0
        }
    }

    private mutating func dealBySorting(_ count: Int) {
        let order = remainders.indices.sorted {
            (remainders[$1], $0) < (remainders[$0], $1)
        }
        for index in order.prefix(count) { values[index] += 1 }
    }
}
