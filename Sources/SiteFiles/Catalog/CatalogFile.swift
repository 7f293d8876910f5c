import Ledger
import SettlementDomain

extension SiteReader {
    /// The entries of a catalog.csv, in the order of its lines.
    ///
    /// - Throws: every defect of the file, up to `DefectList.keptMax` in full.
    public func catalogEntries(at path: String) throws(SiteFileFault) -> [CatalogEntry] {
        try rows(CatalogForm(), try ByteSource(path: path)).map(\.row)
    }

    /// The entries of a catalog.csv that is in memory, under a name for errors.
    ///
    /// - Throws: every defect of the bytes, up to `DefectList.keptMax` in full.
    public func catalogEntries(
        name: String, bytes: [UInt8]
    ) throws(SiteFileFault) -> [CatalogEntry] {
        try rows(CatalogForm(), ByteSource(name: name, bytes: bytes)).map(\.row)
    }

    /// A catalog version of the entries of a catalog.csv.
    ///
    /// - Throws: every defect of the file, up to `DefectList.keptMax` in full.
    public func catalog(
        at path: String, version: CatalogVersion, effectiveFrom: CivilDate
    ) throws(SiteFileFault) -> CatalogRow {
        CatalogRow(
            effectiveFrom: effectiveFrom,
            catalog: Catalog(version: version, entries: try catalogEntries(at: path)))
    }

    /// The rows of a restriction rules file, in the order of its lines.
    ///
    /// - Throws: every defect of the file, up to `DefectList.keptMax` in full.
    public func catalogRules(at path: String) throws(SiteFileFault) -> [CatalogRule] {
        try rules(from: try ByteSource(path: path))
    }

    /// The rows of a restriction rules file that is in memory, under a name for errors.
    ///
    /// - Throws: every defect of the bytes, up to `DefectList.keptMax` in full.
    public func catalogRules(
        name: String, bytes: [UInt8]
    ) throws(SiteFileFault) -> [CatalogRule] {
        try rules(from: ByteSource(name: name, bytes: bytes))
    }

    private func rules(from source: ByteSource) throws(SiteFileFault) -> [CatalogRule] {
        try rows(CatalogRulesForm(), source).map { row, line in
            CatalogRule(
                file: source.name, line: line, code: row.code, name: row.name, kind: row.kind,
                restriction: row.restriction)
        }
    }
}
