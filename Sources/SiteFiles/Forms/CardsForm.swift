import Ledger
import SettlementDomain

/// Makes the verification value of a card's PIN; the PIN is 4...12 ASCII digits.
public typealias PINVerifier =
    @Sendable (_ card: CardNumber, _ pin: [UInt8]) throws -> PINVerification

/// cards.csv.
struct CardsForm: SiteForm {
    static let columns = [number, person, expires, state, pin]
    private static let number = Column(0, "card", required: .always, text: .secret)
    private static let person = Column(1, "person", required: .always)
    private static let expires = Column(2, "expires", required: .always)
    private static let state = Column(3, "state", required: .whereKnown)
    private static let pin = Column(4, "pin", required: .whereKnown, text: .secret)

    private static let states: [(name: String, state: CardRow.State)] = [
        ("active", .active), ("lost", .lost), ("cancelled", .cancelled),
    ]
    private let verifier: PINVerifier?
    private var seen: [CardNumber: Int] = [:]

    init(verifier: PINVerifier?) {
        self.verifier = verifier
    }

    mutating func row(of line: inout FormLine) -> Registration? {
        let number = line.value(
            Self.number, "a card number of 10 to 19 digits with its check digit",
            CardNumber.init(_:))
        let person = line.value(Self.person, "a whole number of 1...10^18", PersonID.init(_:))
        let expires = line.day(Self.expires)
        let state = line.value(
            Self.state, default: .active,
            "one of \(Self.states.map(\.name).joined(separator: ", "))"
        ) { text in Self.states.first { $0.name == text }?.state }
        let pin = line.value(Self.pin, default: [], "a PIN of 4 to 12 digits", Self.digits)
        if let number { line.unique(number, Self.number, in: &seen) }
        guard let number, let person, let expires, let state, let pin else { return nil }
        var verification: PINVerification?
        if !pin.isEmpty {
            guard let verifier else {
                line.refuse(Self.pin, "no key is at hand to keep a PIN with; leave it empty")
                return nil
            }
            do {
                verification = try verifier(number, pin)
            } catch {
                line.refuse(Self.pin, "the PIN cannot be kept: \(error)")
                return nil
            }
        }
        return Registration(
            .card(
                CardRow(
                    number: number, person: person, state: state, expires: expires,
                    verification: verification, triesFailed: 0)),
            unwritten: line.unwritten([(Self.state, .cardState)]))
    }

    static func name(of state: CardRow.State) -> String {
        states.first { $0.state == state }?.name ?? ""
    }

    private static func digits(_ text: String) -> [UInt8]? {
        guard (4...12).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return nil }
        return Array(text.utf8)
    }
}
