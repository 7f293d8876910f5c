import Foundation

/// Runs the real executables on a folder of their own.
struct Command {
    /// What a command gave.
    struct Result {
        var code: Int32
        var output: String
        var errors: String

        /// The output as JSON; what is none fails the test that asks.
        func json() throws -> Any {
            try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
        }
    }

    /// A temporary folder; removed by `remove`.
    let folder: String
    /// The site in it.
    var site: String { folder + "/site" }

    init() throws {
        // A socket's path has at most 107 bytes.
        folder = NSTemporaryDirectory() + "ctl-" + String(UInt64.random(in: 0...(.max)), radix: 36)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs `settlectl` to its end.
    @discardableResult
    func settlectl(_ arguments: String...) throws -> Result {
        try Self.run("settlectl", arguments, in: folder)
    }

    /// Runs `settlectl` to its end.
    @discardableResult
    func settlectl(_ arguments: [String]) throws -> Result {
        try Self.run("settlectl", arguments, in: folder)
    }

    /// Runs `settlectl` with `--site` to its end.
    @discardableResult
    func onSite(_ arguments: String...) throws -> Result {
        try Self.run("settlectl", arguments + ["--site", site], in: folder)
    }

    /// Makes a demonstration site.
    func demo(persons: Int = 30, terminals: Int = 10) throws -> Result {
        try settlectl(
            "demo", site, "--persons", "\(persons)", "--terminals", "\(terminals)", "--port", "0",
            "--config", Self.root + "/Config")
    }

    /// Writes a file into the folder and gives its path.
    func file(_ name: String, _ text: String) throws -> String {
        let path = folder + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Starts `settled` on the site and waits until it listens.
    func startDaemon() throws -> Process {
        let process = Self.process("settled", ["--config", site + "/settled.yaml"], in: folder)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !text.contains("\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure("settled ended: \(text)") }
            text += String(decoding: data, as: UTF8.self)
        }
        return process
    }

    /// Runs `settled` on the site where it must not start, to its end.
    func refusedDaemon(_ arguments: [String] = []) throws -> Result {
        try Self.run("settled", arguments + ["--config", site + "/settled.yaml"], in: folder)
    }

    /// The port on which the daemon that runs here listens.
    func port() throws -> String {
        let ready = try String(contentsOfFile: site + "/ready", encoding: .utf8)
        guard let port = ready.firstMatch(of: /port=([0-9]+)/)?.output.1 else {
            throw Failure("ready line: \(ready)")
        }
        return String(port)
    }

    /// Runs the load-test harness.
    func replay(_ arguments: String...) throws -> Result {
        try Self.run("settle-replay", arguments, in: folder)
    }

    /// The folder of the demonstration's first terminal, a pharmacy's.
    var terminal: String { site + "/terminals/DM000001" }

    /// Writes the daemon's port into a terminal's settings; gives the terminal's folder.
    func tellPort(to terminal: String) throws -> String {
        let settings = terminal + "/terminal.conf"
        try String(contentsOfFile: settings, encoding: .utf8)
            .replacing(/port = [0-9]+/, with: "port = \(try port())")
            .write(toFile: settings, atomically: true, encoding: .utf8)
        return terminal
    }

    /// Sells one unit of something for so many yuan, to the first card at the first terminal
    /// unless told otherwise.
    func sell(
        _ yuan: String, card: (number: String, pin: String)? = nil, at terminal: String? = nil
    ) throws -> Result {
        try settlectl(try sale(yuan, card: card, at: terminal))
    }

    /// The arguments of `settlectl` for that.
    func sale(
        _ yuan: String, card: (number: String, pin: String)? = nil, at terminal: String? = nil
    ) throws -> [String] {
        let first = try firstCardAndPIN()
        let card = card ?? (first[0], first[1])
        return [
            "pos", "settle", "--terminal", try tellPort(to: terminal ?? self.terminal), "--card",
            card.number, "--pin", card.pin,
            "--visit", "pharmacyPurchase", "--line", "#0x1x\(yuan)", "--partial", "--json",
        ]
    }

    /// Runs `settled` to its end.
    func settled(_ arguments: String...) throws -> Result {
        try Self.run("settled", arguments, in: folder)
    }

    /// Every card of the demonstration, with its PIN.
    func cards() throws -> [(number: String, pin: String)] {
        try String(contentsOfFile: site + "/cards.csv", encoding: .utf8)
            .split(separator: "\n").dropFirst()
            .map { $0.split(separator: ",").map(String.init) }
            .map { ($0[0], $0[1]) }
    }

    /// The number of the demonstration's first card.
    func firstCard() throws -> String { try firstCardAndPIN()[0] }

    private func firstCardAndPIN() throws -> [String] {
        let cards = try String(contentsOfFile: site + "/cards.csv", encoding: .utf8)
        guard let first = cards.split(separator: "\n").dropFirst().first else {
            throw Failure("no cards")
        }
        return first.split(separator: ",").map(String.init)
    }

    struct Failure: Error {
        var text: String
        init(_ text: String) { self.text = text }
    }

    /// The checkout's root.
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Runs an executable of this package, or one that a path names, to its end.
    static func run(
        _ program: String, _ arguments: [String], in folder: String
    ) throws -> Result {
        let process = process(program, arguments, in: folder)
        let output = folder + "/.output-\(UInt64.random(in: 0...(.max)))"
        let errors = output + "-errors"
        for path in [output, errors] {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        process.waitUntilExit()
        return Result(
            code: process.terminationStatus,
            output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    private static func process(
        _ program: String, _ arguments: [String], in folder: String
    ) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path(of: program))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        return process
    }

    /// The path of an executable of this package; a path stays as it is.
    static func path(of program: String) -> String {
        program.hasPrefix("/") ? program : products + "/" + program
    }

    /// Where the executables are: beside the test bundle.
    private static let products: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        var folder = ((own ?? ".") as NSString).deletingLastPathComponent
        while folder.count > 1 {
            if FileManager.default.isExecutableFile(atPath: folder + "/settlectl") { return folder }
            folder = (folder as NSString).deletingLastPathComponent
        }
        return root + "/.build/debug"
    }()
}
