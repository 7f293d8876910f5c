import ArgumentParser
import CardSecurity
import CertificateAuthority
import Foundation
import Ledger
import SettlementClient
import SettlementDomain

/// `settlectl terminal`.
struct TerminalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminal",
        abstract: "Registers terminals, makes their keys, blocks and unblocks them.",
        subcommands: [Register.self, Key.self, Block.self, Unblock.self])

    /// `settlectl terminal register`.
    struct Register: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Registers a terminal and makes its master key and certificate.",
            discussion: """
                With --out the terminal's folder is written: certificate, key, authority, master \
                key, terminal.conf. With --components the master key is printed once, in two or \
                three parts for as many people, and no folder is written.

                  settlectl terminal register T0000001 --institution P99010000001 \\
                      --role pharmacy --out terminals/T0000001
                  settlectl terminal register T0000001 --institution P99010000001 \\
                      --role pharmacy --components 2
                """)

        @Argument(help: "The terminal's id: eight capitals or digits.")
        var terminal: String

        @Option(help: "The institution where it stands; is registered already.")
        var institution: String

        @Option(help: "\(Role.allCases.dropLast().map(\.name).joined(separator: ", ")).")
        var role: String

        @Option(help: "The folder for the terminal's files.")
        var out: String?

        @Option(help: "Print the master key in 2 or 3 components instead.")
        var components: Int?

        @Option(
            help: """
                The host by which the terminal reaches the daemon. Default: the address that the \
                daemon listens on where its certificate names it, else the certificate's first name.
                """)
        var host: String?

        @OptionGroup var options: SiteOptions

        func validate() throws {
            guard (out == nil) != (components == nil) else {
                throw ValidationError("give --out FOLDER or --components 2")
            }
            if let components, ComponentCount(rawValue: components) == nil {
                throw ValidationError("--components \(components): 2 or 3")
            }
        }

        func run() throws {
            let row = try row()
            let site = try options.open()
            let desk = try site.desk()
            defer { desk.close() }
            let maker = try TerminalMaker(site: site, host: host)
            try register(row, dryRun: true, at: desk)
            if let out { try TerminalMaker.makeFolder(out) }
            // The key first: a daemon reads it when it makes the terminal known.
            let key = try maker.makeKey(of: row)
            try register(row, dryRun: false, at: desk)
            try reload(desk)
            if let out {
                try maker.write(row, key: key, to: out)
                options.printer.done(
                    "registered \(terminal); its files are in \(out)",
                    [("terminal", .text(terminal)), ("folder", .text(out))])
            } else if let count = components.flatMap(ComponentCount.init) {
                options.printer.show(
                    try TerminalCommand.components(of: key, count, terminal: terminal))
            }
        }

        private func register(
            _ row: TerminalRow, dryRun: Bool, at desk: any OperatorDesk
        ) throws {
            let result = try desk.register([.terminal(row)], dryRun: dryRun)
            if case .refused(let why) = result.first { throw CommandFault(why) }
        }

        private func row() throws -> TerminalRow {
            guard let id = TerminalID(terminal) else {
                throw CommandFault("\(terminal): a terminal id is eight capitals or digits")
            }
            guard let institution = InstitutionID(institution) else {
                throw CommandFault("--institution \(institution): not a 12-character code")
            }
            guard let role = Role(name: role), role != .operator else {
                throw CommandFault("--role \(role): not a role of terminals")
            }
            return TerminalRow(id: id, institution: institution, role: role, blocked: false)
        }

    }

    /// `settlectl terminal key`.
    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a registered terminal a new master key; the old one is void.",
            discussion: "  settlectl terminal key T0000001 --components 3")

        @Argument(help: "The terminal's id.")
        var terminal: String

        @Option(help: "In how many components it is printed, 2 or 3.")
        var components = 2

        @OptionGroup var options: SiteOptions

        func run() throws {
            guard let count = ComponentCount(rawValue: components) else {
                throw ValidationError("--components \(components): 2 or 3")
            }
            let site = try options.open()
            let store = try site.keyStore()
            let terminal = terminal
            let key = try store.update { contents throws(CardSecurityFault) in
                _ = try contents.masterKey(of: terminal)
                return try contents.register(
                    terminal: terminal, existing: .replace, created: SealedKeyStore.now())
            }
            _ = try CertificateCommand.reload(site)
            options.printer.show(
                try TerminalCommand.components(of: key, count, terminal: terminal))
        }
    }

    /// `settlectl terminal block`.
    struct Block: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Blocks a terminal: it is refused with 58, in mid-session too.",
            discussion: "  settlectl terminal block T0000001")

        @Argument(help: "The terminal's id.")
        var terminal: String

        @OptionGroup var options: SiteOptions

        func run() throws {
            try TerminalCommand.change(terminal, options) { $0.blocked = true }
            options.printer.done("blocked \(terminal)", [("terminal", .text(terminal))])
        }
    }

    /// `settlectl terminal unblock`.
    struct Unblock: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a blocked terminal in again.",
            discussion: "  settlectl terminal unblock T0000001")

        @Argument(help: "The terminal's id.")
        var terminal: String

        @OptionGroup var options: SiteOptions

        func run() throws {
            try TerminalCommand.change(terminal, options) { $0.blocked = false }
            options.printer.done("unblocked \(terminal)", [("terminal", .text(terminal))])
        }
    }

    /// A master key's components, and the check values of each and of the whole.
    static func components(
        of key: SecretBytes, _ count: ComponentCount, terminal: String
    ) throws -> Record {
        let parts = try TerminalMasterKey.components(of: key, count: count)
        var fields: [(name: String, value: Scalar)] = [("terminal", .text(terminal))]
        for (index, part) in parts.enumerated() {
            fields.append(("component_\(index + 1)", .text(part.clearText)))
            fields.append(("check_value_\(index + 1)", .text("\(part.checkValue)")))
        }
        fields.append(("check_value", .text("\(try TerminalMasterKey.checkValue(of: key))")))
        return Record(fields)
    }

    static func change(
        _ terminal: String, _ options: SiteOptions, _ change: (inout TerminalRow) -> Void
    ) throws {
        try options.withDesk { desk, _ in
            guard case .reference(let changes) = try desk.read(.reference) else { return }
            for case .terminal(var row) in changes where row.id.text == terminal {
                change(&row)
                let result = try desk.register([.terminal(row)], dryRun: false)
                if case .refused(let why) = result.first { throw CommandFault(why) }
                return
            }
            throw CommandFault("no terminal \(terminal)")
        }
    }
}

