import Foundation
import Glibc
import Synchronization

/// A PostgreSQL server of a test's own, from Debian's packages, in a folder that goes with it.
public final class DatabaseServer: Sendable {
    /// The folder that holds data, socket and log.
    public let folder: String
    /// The port on loopback; nil: the socket in the folder only.
    public let port: UInt16?
    /// The small disk that its data are on; nil: they are in the folder.
    public let disk: SmallDisk?
    private let running = Mutex<ChildProcess?>(nil)
    private let databases = Mutex(0)

    private static let user = "settled"

    /// The server that tests share which only need a database; started with the first.
    public static func shared() throws -> DatabaseServer {
        try sharedServer.get()
    }

    private static let sharedServer = Result { try DatabaseServer(port: nil) }

    /// Makes a new server and starts it.
    ///
    /// - Parameters:
    ///   - port: where it listens on loopback; nil: nowhere but at its socket.
    ///   - settings: lines for `postgresql.conf`.
    ///   - files: what lies in its data folder besides, readable by itself only.
    ///   - access: lines for `pg_hba.conf`, before those that trust everybody.
    ///   - diskBytes: its data lie on a disk of this size; nil: where there is room.
    /// - Throws: `ProcessFault` where PostgreSQL is not installed or does not start.
    public init(
        port: UInt16?, settings: [String] = [], files: [String: Data] = [:], access: [String] = [],
        diskBytes: Int? = nil
    ) throws {
        self.port = port
        let folder = try Self.makeFolder()
        self.folder = folder
        disk = try diskBytes.map { try SmallDisk(at: folder + "/data", bytes: $0) }
        if disk != nil { try Self.own(folder + "/data") }
        try Self.run(
            "initdb",
            ["-D", folder + "/data", "-U", Self.user, "-A", "trust", "-E", "UTF8"]
                + ["--locale=C", "--no-sync"] + (disk == nil ? [] : ["--wal-segsize=1"]),
            in: folder)
        let hba = folder + "/data/pg_hba.conf"
        let old = try String(contentsOfFile: hba, encoding: .utf8)
        try ((access + [old]).joined(separator: "\n")).write(
            toFile: hba, atomically: false, encoding: .utf8)
        for (name, content) in files {
            let path = "\(folder)/data/\(name)"
            _ = FileManager.default.createFile(
                atPath: path, contents: content, attributes: [.posixPermissions: 0o600])
            try Self.own(path)
        }
        try configure(settings)
        try start()
    }

    /// Makes a standby of a server from a copy of its data, and starts it.
    public init(standbyOf primary: DatabaseServer, name: String, port: UInt16?) throws {
        self.port = port
        disk = nil
        folder = try Self.makeFolder()
        try Self.run(
            "pg_basebackup",
            [
                "-D", folder + "/data", "-U", Self.user, "-h", primary.folder, "-p",
                "\(primary.port ?? 5432)", "-X", "stream", "-c", "fast", "--no-sync",
            ], in: folder)
        _ = FileManager.default.createFile(
            atPath: folder + "/data/standby.signal", contents: Data())
        try Self.own(folder + "/data/standby.signal")
        try configure([
            "primary_conninfo = 'host=\(primary.folder) port=\(primary.port ?? 5432) "
                + "user=\(Self.user) application_name=\(name)'"
        ])
        try start()
    }

    /// Copies a server's data while it runs; the copy is started by `recover`.
    public init(backupOf server: DatabaseServer) throws {
        port = nil
        disk = nil
        folder = try Self.makeFolder()
        try Self.run(
            "pg_basebackup",
            ["-D", folder + "/data", "-U", Self.user, "-h", server.folder, "-X", "none"]
                + ["-c", "fast", "--no-sync"], in: folder)
        try configure(["archive_mode = off"])
    }

    /// Starts a backup, which takes what came after it from an archive, up to a restore point, and
    /// becomes a server of its own.
    public func recover(from archive: String, to point: String) throws {
        _ = FileManager.default.createFile(
            atPath: folder + "/data/recovery.signal", contents: Data())
        try Self.own(folder + "/data/recovery.signal")
        try configure([
            "restore_command = 'cp \(archive)/%f %p'", "recovery_target_name = '\(point)'",
            "recovery_target_action = 'promote'",
        ])
        try start()
        while try sql("SELECT pg_is_in_recovery()", in: "postgres") != "f" {}
    }

    deinit {
        kill()
        disk?.unmount()
        Leftovers.remove(folder: folder)
    }

    /// A connection string for a new, empty database.
    public func newDatabase() throws -> String {
        let number = databases.withLock { count in
            count += 1
            return count
        }
        let name = "ledger\(number)"
        try sql("CREATE DATABASE \(name)", in: "postgres")
        return conninfo(name)
    }

