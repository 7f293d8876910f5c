import ArgumentParser
import Foundation

/// `settlectl verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Proves that journal, hash chains, balances and projections agree.",
        discussion: """
            A daemon that runs goes on meanwhile; its projections are then compared as far as they \
            have followed the journal, all of them once it has stopped. The first entry that does \
            not fit is named, and the exit code is 1.
            """)

    @OptionGroup var options: SiteOptions

    func run() throws {
        try MaintenanceReport.run(.verify, "", options)
    }
}

/// `settlectl rebuild`.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Makes every projection anew from the journal; the daemon must not run.")

    @OptionGroup var options: SiteOptions

    func run() throws {
        try MaintenanceReport.run(.rebuild, "", options)
    }
}

/// `settlectl backup`.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the store to a new file, also while the daemon runs.",
        discussion: "  settlectl backup /srv/backup/store-2026-11-23.sqlite")

    @Argument(help: "The new file.")
    var file: String

    @OptionGroup var options: SiteOptions

    func run() throws {
        let path = URL(fileURLWithPath: file).path
        try MaintenanceReport.run(.backup, path, options)
    }
}

/// `settlectl reload`.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Has the daemon read keys, certificates and revocation list again.")

    @OptionGroup var options: SiteOptions

    func run() throws {
        try MaintenanceReport.run(.reload, "", options)
    }
}

/// Runs a maintenance task and prints its lines.
enum MaintenanceReport {
    static func run(_ task: MaintenanceName, _ argument: String, _ options: SiteOptions) throws {
        let lines = try options.withDesk { desk, _ in try desk.maintain(task, argument) }
        if options.json {
            print("[" + lines.map(JSONText.quoted).joined(separator: ", ") + "]")
        } else {
            for line in lines { print(line) }
        }
        if lines.first?.hasPrefix("unsound") == true { throw ExitCode.failure }
    }
}
