import ArgumentParser
import Foundation
import StoreChoice

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

/// `settlectl restore`.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Puts a backup in the place of the store; the daemon must not run.",
        discussion: """
            The backup is verified first and stays as it is. What is in the store's place is moved \
            aside, to a name that ends with .damaged. What was acknowledged after the backup was made \
            is not in it: the answer says how many entries are missing, as far as is known.

              settlectl restore /srv/backup/store-2026-11-23.sqlite
            """)

    @Argument(help: "The backup's file.")
    var file: String

    @OptionGroup var options: SiteOptions

    func run() throws {
        let site = try options.open()
        if let daemon = try DaemonDesk(socket: site.configuration.operatorSocket) {
            daemon.close()
            throw CommandFault("a daemon runs at this site: stop it, then restore")
        }
        let path = URL(fileURLWithPath: file).path
        let lines = try site.store().restore(from: path)
        for line in lines { options.printer.done(line) }
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
