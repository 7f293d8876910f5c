import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Catalog pages")
struct CatalogPageTests {
    private static func catalog(_ count: Int) throws -> Catalog {
        let from = try Samples.date(2026_01_01)
        let to = try Samples.date(2026_12_31)
        let ceiling = UnitPrice(tenThousandths: 285_000)
        let ratio = try #require(Ratio(tenThousandths: 1000))
        let restrictions: [Restriction] = [
            .sex(.female), .ageGroup(.child), .institutionLevelAtLeast(.level2),
            .visitType(.inpatient), .insuranceType(.workInjury), .maxDays(14),
            .maxQuantity(Quantity(thousandths: 1500), perDays: 30), .maxHoursPerDay(8),
        ]
        var entries: [CatalogEntry] = []
        for index in 0..<count {
            let isTreatment = index % 7 != 0
            entries.append(
                CatalogEntry(
                    code: try #require(ItemCode("X\(index)")), name: "示例药品 \(index)",
                    kind: isTreatment ? .westernMedicine : .nonTreatment,
                    level: isTreatment ? .b : .none, firstSelfPay: isTreatment ? ratio : .zero,
                    priceCeiling: index % 2 == 0 ? ceiling : nil, accountAllowed: isTreatment,
                    nonTreatment: isTreatment ? nil : .weightControl,
                    restrictions: index % 3 == 0 ? restrictions : [], effectiveFrom: from,
                    effectiveTo: index % 5 == 0 ? to : nil))
        }
        return Catalog(version: CatalogVersion(rawValue: 3), entries: entries)
    }

    private static func page(
        _ catalog: Catalog, from first: UInt32, count: UInt32?, bodyBytesMax: Int
    ) throws -> CatalogPageContent {
        let request = CatalogPageRequest(
            header: try Samples.header(stan: 0), version: catalog.version, firstIndex: first,
            count: count)
        let result = ResultFields(code: .approved, businessDate: nil, time: 0)
        let body = ResponseEncoder.catalogPage(
            request, of: catalog, bodyBytesMax: bodyBytesMax, result)
        #expect(body.count <= bodyBytesMax)
        guard case .catalogPage(let page) = try response(.catalogPage, body).payload else {
            throw ResponseFault.field("no page")
        }
        return page
    }

    @Test("pages of any size put together are the catalog", arguments: [700, 2000, 65_528])
    func wholeCatalog(_ bodyBytesMax: Int) throws {
        let catalog = try Self.catalog(300)
        var entries: [CatalogEntry] = []
        while entries.count < catalog.entries.count {
            let page = try Self.page(
                catalog, from: UInt32(entries.count), count: nil, bodyBytesMax: bodyBytesMax)
            try #require(!page.entries.isEmpty)
            #expect(page.totalEntries == 300)
            #expect(page.firstIndex == UInt32(entries.count))
            entries += page.entries
        }
        #expect(entries == catalog.entries)
    }

    @Test("no more entries than were asked for, none past the end")
    func counts() throws {
        let catalog = try Self.catalog(10)
        let two = try Self.page(catalog, from: 3, count: 2, bodyBytesMax: 65_528)
        #expect(two.entries == Array(catalog.entries[3..<5]))
        let rest = try Self.page(catalog, from: 8, count: 500, bodyBytesMax: 65_528)
        #expect(rest.entries == Array(catalog.entries[8...]))
        let none = try Self.page(catalog, from: .max, count: nil, bodyBytesMax: 65_528)
        #expect(none.entries.isEmpty)
    }
}
