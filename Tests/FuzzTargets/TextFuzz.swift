import Ledger
import SettlementDomain

/// Short texts that people and files write: each is refused or means one value, which is written
/// so that it means the same again.
///
/// The first byte says what the rest is.
enum TextFuzz {
    static func run(_ bytes: [UInt8]) throws -> Bool {
        var input = FuzzInput(bytes)
        let choice = input.byte()
        let text = String(decoding: input.remainder(), as: UTF8.self)
        switch choice % 16 {
        case 0: return try same(text, Money.init(yuan:), \.description)
        case 1: return try same(text, Quantity.init(units:), \.description)
        case 2: return try same(text, UnitPrice.init(yuan:), \.description)
        case 3: return try same(text, Ratio.init(percent:)) { String($0.description.dropLast(2)) }
        case 4: return try same(text, CivilDate.init(_:), \.description)
        case 5: return try exact(text, IDNumber.init(_:), \.clearText)
        case 6: return try exact(text, CardNumber.init(_:), \.clearText)
        case 7: return try exact(text, SettlementID.init(_:), \.description)
        case 8: return try exact(text, PersonID.init(_:), \.description)
        case 9: return try exact(text, InstitutionID.init(_:), \.text)
        case 10: return try exact(text, TerminalID.init(_:), \.text)
        case 11: return try exact(text, RegionCode.init(_:), \.description)
        case 12: return try exact(text, DiseaseCode.init(_:), \.text)
        case 13: return try same(text, ContributionPeriod.init(_:), \.description)
        case 14: return try card(Array(bytes.dropFirst()))
        default: return try bill(text)
        }
    }

    /// The text means a value, whose own text means it too.
    private static func same<Value: Equatable>(
        _ text: String, _ read: (String) -> Value?, _ write: (Value) -> String
    ) throws -> Bool {
        guard let value = read(text) else { return false }
        try FuzzFinding.unless(
            read(write(value)) == value, "\(text) is \(value), which \(write(value)) is not")
        return true
    }

    /// The text is the only one for its value.
    private static func exact<Value: Equatable>(
        _ text: String, _ read: (String) -> Value?, _ write: (Value) -> String
    ) throws -> Bool {
        guard let value = read(text) else { return false }
        try FuzzFinding.unless(write(value) == text, "\(text) is written \(write(value))")
        return true
    }

    private static func card(_ bytes: [UInt8]) throws -> Bool {
        guard let card = CardNumber(bcd: bytes) else { return false }
        try FuzzFinding.unless(card.bcd == bytes, "a card's packed digits are written differently")
        _ = card.description
        return true
    }

    /// However a bill's number is spelled, spelling it again changes nothing.
    private static func bill(_ text: String) throws -> Bool {
        let key = BillKey(code: text, number: text)
        try FuzzFinding.unless(
            BillKey(code: key.code, number: key.number) == key, "\(text) is spelled \(key.number)")
        return !key.number.isEmpty
    }
}
