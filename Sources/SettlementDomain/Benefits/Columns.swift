/// Step 6: each payer's sum laid over the parts, column after column, each in proportion to what
/// the columns before it left.
///
/// - Source: Protocol/Splitting.md, "Columns".
struct Columns {
    /// The parts with the columns laid so far.
    private(set) var parts: [LinePart]
    private let overLimitIsCash: Bool
    private var room: Apportionment

    init(parts: [LinePart], overLimitIsCash: Bool) {
        self.parts = parts
        self.overLimitIsCash = overLimitIsCash
        room = Apportionment(count: parts.count)
    }

    /// Lays pooled fund, large-amount assistance and plans over what is in scope.
    mutating func layInsurance(_ split: Split) {
        if split.pooled > .zero {
            lay(split.pooled, { $0.inScope }, { $0.pooled = $1 })
        }
        if split.large > .zero {
            lay(split.large, { $0.inScope - $0.pooled }, { $0.large = $1 })
        }
        if split.supplement > .zero {
            lay(
                split.supplement, { $0.inScope - $0.pooled - $0.large }, { $0.supplement = $1 })
        }
    }

    /// Lays the own account over what accounts may pay.
    mutating func layAccount(_ sum: Money) {
        guard sum > .zero else { return }
        let overLimitIsCash = overLimitIsCash
        lay(sum, { $0.payable(overLimitIsCash) }, { $0.account = $1 })
    }

    /// What the own account leaves that relatives' accounts may pay.
    func leftToFamily(vaccines: Bool) -> Money {
        var sum = Money.zero
        for part in parts { sum += part.familyPayable(overLimitIsCash, vaccines: vaccines) }
        return sum
    }

    /// Lays relatives' accounts over what the own account leaves.
    mutating func layFamily(_ sum: Money, vaccines: Bool) {
        guard sum > .zero else { return }
        let overLimitIsCash = overLimitIsCash
        lay(
            sum, { $0.familyPayable(overLimitIsCash, vaccines: vaccines) }, { $0.family = $1 })
    }

    /// What nobody pays is cash.
    mutating func layCash() {
        for index in parts.indices {
            let part = parts[index]
            parts[index].cash = part.personal - part.account - part.family
        }
    }

    private mutating func lay(
        _ sum: Money, _ weight: (LinePart) -> Money, _ store: (inout LinePart, Money) -> Void
    ) {
        for index in parts.indices { room.values[index] = weight(parts[index]).fen }
        room.divide(sum)
        for index in parts.indices { store(&parts[index], Money(fen: room.values[index])) }
    }
}

extension LinePart {
    /// What accounts may pay of the part.
    fileprivate func payable(_ overLimitIsCash: Bool) -> Money {
        guard itemClass != .excluded else { return .zero }
        return overLimitIsCash ? personal - overLimit : personal
    }

    /// What relatives' accounts may pay of the part once the own account has paid.
    fileprivate func familyPayable(_ overLimitIsCash: Bool, vaccines: Bool) -> Money {
        guard vaccines || itemClass != .vaccine else { return .zero }
        return payable(overLimitIsCash) - account
    }
}
