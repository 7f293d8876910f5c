import ArgumentParser
import Foundation

/// The operator's tool.
@main
struct Settlectl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settlectl",
        abstract: "Makes and keeps a settlement site.",
        discussion: """
            Commands on a site take --site, the folder with settled.yaml (default: $SETTLED_SITE, \
            else the current folder), behind the subcommand, and --json. With a daemon running it is the daemon that does what \
            is asked, over its local socket; otherwise settlectl opens the store itself.

              settlectl init /srv/site --server-name settle.example
              settlectl list terminals --site /srv/site
              settlectl --help import
            """,
        subcommands: [
            InitCommand.self, CertificateCommand.self, KeyCommand.self, TerminalCommand.self,
            ImportCommand.self,
            ListCommand.self, ShowCommand.self, HistoryCommand.self, BalancesCommand.self,
            DayCommand.self, ClearingCommand.self, PolicyCommand.self, PosCommand.self,
            CounterCommand.self, CollectCommand.self, RunCommand.self, ClaimsCommand.self,
            StatementsCommand.self, StoreCommand.self, VerifyCommand.self, RebuildCommand.self,
            BackupCommand.self, RestoreCommand.self, ReloadCommand.self,
            DemoCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try Printer.finish()
        } catch let error as CocoaError {
            exit(withError: CommandFault(reading: error))
        } catch {
            exit(withError: error)
        }
    }
}

extension CommandFault {
    /// What could not be done with which file, in words: the system's own name only the domain and a code.
    init(reading error: CocoaError) {
        let path = error.userInfo[NSFilePathErrorKey] as? String ?? error.url?.path
        let cause = error.userInfo[NSUnderlyingErrorKey] as? POSIXError
        let reason =
            switch error.code {
            case .fileNoSuchFile, .fileReadNoSuchFile: "there is no such file or folder"
            case .fileReadNoPermission, .fileWriteNoPermission: "permission is denied"
            case .fileWriteFileExists: "there is a file in its place"
            case .fileWriteOutOfSpace: "the disk is full"
            case .fileWriteVolumeReadOnly: "the disk is read-only"
            default: cause.map { String(cString: strerror($0.code.rawValue)) } ?? "cannot be used"
            }
        self.init("\(path ?? "a file"): \(reason)")
    }
}
