import ArgumentParser
import SettlementClient
import SettlementDomain

/// The load-test harness's command line.
@main
struct SettleReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle-replay",
        abstract: "Sends a generated or recorded workload to settled and says how it fared.",
        subcommands: [RunCommand.self, InspectCommand.self],
        defaultSubcommand: RunCommand.self)
}

/// `settle-replay run`, and what `settle-replay` alone does.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Sends a workload and reports latencies, codes and checks.",
        discussion: """
            Terminals sign on over TLS with the credentials in --terminals, one folder each. Without \
            --rate and --speed the loop is closed: each connection keeps --depth requests in flight. \
            With them it is open: requests are due at fixed times whatever the answers do, and \
            latency counts from then on (no coordinated omission). Requests whose connection is cut \
            are sent again under the same key over a new session.

            With --mix, terminals also undo what they have sold in this run: voids, refunds of lines \
            and quantities, reversals of settles (before they arrive, too), voids and refunds, and \
            some that are wrong on purpose. With --faults, requests for money are struck on their \
            way. Terminals then do what Protocol/Sessions.md demands: what may have been executed is \
            sent again under its key, every 0.2 s for a minute where the daemon cannot say, or \
            reversed, and never sent under a new key. Each answer is compared with the terminal's own \
            model, refunded amounts to the fen; at the end each terminal is reconciled with the \
            daemon and asks for the status of its requests.

            With --operator, the daemon's local socket, the run ends with a check that money was \
            conserved and that the answers are those that the ledger has recorded. Nothing else may \
            use the ledger meanwhile.

            Exit status: 0 all well; 1 a request went without answer or a check failed; 64 usage.

            EXAMPLES
              20,000 sales from 64 connections, one request at a time each, checked:
                settle-replay --terminals site/terminals --cards site/cards.csv \\
                  --connections 64 --count 20000 --operator site/run/operator.sock
              8 connections 16 deep for 30 s after 5 s of warm-up, a mix of transactions:
                settle-replay --terminals site/terminals --cards site/cards.csv --connections 8 \\
                  --depth 16 --duration 30 --warm-up 5 --mix settle=60,quote=10,inquiry=25,status=5
              10,000 a second, open loop, percentiles to files:
                settle-replay --terminals site/terminals --cards site/cards.csv --connections 256 \\
                  --rate 10000 --duration 60 --json run.json --hgrm run.hgrm
              A day's whole life with every fault, all answers checked:
                settle-replay --terminals site/terminals --cards site/cards.csv --depth 8 \\
                  --count 20000 --mix life --operator site/run/operator.sock --check all \\
                  --faults cut-before=1,cut-after=1,late=1,duplicate=1,reorder=1
              A recording, twice as fast as it was recorded:
                settle-replay --terminals site/terminals --cards site/cards.csv \\
                  --recording monday.txt --speed 2
            """)

    @OptionGroup(title: "Who")
    var who: WhoOptions

    @OptionGroup(title: "What")
    var what: WhatOptions

    @OptionGroup(title: "How much")
    var load: LoadOptions

    @OptionGroup(title: "Result")
    var result: ResultOptions

    mutating func validate() throws {
        try load.validate(hasRecording: what.recording != nil)
        try what.validate()
    }

    mutating func run() async throws {
        do {
            let report = try await ReplayRun(who: who, what: what, load: load, result: result).run()
            if !report.isGood { throw ExitCode.failure }
        } catch let fault as ReplayFault {
            throw CleanExit.fault(fault.description)
        } catch let fault as ClientFault {
            throw CleanExit.fault(fault.description)
        } catch let fault as CredentialsFault {
            throw CleanExit.fault(fault.description)
        }
    }
}

extension CleanExit {
    /// Says what is wrong on standard error and gives the status of failure.
    static func fault(_ text: String) -> any Error {
        Output.complain("settle-replay: \(text)")
        return ExitCode.failure
    }
}