/// Has a daemon that runs read keys and certificates again; a store alone has nothing to read.
func reload(_ desk: any OperatorDesk) throws {
    if desk is DaemonDesk { _ = try desk.maintain(.reload, "") }
}

/// Makes what a terminal needs to sign on.
struct TerminalMaker {
    private let authority: CertificateAuthority
    private let keys: SealedKeyStore
    private let host: String
    private let port: Int

    init(site: Site, host: String? = nil) throws {
        authority = try site.authority()
        keys = try site.keyStore()
        self.host = try host ?? Self.host(of: site)
        // Where any free port is taken there is none to write down: the usual one stands in.
        port = site.configuration.listen.port == 0 ? 9600 : site.configuration.listen.port
    }

    /// The address that the daemon listens on where its certificate names that, else the first name there:
    /// a terminal goes only where the certificate bears the name that it asked for.
    private static func host(of site: Site) throws -> String {
        let address = site.configuration.listen.address
        let names = try CertificateAuthority.serverNames(
            inCertificateAt: site.configuration.tls.certificate)
        if names.contains(.address(address)) { return address }
        return switch names.first {
        case .dns(let name), .address(let name): name
        case nil: address
        }
    }

    /// Makes the folder for a terminal's files, before anything is registered that they belong to.
    static func makeFolder(_ folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw CommandFault("--out \(folder): the folder cannot be written to")
        }
    }

    /// A new master key in the site's key store.
    func makeKey(of row: TerminalRow) throws -> SecretBytes {
        let terminal = row.id.text
        return try keys.update { contents throws(CardSecurityFault) in
            try contents.register(
                terminal: terminal, existing: .replace, created: SealedKeyStore.now())
        }
    }

    /// New master keys of many terminals, sealed once.
    func makeKeys(of rows: [TerminalRow]) throws -> [SecretBytes] {
        try keys.update { contents throws(CardSecurityFault) in
            var made: [SecretBytes] = []
            for row in rows {
                made.append(
                    try contents.register(
                        terminal: row.id.text, existing: .replace,
                        created: SealedKeyStore.now()))
            }
            return made
        }
    }

    /// The terminal's folder, with a new certificate.
    func write(_ row: TerminalRow, key: SecretBytes, to folder: String) throws {
        let issued = try authority.issueTerminalCertificate(
            try TerminalSubject(terminal: row.id.text, institution: row.institution.text))
        try CertificateCommand.write(issued, to: folder, existing: .replace)
        let anchor = folder + "/authority.pem"
        try? FileManager.default.removeItem(atPath: anchor)
        try FileManager.default.copyItem(atPath: authority.certificatePath, toPath: anchor)
        try TerminalMasterKey.write(key, to: folder + "/master.key")
        let settings = TerminalCredentials.settings(
            terminal: row.id, host: host, port: port, serverName: nil)
        try settings.write(
            toFile: folder + "/terminal.conf", atomically: true, encoding: .utf8)
    }
}
