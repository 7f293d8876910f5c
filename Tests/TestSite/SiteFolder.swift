import CardSecurity
import CertificateAuthority
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TLSChannel
import TestProcesses

/// A site in a temporary folder: authority, certificates, key store, a store filled with the town.
public final class SiteFolder: Sendable {
    /// The folder; its path is short enough for a socket's.
    public let path: String
    /// The key store that the daemon uses too.
    public let vault: SealedKeyStore
    /// The authority that signed every certificate here.
    public let authority: CertificateAuthority

    private let store: TestStore

    private init(opening path: String, _ store: TestStore) throws {
        self.path = path
        self.store = store
        authority = try CertificateAuthority(openingIn: path + "/authority")
        vault = try SealedKeyStore.open(
            at: path + "/keys.sealed", source: .keyFile(path: path + "/kek"))
    }

    deinit {
        if case .database = store { store.remove() }
        Leftovers.remove(folder: path)
    }

    /// A site of the whole town whose ledger is in an empty database elsewhere.
    ///
    /// - Parameters:
    ///   - conninfo: how daemons reach the database.
    ///   - settings: more of the `store` section, each with a comma before.
    /// - Returns: the site.
    /// - Throws: what making the ledger throws.
    public static func town(at conninfo: String, settings: String = "") throws -> SiteFolder {
        let site = try copy { _ in .connection(conninfo, settings: settings) }
        let store = try site.store.create(businessDate: Town.today, vault: site.vault)
        defer { store.close() }
        try register(
            Town.registrations + Town.patients.flatMap { try $0.registrations(site.vault) },
            in: store)
        return site
    }

    /// A site of the whole town, a copy of one that is made once in a process.
    public static func town() throws -> SiteFolder {
        let site = try copy { TestStore.place(in: $0) }
        try site.store.copy(try template.get().store)
        return site
    }

    private static func copy(_ place: (String) -> TestStore) throws -> SiteFolder {
        let template = try Self.template.get()
        let path = newPath()
        let files = FileManager.default
        try files.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        // A store at rest has nothing in its log that its file has not, and a log is long.
        for name in try files.contentsOfDirectory(atPath: template.path)
        where !name.hasSuffix("-wal") && !name.hasSuffix("-shm") {
            try files.copyItem(atPath: "\(template.path)/\(name)", toPath: "\(path)/\(name)")
        }
        return try SiteFolder(opening: path, place(path))
    }

    /// A site with the town's keys and certificates and a store that holds something else.
    ///
    /// - Parameters:
    ///   - date: the store's business date.
    ///   - fill: commits what the store holds.
    /// - Returns: the site.
    /// - Throws: what `fill` throws.
    public static func with(
        businessDate date: CivilDate, filling fill: (any LedgerStore, SealedKeyStore) throws -> Void
    ) throws -> SiteFolder {
        let site = try town()
        site.store.remove()
        let store = try site.store.create(businessDate: date, vault: site.vault)
        defer { store.close() }
        try fill(store, site.vault)
        return site
    }

    /// Makes keys and certificates for more terminals; the operator registers them after that.
    public func addTerminals(_ rows: [TerminalRow]) throws {
        for row in rows {
            try Self.makeTerminal(row, in: "\(path)/terminals/\(row.id)", authority, vault)
        }
    }

    /// The files outside the folder in which the ledger's rows are.
    public func storedFiles() throws -> [String] { try store.files() }

    /// Every column of every table of the ledger, one run of bytes a table: texts and numbers as
    /// text, bytes as they are, in whatever pages and compressed or not they are stored.
    public func storedRows() throws -> [String: Data] { try store.rows() }

    /// What the daemon wrote to standard error, in all its runs here.
    public var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    var logPath: String { path + "/daemon.log" }

