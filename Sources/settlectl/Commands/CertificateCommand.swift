import ArgumentParser
import CertificateAuthority
import Foundation

/// `settlectl certificate`.
struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Issues, renews, revokes and lists the site's certificates.",
        subcommands: [List.self, Issue.self, Renew.self, Revoke.self, Refresh.self])

    /// `settlectl certificate list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists every certificate that the site's authority issued.")

        @OptionGroup var options: SiteOptions

        func run() throws {
            let issued = try options.open().authority().issued()
            options.printer.list(issued.map { Record($0) }, empty: "no certificate was issued")
        }
    }

    /// `settlectl certificate issue`.
    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issues a terminal's certificate, with a new key or for a request.",
            discussion: """
                  settlectl certificate issue T0000001 --institution P99010000001 --out ./T0000001
                  settlectl certificate issue T0000001 --institution P99010000001 \\
                      --request t1.csr --out ./T0000001
                """)

        @Argument(help: "The terminal's id.")
        var terminal: String

        @Option(help: "The institution where it stands.")
        var institution: String

        @Option(help: "A PKCS #10 request, PEM; the terminal's key then stays with the terminal.")
        var request: String?

        @Option(help: "The folder for terminal.pem, and terminal.key where a key is made.")
        var out: String

        @Option(help: "Days until it expires, 1...3650, and not after the authority does.")
        var days = ValidityDays(397)

        @OptionGroup var options: SiteOptions

        func run() throws {
            let key: SubjectKey =
                if let request {
                    .request(pem: try String(contentsOfFile: request, encoding: .utf8))
                } else {
                    .generated(.ecP256)
                }
            let issued = try options.open().authority().issueTerminalCertificate(
                try TerminalSubject(terminal: terminal, institution: institution), key: key,
                validity: .days(days.count))
            try CertificateCommand.write(issued, to: out, existing: .refuse)
            options.printer.done(
                "issued certificate \(issued.record.serialHex) for \(terminal) in \(out)",
                [("serial", .text(issued.record.serialHex)), ("folder", .text(out))])
        }
    }

    /// `settlectl certificate renew`.
    struct Renew: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issues a certificate for the same subject with a new key.",
            discussion: """
                The old certificate stays good until it expires or is revoked.

                  settlectl certificate renew 3F... --out ./T0000001
                """)

        @Argument(help: "The old certificate's serial number.")
        var serial: String

        @Option(help: "The folder for terminal.pem and terminal.key; files there are replaced.")
        var out: String

        @Option(help: "Days until it expires, 1...3650, and not after the authority does.")
        var days = ValidityDays(397)

        @OptionGroup var options: SiteOptions

        func run() throws {
            let issued = try options.open().authority().renew(
                serialHex: serial, validity: .days(days.count))
            try CertificateCommand.write(issued, to: out, existing: .replace)
            options.printer.done(
                "issued certificate \(issued.record.serialHex) in \(out)",
                [("serial", .text(issued.record.serialHex)), ("folder", .text(out))])
        }
    }

    /// `settlectl certificate revoke`.
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revokes a certificate; a daemon that runs refuses it from now on.",
            discussion: "  settlectl certificate revoke 3F... --reason keyCompromise")

        @Argument(help: "The serial number.")
        var serial: String

        @Option(
            help:
                "\(RevocationReason.allCases.map(\.rawValue).joined(separator: ", "))."
        )
        var reason: RevocationReason = .unspecified

        @OptionGroup var options: SiteOptions

        func run() throws {
            let site = try options.open()
            try site.authority().revoke(serialHex: serial, reason: reason)
            let isReloaded = try CertificateCommand.reload(site)
            options.printer.done(
                "revoked \(serial)" + (isReloaded ? "; the daemon knows" : ""),
                [("serial", .text(serial)), ("daemon_reloaded", .flag(isReloaded))])
        }
    }

    /// `settlectl certificate refresh-list`.
    struct Refresh: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "refresh-list",
            abstract: "Issues the revocation list again, good for so many days.",
            discussion: "Repeat it before the list expires: on an expired one nobody gets in.")

        @Option(help: "Days, 1...3650.")
        var days = ValidityDays(30)

        @OptionGroup var options: SiteOptions

        func run() throws {
            let site = try options.open()
            try site.authority().issueRevocationList(validity: .days(days.count))
            let isReloaded = try CertificateCommand.reload(site)
            options.printer.done(
                "issued the revocation list for \(days.count) days",
                [("days", .number(Int64(days.count))), ("daemon_reloaded", .flag(isReloaded))])
        }
    }

    /// Has a daemon that runs read the certificates again; false where none runs.
    static func reload(_ site: Site) throws -> Bool {
        guard let desk = try DaemonDesk(socket: site.configuration.operatorSocket) else {
            return false
        }
        defer { desk.close() }
        _ = try desk.maintain(.reload, "")
        return true
    }

    /// Writes terminal.pem and terminal.key into a folder.
    static func write(
        _ issued: IssuedCertificate, to folder: String, existing: IssuedCertificate.ExistingFiles
    ) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try issued.write(
            certificateTo: folder + "/terminal.pem", privateKeyTo: folder + "/terminal.key",
            existing: existing)
    }
}

extension RevocationReason: ExpressibleByArgument {}

extension Record {
    /// A certificate.
    init(_ issued: IssuedRecord) {
        self.init([
            ("serial", .text(issued.serialHex)), ("for", .text(issued.kind.rawValue)),
            ("subject", .text(issued.subject)),
            ("expires", .text(issued.validity.end.description)),
            ("revoked", issued.revocation.map { .text($0.time.description) } ?? .none),
            ("reason", issued.revocation.map { .text($0.reason.rawValue) } ?? .none),
        ])
    }
}
