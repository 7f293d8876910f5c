import SettlementDomain

/// A card of the workload with its PIN.
struct TestCard: Sendable, Hashable {
    var number: CardNumber
    /// Packed decimal, as requests carry it.
    var bcd: [UInt8]
    var pin: String
}

/// Reads a CSV file of cards: a heading with the columns `card` and `pin`; other columns are ignored.
enum CardFile {
    /// - Throws: file, line and column of what is wrong.
    static func read(_ text: String, path: String) throws(ReplayFault) -> [TestCard] {
        var cards: [TestCard] = []
        var columns: (card: Int, pin: Int)?
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(Self.bare)
            guard let columns else {
                guard let card = fields.firstIndex(of: "card"),
                    let pin = fields.firstIndex(of: "pin")
                else {
                    throw ReplayFault("\(path):\(number): expected a heading with card and pin")
                }
                columns = (card, pin)
                continue
            }
            guard fields.count > max(columns.card, columns.pin) else {
                throw ReplayFault("\(path):\(number): too few columns")
            }
            guard let card = CardNumber(fields[columns.card]) else {
                throw ReplayFault(
                    "\(path):\(number): 'card' must be 10 to 19 digits with check digit")
            }
            let pin = fields[columns.pin]
            guard (4...12).contains(pin.utf8.count),
                pin.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw ReplayFault("\(path):\(number): 'pin' must be 4 to 12 digits") }
            cards.append(TestCard(number: card, bcd: card.bcd, pin: pin))
        }
        guard !cards.isEmpty else { throw ReplayFault("\(path): no cards") }
        return cards
    }

    private static func bare(_ field: Substring) -> String {
        var text = field
        while text.first == " " || text.first == "\"" { text.removeFirst() }
        while text.last == " " || text.last == "\"" || text.last == "\r" { text.removeLast() }
        return String(text)
    }
}