    /// Writes a configuration on a free port and gives its path.
    ///
    /// - Parameters:
    ///   - settings: lines of YAML; sections that are not below.
    ///   - tls: one more line of the section `tls`.
    ///   - name: of the configuration and of its socket.
    /// - Returns: the file's path.
    /// - Throws: where it cannot be written.
    @discardableResult
    public func configure(
        _ settings: String = "", tls: String = "", name: String = "settled"
    ) throws -> String {
        let text = """
            listen: {address: 127.0.0.1, port: 0}
            tls:
              certificate: server.pem
              key: server.key
              trust: authority/authority.pem
              revocation: authority/crl.pem
              \(tls)
            operator: {socket: \(name).sock}
            store: \(try store.settings())
            keys: {store: keys.sealed, key_file: kek}
            metrics: {port: 0}
            \(settings)

            """
        let file = "\(path)/\(name).yaml"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    /// What a terminal of the town needs to sign on; `port` is the daemon's.
    public func credentials(_ terminal: TerminalID, port: Int) throws -> TerminalCredentials {
        var credentials = try TerminalCredentials(directory: "\(path)/terminals/\(terminal)")
        credentials.port = port
        return credentials
    }

    /// How a client speaks TLS that shows these certificate files; nil: it shows none.
    public func clientTLS(
        certificate: String?, key: String?
    ) -> TLSConfiguration {
        var identity: TLSConfiguration.Identity?
        if let certificate, let key {
            identity = .init(certificateChainPath: certificate, privateKeyPath: key)
        }
        return TLSConfiguration(
            role: .client(server: .address("127.0.0.1")), identity: identity,
            trustAnchorsPath: path + "/authority/authority.pem",
            applicationProtocols: [ServerAddress.applicationProtocol])
    }

    // MARK: Making the template

    private static let template = Result { try makeTemplate() }

    private static func makeTemplate() throws -> SiteFolder {
        let path = newPath()
        let files = FileManager.default
        try files.createDirectory(
            atPath: path + "/terminals", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let authority = try CertificateAuthority.create(
            in: path + "/authority", name: "Invented authority")
        try authority.issueServerCertificate(name: "settled", names: [.address("127.0.0.1")])
            .write(certificateTo: path + "/server.pem", privateKeyTo: path + "/server.key")
        try KeyEncryptionSource.generateKeyFile(at: path + "/kek")
        let vault = try SealedKeyStore.create(
            at: path + "/keys.sealed", source: .keyFile(path: path + "/kek"))
        for row in Town.terminals {
            try makeTerminal(row, in: "\(path)/terminals/\(row.id)", authority, vault)
        }
        let place = TestStore.place(in: path)
        let store = try place.create(businessDate: Town.today, vault: vault)
        defer { store.close() }
        try register(
            Town.registrations + Town.patients.flatMap { try $0.registrations(vault) }, in: store)
        return try SiteFolder(opening: path, place)
    }

    private static func makeTerminal(
        _ row: TerminalRow, in folder: String, _ authority: CertificateAuthority,
        _ vault: SealedKeyStore
    ) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let terminal = row.id.text
        let key = try vault.update { contents throws(CardSecurityFault) in
            try contents.register(terminal: terminal, created: SealedKeyStore.now())
        }
        let digits = key.withUnsafeBytes { bytes in
            bytes.map { padded(hexadecimal: $0) }.joined()
        }
        try authority.issueTerminalCertificate(
            TerminalSubject(terminal: terminal, institution: row.institution.text)
        ).write(
            certificateTo: folder + "/terminal.pem", privateKeyTo: folder + "/terminal.key")
        try files.copyItem(
            atPath: authority.certificatePath, toPath: folder + "/authority.pem")
        let isWritten = files.createFile(
            atPath: folder + "/master.key", contents: Data(digits.utf8),
            attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw SiteFault("\(folder)/master.key cannot be written") }
        try TerminalCredentials.settings(
            terminal: row.id, host: "127.0.0.1", port: 1, serverName: nil
        ).write(toFile: folder + "/terminal.conf", atomically: true, encoding: .utf8)
    }

    private static func padded(hexadecimal byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// Registers all or throws with the first refusal.
    public static func register(_ registrations: [Registration], in store: any LedgerStore) throws {
        let sha256: SHA256Function = { Digest(words: SHA256.digest($0).words) }
        let ledger = Ledger(sha256: sha256, encodeResponse: ResponseEncoder.encode)
        let reference = try store.loadReference()
        let request = LedgerRequest.byOperator(
            .register(registrations, dryRun: false), on: reference.businessDate)
        var keys = LoadKeys()
        ledger.keys(of: request, reference: reference, into: &keys)
        var rows = try store.load(keys, reference: reference)
        let decision = ledger.decide(
            request, at: Int64(Date().timeIntervalSince1970 * 1_000), on: &rows)
        guard decision.code == .approved else {
            throw SiteFault("registrations refused: \(decision.code) \(decision.reason)")
        }
        try store.commit(rows.entries)
    }

    private static func newPath() -> String {
        // A socket's path has at most 107 bytes.
        let name = String(UInt64.random(in: .min ... .max), radix: 36)
        let path = NSTemporaryDirectory() + "sa-" + name
        Leftovers.add(folder: path)
        return path
    }
}

/// A site or its daemon is not as a test needs it.
public struct SiteFault: Error, CustomStringConvertible {
    /// What is wrong.
    public var description: String

    /// Creates a fault of its description.
    public init(_ description: String) {
        self.description = description
    }
}
