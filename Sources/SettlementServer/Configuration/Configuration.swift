import Logging
import Yams

/// What the daemon is told at start, checked; `Config/settled.yaml` describes each key.
public struct Configuration: Sendable, Equatable {
    /// An address and a port to listen on.
    public struct Endpoint: Sendable, Equatable {
        /// A numeric address or a host name.
        public var address: String
        /// 0: any free port.
        public var port: Int
    }

    /// The files of TLS; absolute paths.
    public struct TLSFiles: Sendable, Equatable {
        /// The lowest version spoken.
        public enum Version: String, Sendable, CaseIterable {
            case tls12 = "1.2"
            case tls13 = "1.3"
        }

        /// The daemon's certificate chain, PEM.
        public var certificate: String
        /// Its private key, PEM.
        public var key: String
        /// The authorities that sign terminals' certificates, PEM.
        public var trust: String
        /// Their revocation lists, PEM; nil: none is checked.
        public var revocation: String?
        /// The lowest version spoken.
        public var minimumVersion: Version
    }

    /// Where the ledger is stored.
    public enum Store: Sendable, Equatable {
        /// A file of this machine's; absolute.
        case sqlite(path: String)
        /// A database that other daemons may share.
        case postgresql(Database)
    }

    /// A PostgreSQL database.
    public struct Database: Sendable, Equatable {
        /// libpq's connection string.
        public var connection: String
        /// Committers that work side by side, each over a connection of its own.
        public var lanes = 2
        /// The longest wait for an answer of the server.
        public var answerMillis = 10_000
        /// The longest wait for a lock that another daemon holds.
        public var lockMillis = 500
        /// How long is tried to find out whether a commit has happened whose answer was lost.
        public var resolveMillis = 10_000

        /// Creates a database's settings with their defaults.
        public init(connection: String) { self.connection = connection }
    }

    /// Where the key store is and what opens it.
    public struct Keys: Sendable, Equatable {
        /// What the key store is sealed under.
        public enum Seal: Sendable, Equatable {
            /// A file that holds the key-encryption key.
            case keyFile(String)
            /// A file that holds a passphrase.
            case passphraseFile(String)
            /// The name of a credential that systemd passes on.
            case credential(String)
        }

        /// The key store's file; absolute.
        public var store: String
        /// What opens it.
        public var seal: Seal
    }

    /// How events are logged, to standard error.
    public struct Log: Sendable, Equatable {
        /// The least that is logged.
        public var level: Logger.Level
        /// Text or JSON.
        public var format: LineLogHandler.Format
    }

    /// Where terminals connect.
    public var listen: Endpoint
    /// Connections that the system holds until they are accepted.
    public var backlog: Int
    /// Threads that serve connections.
    public var eventLoops: Int
    /// Certificates.
    public var tls: TLSFiles
    /// The operator's UNIX-domain socket; absolute.
    public var operatorSocket: String
    /// The ledger.
    public var store: Store
    /// The key store.
    public var keys: Keys
    /// What no peer may go beyond.
    public var limits: Limits
    /// Seconds for requests in flight at shutdown; connections are then cut.
    public var drainSeconds: Int
    /// Logging.
    public var log: Log
    /// When the business date moves by itself; nil: only when an operator says so.
    public var daySchedule: DaySchedule?
    /// Where the metrics page is served; nil: nowhere.
    public var metrics: Endpoint?
    /// The file to which terminals' requests are recorded, less the time of start that each
    /// start appends to its name; nil: none; absolute.
    public var recordingPath: String?
    /// The file to which the ready line is written once the daemon listens; nil: none; absolute.
    public var readyFile: String?

    /// Reads and checks a file; relative paths in it are relative to its folder.
    ///
    /// - Parameter path: the file.
    /// - Returns: what it says.
    /// - Throws: every problem found, each with its key's path.
    public static func load(path: String) throws(ConfigurationFault) -> Configuration {
        guard let yaml = FileText.read(path: path) else {
            throw ConfigurationFault(problems: [
                "\(path): cannot be read: \(FileText.lastError)"
            ])
        }
        // What was cut in the middle of a line may still be YAML, with another value.
        guard yaml.utf8.last == UInt8(ascii: "\n") else {
            throw ConfigurationFault(problems: [
                "\(path): its last line does not end with a line feed: the file is empty or was cut"
            ])
        }
        let absolute = FileText.absolute(path)
        return try Configuration(yaml: yaml, directory: FileText.directory(of: absolute))
    }

    /// Reads and checks a text.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - directory: what relative paths are relative to.
    /// - Throws: every problem found, each with its key's path.
    public init(yaml: String, directory: String) throws(ConfigurationFault) {
        let problems = ConfigurationProblems()
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw ConfigurationFault(problems: ["not YAML: \(YAMLDefect.words(error))"])
        }
        let top = ConfigurationSection(root, path: "", problems: problems)
        let path = { (text: String) in FileText.resolved(text, in: directory) }

