import SettlementDomain

/// The sales of a connection that are not under way, those to choose from when something is undone.
struct SaleList {
    /// Of which something is left, newest last.
    private var standing: [OwnSale] = []
    /// Voided, refunded or reversed, newest last.
    private var ended: [OwnSale] = []

    private static let standingMax = 256
    private static let endedMax = 64
    /// The daemon takes 100 undoings of a settlement.
    private static let attemptsMax = 40

    /// Takes a sale that is not under way any more.
    mutating func put(_ sale: OwnSale) {
        guard sale.attempts < Self.attemptsMax else { return }
        if sale.stands {
            Self.append(sale, to: &standing, max: Self.standingMax)
        } else {
            Self.append(sale, to: &ended, max: Self.endedMax)
        }
    }

    /// Takes a sale out of which nothing was undone: one of the latest, chosen by a random number.
    mutating func takeWhole(_ random: UInt32, ofToday: Bool) -> OwnSale? {
        Self.take(from: &standing, random) { $0.isWhole && ($0.isOfToday || !ofToday) }
    }

    /// Takes out a sale of which something is left.
    mutating func takeStanding(_ random: UInt32) -> OwnSale? {
        Self.take(from: &standing, random) { _ in true }
    }

    /// Takes out a sale whose last void or refund may be taken back.
    mutating func takeUndone(_ random: UInt32) -> OwnSale? {
        Self.take(from: &ended, random, where: \.canTakeBack)
            ?? Self.take(from: &standing, random, where: \.canTakeBack)
    }

    /// Takes out a sale that was reversed.
    mutating func takeReversed(_ random: UInt32) -> OwnSale? {
        Self.take(from: &ended, random, where: \.isReversed)
    }

    /// Takes out any.
    mutating func takeAny(_ random: UInt32) -> OwnSale? {
        random % 4 == 0
            ? Self.take(from: &ended, random) { _ in true } ?? takeStanding(random)
            : takeStanding(random)
    }

    private static func append(_ sale: OwnSale, to sales: inout [OwnSale], max: Int) {
        if sales.count >= max { sales.removeFirst(max / 2) }
        sales.append(sale)
    }

    /// Looks from one of the eight latest backwards.
    private static func take(
        from sales: inout [OwnSale], _ random: UInt32, where fits: (OwnSale) -> Bool
    ) -> OwnSale? {
        guard !sales.isEmpty else { return nil }
        let latest = sales.count - 1 - Int(random) % min(sales.count, 8)
        guard
            let place = sales[...latest].lastIndex(where: fits)
                ?? sales[latest...].firstIndex(where: fits)
        else { return nil }
        return sales.remove(at: place)
    }
}
