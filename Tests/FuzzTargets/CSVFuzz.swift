import Ledger
import SettlementDomain
import SiteFiles

/// An operator's CSV file: refused with its defects, or registrations that the daemon reads alike.
///
/// The first byte says which form, the rest is the file.
enum CSVFuzz {
    private static let reader = SiteReader(pinVerifier: { card, pin in
        PINVerification(
            keyID: 1, high: card.digits, low: pin.reduce(0) { $0 &* 16 &+ UInt64($1 & 15) })
    })

    static func run(_ bytes: [UInt8]) throws -> Bool {
        guard let choice = bytes.first else { return false }
        let registrations: [Registration]
        do throws(SiteFileFault) {
            registrations = try read(Int(choice), Array(bytes.dropFirst()))
        } catch {
            try FuzzFinding.unless(!"\(error)".isEmpty, "a refusal says nothing")
            return false
        }
        for registration in registrations {
            let bytes = JournalCoding.encode(registration)
            let again = try? JournalCoding.decode(Registration.self, bytes)
            try FuzzFinding.unless(
                again == registration, "a line does not reach the daemon: \(registration)")
        }
        return true
    }

    private static func read(
        _ choice: Int, _ file: [UInt8]
    ) throws(SiteFileFault) -> [Registration] {
        let forms = SiteFileForm.allCases
        let index = choice % (forms.count + 2)
        if index < forms.count {
            return try reader.registrations(of: forms[index], name: "f.csv", bytes: file)
        }
        guard index == forms.count else {
            _ = try reader.catalogRules(name: "f.csv", bytes: file)
            return []
        }
        let entries = try reader.catalogEntries(name: "f.csv", bytes: file)
        let catalog = Catalog(version: CatalogVersion(rawValue: 1), entries: entries)
        return [.catalog(CatalogRow(effectiveFrom: .first, catalog: catalog))]
    }
}
