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
        // By bytes: looking for characters takes ten times as long, and there may be millions of cards.
        for line in text.utf8.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        {
            number += 1
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            let fields = line.split(
                separator: UInt8(ascii: ","), omittingEmptySubsequences: false
            ).map(Self.bare)
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
            guard let card = CardNumber(String(fields[columns.card])) else {
                throw ReplayFault(
                    "\(path):\(number): 'card' must be 10 to 19 digits with check digit")
            }
            let pin = String(fields[columns.pin])
            guard (4...12).contains(pin.utf8.count),
                pin.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw ReplayFault("\(path):\(number): 'pin' must be 4 to 12 digits") }
            cards.append(TestCard(number: card, bcd: card.bcd, pin: pin))
        }
        guard !cards.isEmpty else { throw ReplayFault("\(path): no cards") }
        return cards
    }

    /// A field without the blanks and quotes around it.
    private static func bare(_ field: Substring.UTF8View) -> Substring {
        func isAround(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\"")
        }
        var text = field.drop(while: isAround)
        while let last = text.last, isAround(last) { text.removeLast() }
        return Substring(text)
    }
}
