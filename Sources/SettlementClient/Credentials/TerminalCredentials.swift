import CardSecurity
import SettlementDomain
import TLSChannel

/// What one terminal needs in order to sign on: its name, its keys, and where the daemon is.
///
/// Kept in a folder of the terminal's own:
///
/// | file | content |
/// | --- | --- |
/// | `terminal.pem` | the client certificate, PEM |
/// | `terminal.key` | its private key, PEM, mode 0600 |
/// | `authority.pem` | the authority that signed the daemon's certificate, PEM |
/// | `master.key` | the terminal master key, 32 hexadecimal digits, mode 0600 |
/// | `terminal.conf` | lines `key = value`; `#` begins a comment |
///
/// Keys of `terminal.conf`: `terminal` (eight characters), `host`, `port` (1...65535) and
/// `server_name`, the DNS name that the daemon's certificate must bear; without it the certificate
/// must bear `host`.
public struct TerminalCredentials: Sendable {
    /// The terminal's name, as its certificate has it.
    public var terminal: TerminalID
    /// Under which the session's PIN key is wrapped.
    public var masterKey: SecretBytes
    /// PEM file of the client certificate.
    public var certificatePath: String
    /// PEM file of its private key.
    public var privateKeyPath: String
    /// PEM file of the authority that is trusted to name the daemon.
    public var authorityPath: String
    /// Host name or address of the daemon.
    public var host: String
    /// TCP port of the daemon.
    public var port: Int
    /// The DNS name in the daemon's certificate; nil: it bears `host`.
    public var serverName: String?
    /// The folder in which the terminal keeps what it must remember.
    public var directory: String

    static let keys = "terminal, host, port, server_name"

    /// Reads the credentials in a folder.
    ///
    /// Blocks on files; not for an event loop.
    ///
    /// - Parameter directory: holds the five files.
    /// - Throws: what is wrong, with file, line and key.
    public init(directory: String) throws(CredentialsFault) {
        let path = directory + "/terminal.conf"
        let settings = try SettingLines(
            text: try SmallFile.text(path), path: path,
            keys: ["terminal", "host", "port", "server_name"])
        terminal = try settings.required("terminal", "eight capitals or digits", TerminalID.init)
        host = try settings.required("host", "a host name or an address") { text in
            text.isEmpty || text.utf8.contains(0x20) ? nil : text
        }
        port = try settings.required("port", "a port, 1 to 65535") { text in
            Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
        }
        serverName = try settings.optional("server_name", "a DNS name") { text in
            text.isEmpty || text.utf8.contains(0x20) ? nil : text
        }
        certificatePath = directory + "/terminal.pem"
        privateKeyPath = directory + "/terminal.key"
        authorityPath = directory + "/authority.pem"
        for path in [certificatePath, authorityPath] { try SmallFile.check(path) }
        try SmallFile.check(privateKeyPath, isPrivate: true)
        masterKey = try Self.masterKey(directory + "/master.key")
        self.directory = directory
    }

    /// Reads every credentials folder directly in a folder, in the order of their names.
    ///
    /// A folder that itself holds a `terminal.conf` is taken alone.
    public static func all(in directory: String) throws(CredentialsFault) -> [TerminalCredentials] {
        if SmallFile.exists(directory + "/terminal.conf") {
            return [try TerminalCredentials(directory: directory)]
        }
        var found: [TerminalCredentials] = []
        for name in try SmallFile.names(in: directory)
        where SmallFile.exists("\(directory)/\(name)/terminal.conf") {
            found.append(try TerminalCredentials(directory: "\(directory)/\(name)"))
        }
        return found
    }

    /// The text of a `terminal.conf`, for the tool that makes the folder.
    public static func settings(
        terminal: TerminalID, host: String, port: Int, serverName: String?
    ) -> String {
        var text = "terminal = \(terminal)\nhost = \(host)\nport = \(port)\n"
        if let serverName { text += "server_name = \(serverName)\n" }
        return text
    }

    /// The daemon's address with TLS set up for this terminal.
    ///
    /// Blocks on files; not for an event loop.
    ///
    /// - Throws: `TLSFault` naming the file that cannot be used.
    public func address() throws(TLSFault) -> ServerAddress {
        .tls(host: host, port: port, try TLSContext(configuration))
    }

    /// How this terminal speaks TLS.
    public var configuration: TLSConfiguration {
        let identity: TLSConfiguration.ServerIdentity =
            if let serverName {
                .hostName(serverName)
            } else if ServerAddress.isNumeric(host) {
                .address(host)
            } else {
                .hostName(host)
            }
        return TLSConfiguration(
            role: .client(server: identity),
            identity: .init(certificateChainPath: certificatePath, privateKeyPath: privateKeyPath),
            trustAnchorsPath: authorityPath,
            applicationProtocols: [ServerAddress.applicationProtocol])
    }

    private static func masterKey(_ path: String) throws(CredentialsFault) -> SecretBytes {
        try SmallFile.check(path, isPrivate: true)
        var digits = try SmallFile.bytes(path)
        defer { for index in digits.indices { digits[index] = 0 } }
        while let last = digits.last, last == 0x0a || last == 0x0d { digits.removeLast() }
        guard digits.count == 2 * TerminalMasterKey.bytes else {
            throw .masterKeyMalformed(path: path)
        }
        var key: [UInt8] = []
        key.reserveCapacity(TerminalMasterKey.bytes)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else {
                throw .masterKeyMalformed(path: path)
            }
            key.append(high << 4 | low)
        }
        return SecretBytes(wiping: &key)
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