        let listen = top.section("listen")
        self.listen = Endpoint(
            address: listen.text("address", default: "0.0.0.0"),
            port: listen.integer("port", in: 0...65_535, default: 9_600))
        backlog = listen.integer("backlog", in: 1...65_535, default: 1_024)
        eventLoops = listen.integer("event_loops", in: 1...64, default: 1)
        listen.refuseUnknownKeys()

        let tls = top.section("tls")
        self.tls = TLSFiles(
            certificate: path(tls.text("certificate")), key: path(tls.text("key")),
            trust: path(tls.text("trust")), revocation: tls.optionalText("revocation").map(path),
            minimumVersion: tls.choice("minimum_version", default: .tls13))
        tls.refuseUnknownKeys()

        let operators = top.section("operator")
        operatorSocket = path(operators.text("socket", default: "/run/settled/operator.sock"))
        if operatorSocket.utf8.count > FileText.socketPathMax {
            operators.note(
                "socket",
                "\(operatorSocket) is longer than \(FileText.socketPathMax) bytes")
        }
        operators.refuseUnknownKeys()

        store = Store(top.section("store"), path: path)
        keys = Keys(top.section("keys"), path: path)
        limits = Limits(top.section("limits"))

        let drain = top.section("drain")
        drainSeconds = drain.integer("seconds", in: 1...600, default: 20)
        drain.refuseUnknownKeys()

        let log = top.section("log")
        self.log = Log(
            level: log.choice("level", default: .info), format: log.choice("format", default: .text)
        )
        log.refuseUnknownKeys()

        let metrics = top.section("metrics")
        if metrics.isPresent {
            self.metrics = Endpoint(
                address: metrics.text("address", default: "127.0.0.1"),
                port: metrics.integer("port", in: 0...65_535, default: nil))
        }
        metrics.refuseUnknownKeys()

        daySchedule = Self.daySchedule(top.section("business_day"))

        let recording = top.section("recording")
        recordingPath = recording.optionalText("path").map(path)
        recording.refuseUnknownKeys()

        readyFile = top.optionalText("ready_file").map(path)
        top.refuseUnknownKeys()
        guard problems.lines.isEmpty else { throw ConfigurationFault(problems: problems.lines) }
    }
}

extension Configuration {
    private static func daySchedule(_ section: ConfigurationSection) -> DaySchedule? {
        let zone = section.text("time_zone", default: "Asia/Shanghai")
        let text = section.text("close_at", default: "off")
        section.refuseUnknownKeys()
        guard let known = DaySchedule(timeZone: zone, closeAt: 0) else {
            section.note("time_zone", "\"\(zone)\" is no time zone, such as Asia/Shanghai")
            return nil
        }
        guard text != "off" else { return nil }
        guard let seconds = DaySchedule.seconds(text) else {
            section.note("close_at", "\"\(text)\" is neither off nor a time such as 23:59:30")
            return nil
        }
        return DaySchedule(timeZone: known.timeZone.identifier, closeAt: seconds)
    }
}

extension Configuration.Store {
    private enum Kind: String, CaseIterable { case sqlite, postgresql }

    fileprivate init(_ section: ConfigurationSection, path: (String) -> String) {
        switch section.choice("kind", default: Kind.sqlite) {
        case .sqlite: self = .sqlite(path: path(section.text("path")))
        case .postgresql:
            var database = Configuration.Database(connection: section.text("connection"))
            database.lanes = section.integer("lanes", in: 1...32, default: database.lanes)
            database.answerMillis = section.integer(
                "answer_ms", in: 100...600_000, default: database.answerMillis)
            database.lockMillis = section.integer(
                "lock_ms", in: 1...60_000, default: database.lockMillis)
            database.resolveMillis = section.integer(
                "resolve_ms", in: 0...600_000, default: database.resolveMillis)
            self = .postgresql(database)
        }
        section.refuseUnknownKeys()
    }
}

extension Configuration.Keys {
    fileprivate init(_ section: ConfigurationSection, path: (String) -> String) {
        store = path(section.text("store"))
        let file = section.optionalText("key_file").map { Seal.keyFile(path($0)) }
        let passphrase = section.optionalText("passphrase_file")
            .map { Seal.passphraseFile(path($0)) }
        let credential = section.optionalText("credential").map { Seal.credential($0) }
        let given = [file, passphrase, credential].compactMap { $0 }
        if given.count != 1 {
            section.note(
                "key_file",
                "exactly one of key_file, passphrase_file, credential must be given, not "
                    + "\(given.count)")
        }
        seal = given.first ?? .keyFile("")
        section.refuseUnknownKeys()
    }
}
