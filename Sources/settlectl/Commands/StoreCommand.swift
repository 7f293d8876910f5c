import ArgumentParser
import Foundation
import Ledger
import SettlementDomain
import StoreChoice

/// `settlectl store`: the store as a whole.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Brings the store's schema forward, or moves the ledger to another store.",
        subcommands: [Migrate.self, Copy.self])
}

extension StoreCommand {
    /// `settlectl store migrate`.
    struct Migrate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the schema of the site's database, or brings it forward.",
            discussion: """
                All steps that are missing are taken in one transaction, or none. Daemons of an older \
                version refuse the database afterwards. The journal's parts for the months to come are \
                made too: run it at least once a year.

                  settlectl store migrate --business-date 2026-11-23 --site /srv/site
                """)

        @Option(help: "The first business date, where the database holds no ledger yet.")
        var businessDate: String?

        @OptionGroup var options: SiteOptions

        func validate() throws {
            if let businessDate, CivilDate(businessDate) == nil {
                throw ValidationError(
                    "--business-date \(businessDate): not a date such as 2026-11-23")
            }
        }

        func run() throws {
            let store = try options.open().store()
            let lines = try store.migrate(
                firstBusinessDate: businessDate.flatMap { CivilDate($0) },
                at: StoreCommand.now)
            for line in lines { options.printer.done(line, [("done", .text(line))]) }
        }
    }

    /// `settlectl store copy`.
    struct Copy: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies the site's ledger to a new store, and proves both equal.",
            discussion: """
                Every journal entry is copied in order; the new store makes its tables of them. Then both \
                are verified, and every account's hash chain must end alike. No daemon may run meanwhile. \
                Afterwards change `store:` in settled.yaml.

                With --until the copy ends before the first entry of a later moment: the ledger as it was \
                then, to look at or to go on from.

                  settlectl store copy "postgresql:host=db1 dbname=settled user=settled" --site /srv/site
                  settlectl store copy sqlite:/srv/site/moved.sqlite --site /srv/site
                """)

        @Argument(help: "sqlite:PATH of a file that is not there, or postgresql:CONNECTION.")
        var target: String

        @Option(help: "Copy entries up to this moment only, such as 2026-11-23T12:00:00Z.")
        var until: String?

        @OptionGroup var options: SiteOptions

        private var end: Date? { until.flatMap { ISO8601DateFormatter().date(from: $0) } }

        func validate() throws {
            if let until, end == nil {
                throw ValidationError("--until \(until): not a moment such as 2026-11-23T12:00:00Z")
            }
        }

        func run() throws {
            let site = try options.open()
            guard let chosen = ChosenStore(target, seal: try site.seal()) else {
                throw CommandFault(
                    "\(target): is neither sqlite:PATH nor postgresql:CONNECTION")
            }
            if let daemon = try DaemonDesk(socket: site.configuration.operatorSocket) {
                daemon.close()
                throw CommandFault("a daemon runs at this site: stop it, then copy")
            }
            let source = try site.store()
            let copied = try copy(from: source, to: chosen)
            let before = try source.verify()
            let after = try chosen.verify()
            let printer = options.printer
            printer.done("copied \(copied) entries", [("copied", .number(Int64(copied)))])
            for (name, report) in [("source", before), ("target", after)] {
                for line in report.lines { printer.done("\(name): \(line)", [(name, .text(line))]) }
            }
            let isWhole = before.entries == after.entries && before.chains == after.chains
            guard before.isSound, after.isSound, isWhole || until != nil,
                after.entries == copied
            else {
                throw CommandFault("the stores are not equal: do not use \(target)")
            }
            guard isWhole else { return }
            printer.done(
                "both are sound, with equal hash chains (\(after.chains.hex.prefix(16)))",
                [("chains", .text(after.chains.hex))])
        }

        private func copy(from source: ChosenStore, to chosen: ChosenStore) throws -> UInt64 {
            let from = try source.openBriefly()
            defer { from.close() }
            try chosen.create(
                businessDate: try StoreCopy.firstBusinessDate(of: from), at: StoreCommand.now)
            let to = try chosen.openBriefly()
            defer { to.close() }
            return try StoreCopy(from: from, to: to).run(
                until: end.map { Int64($0.timeIntervalSince1970 * 1000) })
        }
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
