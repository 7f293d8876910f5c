import CardSecurity
import Foundation
import StoreChoice
import TestSite
import Testing

@Suite("A site's seal")
struct SiteSealTests {
    @Test("bytes that no key has sealed do not open, whatever key they name, and are no fault")
    func foreign() throws {
        let site = try SiteFolder.town()
        let seal = try SiteSeal(site.vault)
        func open(_ bytes: [UInt8]) throws -> [UInt8]? {
            try bytes.withUnsafeBytes { try seal.open($0, place: 7) }
        }
        let record = [UInt8](repeating: 4, count: 100)
        var sealed = try record.withUnsafeBytes { try seal.seal($0, place: 7) }
        #expect(try open(sealed) == record)
        // An entry in clear: its first bytes name a key that there is not.
        #expect(try open(record) == nil)
        sealed[0] ^= 1
        #expect(try open(sealed) == nil)
        withExtendedLifetime(site) {}
    }
}
