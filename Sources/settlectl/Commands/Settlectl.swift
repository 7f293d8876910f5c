import ArgumentParser

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
}
