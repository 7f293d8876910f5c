import CardSecurity
import CertificateAuthority
import Foundation
import Ledger
import SettlementServer
import StoreChoice

/// A site on disk: the folder with `settled.yaml`, and where its parts are.
struct Site {
    /// The site's folder.
    let directory: String
    /// What `settled.yaml` says.
    let configuration: Configuration

    /// The names of the parts that `settlectl init` makes, in the site's folder.
    enum Part {
        static let configuration = "settled.yaml"
        static let store = "store.sqlite"
        static let keyStore = "keys.sealed"
        static let keyEncryptionKey = "key-encryption.key"
        static let authority = "authority"
        static let serverCertificate = "server.pem"
        static let serverKey = "server.key"
        static let socket = "operator.sock"
        static let terminals = "terminals"
        static let ready = "ready"
    }

    /// Reads a site's configuration.
    init(openingIn directory: String) throws {
        let path = directory + "/" + Part.configuration
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFault(
                "\(path): there is no site here; make one with `settlectl init \(directory)` or "
                    + "name another with --site")
        }
        self.directory = directory
        do {
            configuration = try Configuration.load(path: path)
        } catch {
            throw CommandFault(error.problems.joined(separator: "\n"))
        }
    }

    /// A path in the site's folder.
    func path(_ part: String) -> String { directory + "/" + part }

    /// The site's certificate authority.
    func authority() throws -> CertificateAuthority {
        try CertificateAuthority(openingIn: path(Part.authority))
    }

    /// The key store that the configuration names.
    func keyStore() throws -> SealedKeyStore {
        try SealedKeyStore.open(
            at: configuration.keys.store, source: configuration.keys.source)
    }

    /// The store that the configuration names.
    func store() throws -> ChosenStore {
        ChosenStore(configuration.store, seal: try seal())
    }

    /// What the site's stores are sealed under.
    func seal() throws -> SiteSeal { try SiteSeal(keyStore()) }

    /// The daemon's desk where it runs, else the store's own.
    func desk() throws -> any OperatorDesk {
        if let daemon = try DaemonDesk(socket: configuration.operatorSocket) { return daemon }
        return try StoreDesk(store())
    }
}
