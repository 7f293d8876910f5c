import Ledger
import SettlementDomain

extension ResponseEncoder {
    /// One page of a catalog: from `firstIndex` on, as many entries as were asked for and fit.
    ///
    /// - Parameters:
    ///   - request: which entries; the version is that of `catalog` by now.
    ///   - catalog: where they are taken from.
    ///   - bodyBytesMax: the longest body; at least one entry is given all the same.
    ///   - result: what the response begins with.
    /// - Returns: the body; without entries where `firstIndex` lies past the end.
    public static func catalogPage(
        _ request: CatalogPageRequest, of catalog: Catalog,
        bodyBytesMax: Int = Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes,
        _ result: ResultFields
    ) -> [UInt8] {
        var wire = WireCatalogPageResponse(result)
        wire.catalogVersion = catalog.version.rawValue
        wire.totalEntries = UInt32(clamping: catalog.entries.count)
        wire.firstIndex = request.firstIndex
        var bytes = wire.bodyBytes.count
        let wanted = Int(request.count ?? CatalogPageRequest.countMax)
        for entry in catalog.entries.dropFirst(Int(request.firstIndex)).prefix(wanted) {
            let next = catalogEntry(entry)
            // Field number, then a length of at most three bytes.
            bytes += 4 + next.bodyBytes.count
            guard bytes <= bodyBytesMax || wire.entries.isEmpty else { break }
            wire.entries.append(next)
        }
        return wire.bodyBytes
    }

    private static func catalogEntry(_ entry: CatalogEntry) -> WireCatalogEntry {
        var wire = WireCatalogEntry()
        wire.code = entry.code.text
        wire.name = entry.name
        wire.kind = WireItemKind(rawValue: Int(entry.kind.rawValue)) ?? .unspecified
        wire.level = WirePaymentLevel(rawValue: Int(entry.level.rawValue)) ?? .unspecified
        wire.firstSelfPayRatio = UInt32(clamping: entry.firstSelfPay.tenThousandths)
        wire.priceCeiling = entry.priceCeiling?.tenThousandths ?? 0
        wire.accountForbidden = !entry.accountAllowed
        wire.effectiveFrom = UInt32(entry.effectiveFrom.yyyymmdd)
        wire.effectiveTo = entry.effectiveTo.map { UInt32($0.yyyymmdd) } ?? 0
        wire.restrictions = entry.restrictions.map(\.description)
        wire.nonTreatment =
            entry.nonTreatment.flatMap { WireNonTreatment(rawValue: Int($0.rawValue)) }
            ?? .unspecified
        return wire
    }
}
