import ArgumentParser
import CardSecurity
import Foundation
import Ledger
import SettlementDomain
import SiteFiles

/// `settlectl import`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Imports a CSV file, a catalog or a policy.",
        discussion: """
            The whole file is checked first, each line for itself, and once these are right against \
            what is stored; every bad line is named with line, column and reason, and nothing is \
            imported. A file that passes is imported in slices of \(batch) lines: where it is \
            interrupted, import it again. Importing the same file again changes nothing; optional \
            columns that are empty keep what stands.

            The forms are described in Config/README.md.

              settlectl import institutions institutions.csv
              settlectl import catalog catalog.csv --catalog-version 2 --effective-from 2027-01-01
              settlectl import catalog-rules drug-rules.csv service-rules.csv \\
                  --into 2 --catalog-version 3 --effective-from 2027-01-01
              settlectl import policy region.yaml
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case institutions, terminals, persons, cards, balances, families, chronic, catalog
        case catalogRules = "catalog-rules"
        case policy
    }

    @Argument(help: "\(Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: Kind

    @Argument(help: "The file; of catalog-rules one or more.")
    var files: [String]

    @Option(help: "Of a catalog: its version, above every one that stands.")
    var catalogVersion: UInt32?

    @Option(help: "Of a catalog: its first day.")
    var effectiveFrom: String?

    @Option(help: "Of catalog-rules: add them to the entries of this catalog version.")
    var into: UInt32?

    @Option(help: "Of catalog-rules: the payment level of items that only rules name: a, b, none.")
    var level = "b"

    @Option(help: "Of catalog-rules: the first self-pay of such items of level b, percent.")
    var firstSelfPay = "10"

    @Flag(help: "Only check; change nothing.")
    var dryRun = false

    @OptionGroup var options: SiteOptions

    /// Registrations that share one request.
    static let batch = 5000

    func run() throws {
        guard kind == .catalogRules || files.count == 1, let file = files.first else {
            throw ValidationError("\(kind.rawValue): one file")
        }
        let count = try options.withDesk { desk, site in
            switch kind {
            case .catalog:
                let row = CatalogRow(
                    effectiveFrom: try firstDay(),
                    catalog: Catalog(
                        version: try version(),
                        entries: try SiteReader().catalogEntries(at: file)))
                return try apply([.catalog(row)], file, desk)
            case .catalogRules: return try apply([try rules(desk)], file, desk)
            case .policy: return try apply([try policy(file, desk)], file, desk)
            case .institutions, .terminals, .persons, .cards, .balances, .families,
                .chronic:
                return try lines(file, desk, site)
            }
        }
        let words = dryRun ? "checked" : "imported"
        options.printer.done(
            "\(words) \(file): \(count.added) added, \(count.changed) changed, "
                + "\(count.unchanged) unchanged",
            [
                ("added", .number(count.added)), ("changed", .number(count.changed)),
                ("unchanged", .number(count.unchanged)),
            ])
    }

    /// What became of a file's lines.
    struct Count {
        var added: Int64 = 0
        var changed: Int64 = 0
        var unchanged: Int64 = 0
        var imported: Int64 { added + changed + unchanged }

        mutating func take(_ results: [RegistrationResult]) {
            for result in results {
                switch result {
                case .added: added += 1
                case .changed: changed += 1
                case .unchanged: unchanged += 1
                case .refused: break
                }
            }
        }
    }

    private func lines(_ file: String, _ desk: any OperatorDesk, _ site: Site) throws -> Count {
        guard let form = SiteFileForm(rawValue: kind.rawValue) else { return Count() }
        let reader = SiteReader(
            pinVerifier: form == .cards ? Self.verifier(try site.keyStore()) : nil)
        var refusals: [String] = []
        var checked = Count()
        try reader.forEachNumberedBatch(of: form, at: file, size: Self.batch) { batch, lines in
            let results = try desk.register(batch, dryRun: true)
            checked.take(results)
            for (result, line) in zip(results, lines) {
                guard case .refused(let why) = result else { continue }
                refusals.append("\(Self.place(file, line)): \(why)")
            }
        }
        guard refusals.isEmpty else {
            throw CommandFault(
                (refusals.prefix(1000) + ["\(refusals.count) refused; nothing was imported"])
                    .joined(separator: "\n"))
        }
        guard !dryRun else { return checked }
        var count = Count()
        do {
            try importSlices(of: form, file, reader, desk, &count)
        } catch let fault as SiteFileFault {
            throw CommandFault(
                "\(fault); \(count.imported) from its beginning were imported: import it again")
        }
        return count
    }

    private func importSlices(
        of form: SiteFileForm, _ file: String, _ reader: SiteReader, _ desk: any OperatorDesk,
        _ count: inout Count
    ) throws {
        try reader.forEachNumberedBatch(of: form, at: file, size: Self.batch) { batch, lines in
            let results: [RegistrationResult]
            do {
                results = try desk.register(batch, dryRun: false)
            } catch {
                throw CommandFault(
                    "\(Self.place(file, lines[0])): \(error); \(count.imported) before it were "
                        + "imported, from it on it is not known: import the file again, what stands "
                        + "already stays as it is")
            }
            for (result, line) in zip(results, lines) {
                guard case .refused(let why) = result else { continue }
                throw CommandFault(
                    "\(Self.place(file, line)): \(why) together with what came before it, in the file "
                        + "or meanwhile; \(count.imported) from the file's beginning were imported, "
                        + "from \(Self.place(file, lines[0])) on nothing: mend the line and import "
                        + "the file again, what stands already stays as it is")
            }
            count.take(results)
        }
    }

    private static func place(_ file: String, _ lines: [Int]) -> String {
        "\(file):" + lines.map(String.init).joined(separator: ",")
    }

    private func apply(
        _ registrations: [Registration], _ file: String, _ desk: any OperatorDesk
    ) throws -> Count {
        let results = try desk.register(registrations, dryRun: dryRun)
        for case .refused(let why) in results { throw CommandFault("\(file): \(why)") }
        var count = Count()
        count.take(results)
        return count
    }

    private func rules(_ desk: any OperatorDesk) throws -> Registration {
        let reader = SiteReader()
        let rules = try files.flatMap { try reader.catalogRules(at: $0) }
        let first = try firstDay()
        guard let level = PaymentLevel(name: level) else {
            throw ValidationError("--level \(level): a, b or none")
        }
        guard let ratio = Ratio(percent: firstSelfPay) else {
            throw ValidationError("--first-self-pay \(firstSelfPay): 0...100")
        }
        let merged = try CatalogRules.merge(
            rules, into: try standing(desk),
            creating: CatalogRules.NewEntry(
                level: level, firstSelfPay: ratio, effectiveFrom: first))
        for note in merged.notes {
            FileHandle.standardError.write(Data("note: \(note)\n".utf8))
        }
        return .catalog(
            CatalogRow(
                effectiveFrom: first,
                catalog: Catalog(version: try version(), entries: merged.entries)))
    }

    /// The entries of the catalog version that rules are added to; none without `--into`.
    private func standing(_ desk: any OperatorDesk) throws -> [CatalogEntry] {
        guard let into else { return [] }
        guard case .reference(let changes) = try desk.read(.reference) else { return [] }
        for case .catalog(let row) in changes where row.catalog.version.rawValue == into {
            return row.catalog.entries
        }
        throw CommandFault("--into \(into): there is no such catalog version")
    }

    private func policy(_ file: String, _ desk: any OperatorDesk) throws -> Registration {
        let read = try PolicyFile(path: file)
        for finding in read.findings {
            FileHandle.standardError.write(Data("\(file): \(finding)\n".utf8))
        }
        guard read.isUsable else { throw CommandFault("\(file): mend the errors; not imported") }
        return .policy(PolicyRow(policy: read.policy))
    }

    private func version() throws -> CatalogVersion {
        guard let catalogVersion, catalogVersion > 0 else {
            throw ValidationError("--catalog-version: which version, 1 or above?")
        }
        return CatalogVersion(rawValue: catalogVersion)
    }

    private func firstDay() throws -> CivilDate {
        guard let day = effectiveFrom.flatMap({ CivilDate($0) }) else {
            throw ValidationError("--effective-from: the first day, such as 2027-01-01")
        }
        return day
    }

    /// Turns PINs of an import into verification values.
    static func verifier(_ keys: SealedKeyStore) -> SiteFiles.PINVerifier {
        { card, pin in
            guard let digits = CardDigits(value: card.digits, count: card.count) else {
                throw CommandFault("the card number has no 10 to 19 digits")
            }
            let value = try keys.verificationValue(
                pin: String(decoding: pin, as: UTF8.self), card: digits)
            return PINVerification(keyID: value.keyID, high: value.high, low: value.low)
        }
    }
}