    /// A connection string for a database, through the socket.
    public func conninfo(_ database: String) -> String {
        "host=\(folder) port=\(port ?? 5432) user=\(Self.user) dbname=\(database)"
    }

    /// Runs statements; gives what they answer, columns parted by `|`.
    @discardableResult
    public func sql(_ statements: String, in database: String) throws -> String {
        try Self.run(
            "psql",
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo(database)]
                + ["-c", statements], in: folder)
    }

    /// Starts the server and waits until it takes connections.
    public func start() throws {
        let data = folder + "/data"
        unlink(data + "/postmaster.pid")
        // Its log comes by the pipe: the shell only joins the two and becomes the server.
        let line = try Self.command("postgres", ["-D", data])
        let process = try ChildProcess(
            "/bin/sh", ["-c", "exec \"$0\" \"$@\" 2>&1"] + line, in: folder,
            errorPath: folder + "/log")
        running.withLock { $0 = process }
        let told = DispatchSemaphore(value: 0)
        let log = Mutex<(isReady: Bool, text: String)>((false, ""))
        Thread {
            // Read to its end, so that the server never waits for a reader.
            while let line = process.readLine() {
                let isReady = line.contains("ready to accept")
                log.withLock { log in
                    if log.isReady { return }
                    log.isReady = isReady
                    log.text += line + "\n"
                }
                if isReady { told.signal() }
            }
            told.signal()
        }.start()
        told.wait()
        let (isReady, text) = log.withLock { $0 }
        guard isReady else { throw ProcessFault("postgres ended: \(text.suffix(800))") }
    }

    /// Ends the server as a loss of power would, with every process of its own.
    public func kill() {
        guard let process = running.withLock({ $0 }) else { return }
        // The postmaster leads a group of its own; what it has started is in it.
        let children = Self.children(of: process.id)
        process.send(SIGKILL)
        for child in children { Glibc.kill(child, SIGKILL) }
        process.waitUntilEnded()
        running.withLock { $0 = nil }
    }

    /// Makes a standby the primary; returns when it takes writes.
    public func promote() throws {
        try Self.run(
            "pg_ctl", ["promote", "-w", "-D", folder + "/data", "-s"], in: folder, asServer: true)
    }

    private func configure(_ settings: [String]) throws {
        let lines =
            [
                "listen_addresses = '\(port == nil ? "" : "127.0.0.1")'",
                "port = \(port ?? 5432)", "unix_socket_directories = '\(folder)'",
                "max_connections = 200", "shared_buffers = 64MB", "log_min_messages = warning",
                "wal_sync_method = fdatasync", "max_wal_senders = 8", "logging_collector = off",
            ] + settings
        let path = folder + "/data/postgresql.auto.conf"
        let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try (old + lines.joined(separator: "\n") + "\n").write(
            toFile: path, atomically: false, encoding: .utf8)
        try Self.own(path)
    }
}

extension DatabaseServer {
    /// The folder of the newest server's programs.
    private static let programs: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap(Int.init).max().map { "\(root)/\($0)/bin" }
    }()

    /// The server refuses to run as root: then it runs as Debian's own user for it.
    private static let isRoot = getuid() == 0
    private static let debianUser = "postgres"

    /// The words that run a program, as the user who may run servers.
    private static func command(_ program: String, _ arguments: [String]) throws -> [String] {
        guard let programs else {
            throw ProcessFault("PostgreSQL is not installed: run Scripts/setup")
        }
        let words = ["\(programs)/\(program)"] + arguments
        guard isRoot else { return words }
        return [
            "/usr/bin/setpriv", "--reuid=\(debianUser)", "--regid=\(debianUser)",
            "--clear-groups",
        ] + words
    }

    @discardableResult
    private static func run(
        _ program: String, _ arguments: [String], in folder: String, asServer: Bool = false
    ) throws -> String {
        let line = try command(program, arguments)
        return try ChildProcess.run(line[0], Array(line.dropFirst()), in: folder)
    }

    private static func makeFolder() throws -> String {
        // Short: a socket's path has at most 107 bytes.
        let folder = "/tmp/settled-db-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755])
        Leftovers.add(folder: folder)
        try own(folder)
        return folder
    }

    private static func own(_ path: String) throws {
        guard isRoot, let user = getpwnam(debianUser) else { return }
        guard chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw ProcessFault("\(path) cannot be given to \(debianUser)")
        }
    }

    /// The processes that a process has started.
    private static func children(of process: pid_t) -> [pid_t] {
        let path = "/proc/\(process)/task/\(process)/children"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { pid_t($0) }
    }
}

extension DatabaseServer {
    /// A port on loopback that is free now.
    public static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw ProcessFault("no port is free: \(errno)") }
        return UInt16(bigEndian: address.sin_port)
    }
}
