import Ledger
import SettlementDomain

/// balances.csv: sums to be credited to individual accounts.
struct BalancesForm: SiteForm {
    static let columns = [person, amount, collector, reference]
    private static let person = Column(0, "person", required: .always)
    private static let amount = Column(1, "amount", required: .always)
    private static let collector = Column(2, "collector", required: .always)
    private static let reference = Column(3, "reference", required: .always)

    private var seen: [CreditKey: Int] = [:]

    mutating func row(of line: inout FormLine) -> Registration? {
        let person = line.value(Self.person, "a whole number of 1...10^18", PersonID.init(_:))
        let amount = line.value(Self.amount, "an amount in yuan, 0.01...\(Money.limit)") { text in
            Money(yuan: text).flatMap { $0 > .zero ? $0 : nil }
        }
        let collector = line.value(Self.collector, Self.word(32)) { Self.word($0, max: 32) }
        let reference = line.value(Self.reference, Self.word(64)) { Self.word($0, max: 64) }
        guard let person, let amount, let collector, let reference else { return nil }
        let key = CreditKey(person: person, reference: reference)
        line.unique(key, Self.reference, in: &seen)
        return .credit(CreditRow(key: key, amount: amount, collector: collector))
    }

    private static func word(_ max: Int) -> String { "1 to \(max) of A-Z, a-z, 0-9, - _ . /" }

    private static func word(_ text: String, max: Int) -> String? {
        guard text.utf8.count <= max else { return nil }
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"): true
            default: false
            }
        }
        return isWord ? text : nil
    }
}
