import ArgumentParser
import CardSecurity
import Foundation
import Ledger
import SettlementDomain
import SiteFiles
import StoreChoice

/// `settlectl demo`.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Makes a demonstration site with invented institutions, persons and cards.",
        discussion: """
              settlectl demo .demo --persons 1000 --terminals 40 --config Config
            """)

    @Argument(help: "The site's folder; is made, and must be empty where it is there.")
    var directory: String

    @Option(help: "How many insured persons, 1...10000000.")
    var persons = 1000

    @Option(help: "How many terminals, 1...99999.")
    var terminals = 40

    @Option(help: "From which everything is drawn.")
    var seed: UInt64 = 1

    @Option(help: "The port to listen on; 0: any free one.")
    var port = 9600

    @Option(help: "The folder with policies/ and catalog/.")
    var config = "Config"

    @Option(help: "A PostgreSQL connection string; default: a SQLite file in the folder.")
    var database: String?

    @Flag(help: "Answer in JSON.")
    var json = false

    func validate() throws {
        for (name, value, range) in [
            ("--persons", persons, 1...10_000_000), ("--terminals", terminals, 1...99_999),
            ("--port", port, 0...65_535),
        ] where !range.contains(value) {
            throw ValidationError(
                "\(name) \(value) is outside \(range.lowerBound)...\(range.upperBound)")
        }
    }

    func run() throws {
        let today = InitCommand.today()
        // What may be wrong with the files shows before there is a site.
        let reference = try reference(today)
        try InitCommand.makeSite(
            in: directory, serverNames: ["localhost", "127.0.0.1"], address: "127.0.0.1",
            port: port, businessDate: today, authorityName: "settled demonstration authority",
            database: database)
        let site = try Site(openingIn: directory)
        let demo = DemoSite(seed: seed, persons: persons, terminals: terminals, today: today)
        let desk = try StoreDesk(site.store())
        defer { desk.close() }
        try register(reference, desk)
        let verifier = ImportCommand.verifier(try site.keyStore())
        for form in SiteFileForm.allCases {
            try demo.forEachBatch(of: form, size: ImportCommand.batch, pinVerifier: verifier) {
                try register($0, desk)
            }
        }
        try makeTerminals((0..<demo.terminals).map(demo.terminal), site)
        try writeCards(demo)
        Printer(json: json).done(
            "made a demonstration site in \(directory): \(persons) persons, "
                + "\(demo.terminals) terminals",
            [("directory", .text(directory)), ("persons", .number(Int64(persons)))])
    }

    /// The sample catalog and the policies of both fictional regions.
    private func reference(_ today: CivilDate) throws -> [Registration] {
        let catalog = try SiteReader().catalog(
            at: config + "/catalog/sample-catalog.csv", version: CatalogVersion(rawValue: 1),
            effectiveFrom: CivilDate(year: today.year, month: 1, day: 1) ?? today)
        let folder = config + "/policies"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".yaml") }.sorted()
        return [.catalog(catalog)]
            + (try files.map { name in
                let read = try PolicyFile(path: folder + "/" + name)
                guard read.isUsable else { throw CommandFault("\(folder)/\(name): has errors") }
                return .policy(PolicyRow(policy: read.policy))
            })
    }

    private func register(_ registrations: [Registration], _ desk: StoreDesk) throws {
        for case .refused(let why) in try desk.register(registrations, dryRun: false) {
            throw CommandFault("the demonstration contradicts itself: \(why)")
        }
    }

    private func makeTerminals(_ rows: [TerminalRow], _ site: Site) throws {
        let maker = try TerminalMaker(site: site)
        for (row, key) in zip(rows, try maker.makeKeys(of: rows)) {
            try maker.write(row, key: key, to: "\(site.path(Site.Part.terminals))/\(row.id)")
        }
    }

    /// The cards with their PINs, for the load-test harness; mode 0600.
    private func writeCards(_ demo: DemoSite) throws {
        var text = "card,pin,person\n"
        for index in 0..<demo.persons {
            let card = demo.card(at: index)
            let isGood = card.state == .active && card.expires >= demo.today
            guard isGood, !demo.person(at: index).frozen else { continue }
            let pin = String(decoding: card.pin, as: UTF8.self)
            text += "\(card.number.clearText),\(pin),\(card.person)\n"
        }
        let path = directory + "/cards.csv"
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8),
                attributes: [.posixPermissions: 0o600])
        else { throw CommandFault("\(path): cannot be written") }
    }
}
