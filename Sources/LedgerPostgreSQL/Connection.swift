import CPostgreSQL
import Ledger

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A statement with its parameters, in the binary format.
struct Command {
    /// One parameter: its type and its bytes, nil for NULL.
    struct Parameter {
        var type: Oid
        var bytes: [UInt8]?

        /// A `bigint`.
        static func integer(_ value: Int64) -> Parameter {
            Parameter(type: ColumnType.int8.oid, bytes: value.bigEndianBytes)
        }

        /// A `bigint` that holds an unsigned number, which is in its range.
        static func number(_ value: UInt64) -> Parameter {
            integer(Int64(bitPattern: value))
        }

        /// A `text`.
        static func text(_ value: String?) -> Parameter {
            Parameter(type: ColumnType.text.oid, bytes: value.map { Array($0.utf8) })
        }

        /// A `bytea`.
        static func run(_ value: [UInt8]) -> Parameter {
            Parameter(type: ColumnType.bytea.oid, bytes: value)
        }
    }

    /// One of the texts that the program has: each is prepared once and kept, so what is asked for
    /// stands in the parameters.
    var sql: String
    var parameters: [Parameter] = []

    init(_ sql: String, _ parameters: [Parameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// A connection to the database server, in pipeline mode: whatever is sent together makes one round
/// trip.
///
/// Belongs to one thread, which waits for each answer, up to a deadline.
/// - Source: libpq 15, chapter 34.5 "Pipeline Mode".
final class Connection {
    private var handle: OpaquePointer?
    private let deadlineMillis: Int32
    /// What the rows that are read here are opened under.
    let seal: any StoreSeal
    private let notices = Notices()

    /// The longest wait for a host, where the connection string says nothing: another may answer.
    private static let connectSeconds = 3
    /// Names under which the server knows statements; it forgets none while the connection lasts.
    private var prepared: [String: String] = [:]
    private var preparedCount = 0

    /// Connects.
    ///
    /// - Parameters:
    ///   - conninfo: libpq's connection string, several hosts allowed.
    ///   - deadlineMillis: the longest wait for an answer, 1...
    ///   - seal: what the rows that are read are opened under.
    /// - Throws: `lost`, with libpq's words, which hold no password.
    init(
        _ conninfo: String, deadlineMillis: Int32, seal: any StoreSeal
    ) throws(DatabaseFault) {
        self.deadlineMillis = deadlineMillis
        self.seal = seal
        try ConnectionString.check(conninfo)
        // What the string says itself comes later and counts.
        let keywords = ["connect_timeout", "application_name", "client_encoding", "dbname"]
        let values = ["\(Self.connectSeconds)", "settled", "UTF8", conninfo]
        let handle = keywords.withCStrings { keywords in
            values.withCStrings { values in PQconnectdbParams(keywords, values, 1) }
        }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else {
            let why = Self.message(of: handle)
            close()
            throw .lost("the database cannot be reached: \(why)")
        }
        notices.listen(on: handle)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            let why = Self.message(of: handle)
            close()
            throw .lost("the connection to the database cannot be used: \(why)")
        }
    }

    deinit { close() }

    /// How many warnings the server has given.
    var warnings: Int { notices.warnings }

    /// Whether statements may be sent.
    var isOpen: Bool { handle != nil }

    /// Lets go at once; what the server was doing may still be done.
    func close() {
        if let handle { PQfinish(handle) }
        handle = nil
        prepared = [:]
    }

    /// Sends the commands together and waits for all their results.
    ///
    /// The first that the server refuses ends the rest, and the transaction that they are in.
    @discardableResult
    func run(_ commands: [Command]) throws(DatabaseFault) -> [ResultRows] {
        guard let handle else { throw .lost("there is no connection to the database") }
        do throws(DatabaseFault) {
            var isPreparing: [Bool] = []
            isPreparing.reserveCapacity(commands.count)
            for command in commands {
                isPreparing.append(try send(command, on: handle))
            }
            guard PQpipelineSync(handle) == 1 else { throw .lost(Self.message(of: handle)) }
            return try receive(isPreparing, commands, on: handle)
        } catch {
            if error.endsConnection { close() }
            throw error
        }
    }

    /// Sends one command; says whether its statement is prepared on the way.
    private func send(_ command: Command, on handle: OpaquePointer) throws(DatabaseFault) -> Bool {
        var isNew = false
        let name: String
        if let known = prepared[command.sql] {
            name = known
        } else {
            isNew = true
            preparedCount += 1
            name = "s\(preparedCount)"
            prepared[command.sql] = name
            let types = command.parameters.map(\.type)
            guard PQsendPrepare(handle, name, command.sql, Int32(types.count), types) == 1 else {
                throw .lost(Self.message(of: handle))
            }
        }
        let lengths = command.parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: lengths.count)
        let sent = command.parameters.withPointers { values in
            PQsendQueryPrepared(
                handle, name, Int32(lengths.count), values, lengths, formats, 1)
        }
        guard sent == 1 else { throw .lost(Self.message(of: handle)) }
        return isNew
    }

    private func receive(
        _ isPreparing: [Bool], _ commands: [Command], on handle: OpaquePointer
    ) throws(DatabaseFault) -> [ResultRows] {
        var results: [ResultRows] = []
        results.reserveCapacity(commands.count)
        var failure: DatabaseFault?
        for (isNew, command) in zip(isPreparing, commands) {
            for isPreparation in isNew ? [true, false] : [false] {
                guard let result = try next(on: handle) else {
                    throw .lost("the database answered less than it was asked")
                }
                switch PQresultStatus(result) {
                case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                    if isPreparation {
                        PQclear(result)
                    } else {
                        results.append(ResultRows(result, seal: seal))
                    }
                case PGRES_PIPELINE_ABORTED:
                    PQclear(result)
                    if isPreparation { prepared[command.sql] = nil }
                default:
                    if failure == nil { failure = Self.refusal(result, on: handle) }
                    PQclear(result)
                    if isPreparation { prepared[command.sql] = nil }
                    if case .lost = failure { break }
                }
                if case .lost = failure { break }
                // Each command's results end with a null.
                _ = try next(on: handle)
            }
            if case .lost? = failure { break }
        }
        if case .lost? = failure, let failure { throw failure }
        guard let sync = try next(on: handle) else {
            throw .lost("the database did not end its answer")
        }
        let status = PQresultStatus(sync)
        PQclear(sync)
        guard status == PGRES_PIPELINE_SYNC else {
            throw .lost("the database answered out of order")
        }
        if let failure { throw failure }
        return results
    }

    /// The next result, or nil at the end of a command's; waits for it up to the deadline.
    private func next(on handle: OpaquePointer) throws(DatabaseFault) -> OpaquePointer? {
        let end = Monotonic.millis + Int64(deadlineMillis)
        while true {
            let unsent = PQflush(handle)
            guard unsent >= 0 else { throw .lost(Self.message(of: handle)) }
            if unsent == 0, PQisBusy(handle) == 0 { return PQgetResult(handle) }
            let left = end - Monotonic.millis
            guard left > 0 else {
                throw .lost("the database did not answer within \(deadlineMillis) ms")
            }
            let events = POLLIN | (unsent > 0 ? POLLOUT : 0)
            var socket = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let ready = poll(&socket, 1, Int32(left))
            if ready < 0, errno != EINTR { throw .lost(String(cString: strerror(errno))) }
            if ready > 0, socket.revents & Int16(POLLIN | POLLERR | POLLHUP) != 0 {
                guard PQconsumeInput(handle) == 1 else { throw .lost(Self.message(of: handle)) }
            }
        }
    }

    private static func refusal(
        _ result: OpaquePointer, on handle: OpaquePointer
    ) -> DatabaseFault {
        guard PQstatus(handle) == CONNECTION_OK,
            let state = PQresultErrorField(result, Int32(UInt8(ascii: "C")))
        else { return .lost(message(of: handle)) }
        let text = PQresultErrorField(result, Int32(UInt8(ascii: "M")))
        return .refused(
            state: String(cString: state), message: text.map { String(cString: $0) } ?? "")
    }

    private static func message(of handle: OpaquePointer?) -> String {
        guard let text = PQerrorMessage(handle) else { return "no reason given" }
        let lines = String(cString: text).split(whereSeparator: \.isNewline)
            .map { $0.drop(while: \.isWhitespace) }
        return lines.isEmpty ? "no reason given" : lines.joined(separator: "; ")
    }
}

extension [String] {
    /// Calls with an array of C strings that ends with a null.
    fileprivate func withCStrings<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let copies = map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { UnsafePointer($0) } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

extension [Command.Parameter] {
    /// Calls with pointers to the values, null for NULL; an empty value has a pointer too.
    fileprivate func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        var offsets: [Int?] = []
        for parameter in self {
            offsets.append(parameter.bytes == nil ? nil : bytes.count)
            if let value = parameter.bytes { bytes.append(contentsOf: value) }
        }
        bytes.append(0)
        return bytes.withUnsafeBytes { raw in
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}

extension FixedWidthInteger {
    /// The bytes, the most significant first.
    var bigEndianBytes: [UInt8] {
        withUnsafeBytes(of: bigEndian) { Array($0) }
    }
}

/// Counts the server's warnings; what else it notes is of no use to anybody.
private final class Notices {
    private(set) var warnings = 0

    func listen(on handle: OpaquePointer?) {
        let take: PQnoticeReceiver = { notices, result in
            guard let notices,
                let severity = PQresultErrorField(result, Int32(UInt8(ascii: "V"))),
                String(cString: severity) == "WARNING"
            else { return }
            Unmanaged<Notices>.fromOpaque(notices).takeUnretainedValue().warnings += 1
        }
        PQsetNoticeReceiver(handle, take, Unmanaged.passUnretained(self).toOpaque())
    }
}
