import CardSecurity
import Foundation
import SettlementDomain

/// A card of a demonstration site with its PIN.
struct BenchCard: Sendable {
    var number: CardNumber
    var pin: String
    var digits: CardDigits
}

/// Reads the CSV file of cards that `settlectl demo` writes.
enum BenchCards {
    /// The first so many cards.
    static func read(_ path: String, most: Int) throws(BenchFault) -> [BenchCard] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw BenchFault("\(path): cannot be read")
        }
        let lines = text.split(whereSeparator: \.isNewline)
        let heading = (lines.first ?? "").split(separator: ",")
        guard let card = heading.firstIndex(of: "card"), let pin = heading.firstIndex(of: "pin")
        else { throw BenchFault("\(path): no columns card and pin") }
        var cards: [BenchCard] = []
        for line in lines.dropFirst().prefix(most) {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > max(card, pin), let number = CardNumber(String(fields[card])),
                let digits = CardDigits(value: number.digits, count: number.count)
            else { throw BenchFault("\(path): a card is malformed") }
            cards.append(BenchCard(number: number, pin: String(fields[pin]), digits: digits))
        }
        return cards
    }
}
