import Ledger
import SettlementDomain

/// A card as its table has it: under what stands for its number.
struct CardMark: Projected {
    let token: CardToken
    let person: PersonID
    let state: CardRow.State
    let expires: CivilDate
    let verification: PINVerification?
    let triesFailed: UInt8

    init(_ row: CardRow, token: CardToken) {
        self.token = token
        person = row.person
        state = row.state
        expires = row.expires
        verification = row.verification
        triesFailed = row.triesFailed
    }

    /// The card of this number, which the token stands for.
    func row(_ number: CardNumber) -> CardRow {
        CardRow(
            number: number, person: person, state: state, expires: expires,
            verification: verification, triesFailed: triesFailed)
    }

    static var table: String { "card" }
    static var keyColumns: [String] { ["token"] }
    static var columns: [String] {
        ["person", "state", "expires", "verification_key", "verification", "tries_failed"]
    }

    var key: CardToken { token }

    static func bind(_ key: CardToken, to binder: inout ColumnBinder) {
        key.withUnsafeBytes { binder.shortBlob($0) }
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(token, to: &binder)
        binder.person(person)
        binder.choice(state)
        binder.date(expires)
        if let verification {
            binder.integer(verification.keyID)
            var writer = ByteWriter(capacity: 16)
            writer.word(verification.high)
            writer.word(verification.low)
            binder.blob(writer.bytes)
        } else {
            binder.null()
            binder.null()
        }
        binder.integer(triesFailed)
    }

    init(from reader: inout ColumnReader) throws {
        token = try reader.checked(CardToken(reader.blob()), "token")
        person = try reader.person("person")
        state = try reader.choice("state")
        expires = try reader.date("expires")
        if reader.isNull() {
            _ = reader.isNull()
            verification = nil
        } else {
            let keyID: UInt16 = try reader.number("verification_key")
            var bytes = ByteReader(reader.blob())
            guard let high = try? bytes.word(), let low = try? bytes.word(), bytes.isAtEnd else {
                verification = try reader.checked(nil, "verification")
                triesFailed = 0
                return
            }
            verification = PINVerification(keyID: keyID, high: high, low: low)
        }
        triesFailed = try reader.number("tries_failed")
    }

    static func position(of key: CardToken) -> TreePosition {
        TreePosition(key.high, key.low)
    }
}
