import Ledger
import SettlementDomain
import SettlementServer
import SiteFiles

/// An operator's YAML file: refused with its defects, or a policy, claim or configuration.
///
/// The first byte says which, the rest is the file.
enum YAMLFuzz {
    static func run(_ bytes: [UInt8]) throws -> Bool {
        guard let choice = bytes.first else { return false }
        let file = Array(bytes.dropFirst())
        switch choice % 3 {
        case 0: return try policy(file)
        case 1: return claim(file)
        default: return configuration(file)
        }
    }

    private static func policy(_ file: [UInt8]) throws -> Bool {
        guard let read = try? PolicyFile(name: "p.yaml", bytes: file) else { return false }
        guard read.isUsable else { return true }
        let registration = Registration.policy(PolicyRow(policy: read.policy))
        let again = try? JournalCoding.decode(
            Registration.self, JournalCoding.encode(registration))
        try FuzzFinding.unless(again == registration, "a policy does not reach the daemon")
        return true
    }

    private static func claim(_ file: [UInt8]) -> Bool {
        let read = try? ClaimFile(name: "c.yaml", bytes: file) { text in
            // As the tool reads CODExQUANTITYxPRICE, in outline.
            let words = text.split(separator: "x").map(String.init)
            guard words.count == 3, let code = ItemCode(words[0]),
                let quantity = Quantity(units: words[1]), let price = UnitPrice(yuan: words[2]),
                let amount = price.amount(for: quantity)
            else { return nil }
            return RequestLine(
                item: .code(code), quantity: quantity, unitPrice: price, amount: amount,
                courseDays: nil, traceCodes: [])
        }
        return read != nil
    }

    private static func configuration(_ file: [UInt8]) -> Bool {
        let text = String(decoding: file, as: UTF8.self)
        return (try? Configuration(yaml: text, directory: "/etc/settled")) != nil
    }
}
