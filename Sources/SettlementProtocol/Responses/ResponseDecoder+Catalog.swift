import Ledger
import NIOCore
import SettlementDomain

extension ResponseDecoder {
    static func catalogPage(_ body: ByteBuffer) throws(ResponseFault) -> CatalogPageContent {
        let wire: WireCatalogPageResponse = try message(.catalogPage, body)
        var entries: [CatalogEntry] = []
        entries.reserveCapacity(wire.entries.count)
        for entry in wire.entries { entries.append(try catalogEntry(entry)) }
        return CatalogPageContent(
            version: CatalogVersion(rawValue: wire.catalogVersion),
            totalEntries: wire.totalEntries, firstIndex: wire.firstIndex, entries: entries)
    }

    private static func catalogEntry(
        _ wire: WireCatalogEntry
    ) throws(ResponseFault) -> CatalogEntry {
        guard let code = ItemCode(wire.code) else { throw .field("entries.code") }
        guard let ratio = Ratio(tenThousandths: Int64(wire.firstSelfPayRatio)) else {
            throw .field("entries.first_self_pay_ratio")
        }
        guard let from = date(wire.effectiveFrom) else { throw .field("entries.effective_from") }
        var restrictions: [Restriction] = []
        for text in wire.restrictions {
            guard let restriction = Restriction(text) else {
                throw .field("entries.restrictions")
            }
            restrictions.append(restriction)
        }
        return CatalogEntry(
            code: code, name: wire.name,
            kind: try choice(wire.kind.rawValue, "entries.kind"),
            level: try choice(wire.level.rawValue, "entries.level"), firstSelfPay: ratio,
            priceCeiling: wire.priceCeiling == 0
                ? nil : UnitPrice(tenThousandths: wire.priceCeiling),
            accountAllowed: !wire.accountForbidden,
            nonTreatment: wire.nonTreatment == .unspecified
                ? nil : try choice(wire.nonTreatment.rawValue, "entries.non_treatment"),
            restrictions: restrictions, effectiveFrom: from,
            effectiveTo: date(wire.effectiveTo))
    }

    static func date(_ value: UInt32) -> CivilDate? {
        Int32(exactly: value).flatMap(CivilDate.init(yyyymmdd:))
    }
}
