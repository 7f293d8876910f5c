import ArgumentParser
import SettlementDomain
import SiteFiles

/// `settlectl policy`.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Checks policy files.", subcommands: [Check.self])

    /// `settlectl policy check`.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads a policy file and says what makes no sense; no site is needed.",
            discussion: "  settlectl policy check Config/policies/demo-region.yaml")

        @Argument(help: "The policy files.")
        var files: [String]

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() throws {
            var rows: [Record] = []
            var isUsable = true
            for file in files {
                let read = try PolicyFile(path: file)
                isUsable = isUsable && read.isUsable
                rows += read.findings.map { finding in
                    Record([
                        ("file", .text(file)), ("severity", .text(finding.severity.name)),
                        ("path", .text(finding.path)), ("message", .text(finding.message)),
                    ])
                }
            }
            Printer(json: json).list(rows, empty: "\(files.joined(separator: ", ")): no finding")
            if !isUsable { throw ExitCode.failure }
        }
    }
}
