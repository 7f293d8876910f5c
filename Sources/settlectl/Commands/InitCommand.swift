import ArgumentParser
import CardSecurity
import CertificateAuthority
import Foundation
import SettlementClient
import SettlementDomain
import SettlementServer
import StoreChoice

/// `settlectl init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes a new site: authority, certificates, keys, store, settled.yaml.",
        discussion: """
              settlectl init /srv/site --server-name settle.example --port 9600
            """)

    @Argument(help: "The site's folder; is made, and must be empty where it is there.")
    var directory: String

    @Option(help: "A DNS name or address by which terminals know the server; repeat for more.")
    var serverName: [String] = ["localhost", "127.0.0.1"]

    @Option(help: "The address to listen on.")
    var address = "127.0.0.1"

    @Option(help: "The port to listen on, 0...65535; 0: any free one.")
    var port = 9600

    @Option(help: "The first business date. Default: today in Asia/Shanghai.")
    var businessDate: String?

    @Option(help: "The name of the site's certificate authority.")
    var authorityName = "settled site authority"

    @Option(help: "A PostgreSQL connection string; default: a SQLite file in the folder.")
    var database: String?

    @Flag(help: "Answer in JSON.")
    var json = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port \(port) is outside 0...65535")
        }
        if let businessDate, CivilDate(businessDate) == nil {
            throw ValidationError("--business-date \(businessDate): not a date such as 2026-11-23")
        }
    }

    func run() throws {
        try Self.makeSite(
            in: directory, serverNames: serverName, address: address, port: port,
            businessDate: businessDate.flatMap { CivilDate($0) } ?? Self.today(),
            authorityName: authorityName, database: database)
        Printer(json: json).done(
            "made a site in \(directory)", [("directory", .text(directory))])
        if !json {
            print("next: settlectl import institutions FILE --site \(directory), then")
            print("      settled --config \(directory)/\(Site.Part.configuration)")
        }
    }

    /// Makes everything; a folder that holds something already is refused.
    static func makeSite(
        in directory: String, serverNames: [String], address: String, port: Int,
        businessDate: CivilDate, authorityName: String, database: String? = nil
    ) throws {
        let files = FileManager.default
        let there = (try? files.contentsOfDirectory(atPath: directory)) ?? []
        guard there.isEmpty else {
            throw CommandFault("\(directory): is not empty; name a new folder")
        }
        let isNew = !files.fileExists(atPath: directory)
        try files.createDirectory(
            atPath: directory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        func path(_ part: String) -> String { directory + "/" + part }
        let store: Configuration.Store =
            database.map { .postgresql(Configuration.Database(connection: $0)) }
            ?? .sqlite(path: path(Site.Part.store))
        var hasDatabase = false
        do {
            try KeyEncryptionSource.generateKeyFile(at: path(Site.Part.keyEncryptionKey))
            let keys = try SealedKeyStore.create(
                at: path(Site.Part.keyStore),
                source: .keyFile(path: path(Site.Part.keyEncryptionKey)))
            try ChosenStore(store, seal: SiteSeal(keys)).create(
                businessDate: businessDate, at: Int64(Date().timeIntervalSince1970 * 1000))
            hasDatabase = database != nil
            let authority = try CertificateAuthority.create(
                in: path(Site.Part.authority), name: authorityName)
            let certificate = try authority.issueServerCertificate(
                name: serverNames.first ?? "settled",
                names: serverNames.map { ServerAddress.isNumeric($0) ? .address($0) : .dns($0) })
            try certificate.write(
                certificateTo: path(Site.Part.serverCertificate),
                privateKeyTo: path(Site.Part.serverKey))
            try files.createDirectory(
                atPath: path(Site.Part.terminals), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try settings(address: address, port: port, database: database).write(
                toFile: path(Site.Part.configuration), atomically: true, encoding: .utf8)
        } catch {
            // What was made is nobody's yet, and the same command, mended, shall work: but a database is
            // sealed under the keys from here on.
            guard !hasDatabase else { throw error }
            if isNew {
                try? files.removeItem(atPath: directory)
            } else {
                for part in (try? files.contentsOfDirectory(atPath: directory)) ?? [] {
                    try? files.removeItem(atPath: path(part))
                }
            }
            throw error
        }
    }

    /// Today in Asia/Shanghai, which has been UTC+8 without change since 1991.
    static func today() -> CivilDate {
        let seconds = Date().timeIntervalSince1970 + 8 * 3600
        return CivilDate(daysSinceEpoch: Int(seconds) / 86_400) ?? .first
    }

    private static func storeSettings(_ database: String?) -> String {
        guard let database else { return "  kind: sqlite\n  path: \(Site.Part.store)" }
        let quoted = database.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "  kind: postgresql\n  connection: \"\(quoted)\""
    }

    private static func settings(address: String, port: Int, database: String?) -> String {
        """
        # Made by settlectl init. Every key, its unit, range and default: Config/settled.yaml of the
        # sources. Relative paths are relative to this file.
        listen:
          address: "\(address)"
          port: \(port)
        tls:
          certificate: \(Site.Part.serverCertificate)
          key: \(Site.Part.serverKey)
          trust: \(Site.Part.authority)/authority.pem
          revocation: \(Site.Part.authority)/crl.pem
        operator:
          socket: \(Site.Part.socket)
        store:
        \(storeSettings(database))
        keys:
          store: \(Site.Part.keyStore)
          key_file: \(Site.Part.keyEncryptionKey)
        business_day:
          time_zone: Asia/Shanghai
          close_at: "00:00"
        ready_file: \(Site.Part.ready)

        """
    }
}
