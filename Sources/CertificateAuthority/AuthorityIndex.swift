#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The append-only list of what an authority has done, one line an event.
///
/// The first line is `settled-authority-index 1`. Every other holds fields between tabs:
///
///     issued   SERIAL  server|terminal  NOTBEFORE  NOTAFTER  SUBJECT
///     revoked  SERIAL  TIME             REASON
///     list     NUMBER  THISUPDATE       NEXTUPDATE
///
/// A line counts from its newline on: a last line without one was cut by a crash, is not read,
/// and is cut off by the next append.
package struct AuthorityIndex {
    static let header = "settled-authority-index 1"

    package enum Event: Equatable {
        case issued(serial: String, kind: IssuedRecord.Kind, ValidityInterval, subject: String)
        case revoked(serial: String, UTCTime, RevocationReason)
        case list(number: Int64, ValidityInterval)
    }

    private(set) var events: [Event] = []

    /// Every certificate issued, in order, with its revocation if there was one.
    var records: [IssuedRecord] {
        var revocations: [String: IssuedRecord.Revocation] = [:]
        for case .revoked(let serial, let time, let reason) in events {
            revocations[serial] = .init(time: time, reason: reason)
        }
        return events.compactMap { event in
            guard case .issued(let serial, let kind, let validity, let subject) = event else {
                return nil
            }
            return IssuedRecord(
                serialHex: serial, kind: kind, subject: subject, validity: validity,
                revocation: revocations[serial])
        }
    }

    /// The certificate with this serial number.
    func record(_ serial: String) throws(CertificateAuthorityFault) -> IssuedRecord {
        guard let record = records.first(where: { $0.serialHex == serial }) else {
            throw .unknownSerial(serial)
        }
        return record
    }

    /// The number the next revocation list bears; RFC 5280, section 5.2.3 wants it to grow.
    var nextListNumber: Int64 {
        let numbers = events.compactMap { event in
            if case .list(let number, _) = event { number } else { nil }
        }
        return (numbers.max() ?? 0) + 1
    }

    /// Reads the index as it is.
    init(readingFrom path: String) throws(CertificateAuthorityFault) {
        try self.init(try DurableFile.read(path), path: path)
    }

    private init(_ bytes: [UInt8], path: String) throws(CertificateAuthorityFault) {
        let whole = bytes.lastIndex(of: Self.newline).map { bytes[..<$0] } ?? []
        let lines = whole.split(separator: Self.newline, omittingEmptySubsequences: false)
        guard lines.first.map({ String(decoding: $0, as: UTF8.self) }) == Self.header else {
            throw .indexDamaged(path: path, line: 1, problem: "is not \"\(Self.header)\"")
        }
        for (offset, line) in lines.enumerated().dropFirst() {
            guard let event = Event(String(decoding: line, as: UTF8.self)) else {
                throw .indexDamaged(
                    path: path, line: offset + 1, problem: "is not an event of this index")
            }
            events.append(event)
        }
    }

    /// Appends to the index, as `append` is called.
    typealias Append = (Event) throws(CertificateAuthorityFault) -> Void

    /// Reads the index under a lock that keeps other processes out, and appends to it.
    ///
    /// - Parameters:
    ///   - path: the index.
    ///   - body: decides on what the index holds; its events are on disk before it goes on, one
    ///     `append` at a time.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or a fault of the index.
    static func update<Result>(
        _ path: String,
        _ body: (AuthorityIndex, _ append: Append) throws(CertificateAuthorityFault) -> Result
    ) throws(CertificateAuthorityFault) -> Result {
        try locked(path) { descriptor throws(CertificateAuthorityFault) in
            let (index, end) = try whole(descriptor, path: path)
            try cut(descriptor, to: end, path: path)
            return try body(index) { event throws(CertificateAuthorityFault) in
                try append(event, to: descriptor, path: path)
            }
        }
    }

    /// Appends to the index under the same lock, for what does not depend on what it holds.
    ///
    /// Its first line and its last are looked at, not those between: issuing a certificate takes as long with
    /// thousands in the index as with none.
    ///
    /// - Parameters:
    ///   - path: the index.
    ///   - body: its events are on disk before it goes on, one `append` at a time.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or a fault of the index.
    static func extend<Result>(
        _ path: String,
        _ body: (_ append: Append) throws(CertificateAuthorityFault) -> Result
    ) throws(CertificateAuthorityFault) -> Result {
        try locked(path) { descriptor throws(CertificateAuthorityFault) in
            let end: Int
            if let found = try endOfLastEvent(descriptor, path: path) {
                end = found
            } else {
                // To say what is wrong with it, or to find that a line is very long.
                end = try whole(descriptor, path: path).end
            }
            try cut(descriptor, to: end, path: path)
            return try body { event throws(CertificateAuthorityFault) in
                try append(event, to: descriptor, path: path)
            }
        }
    }

    private static func locked<Result>(
        _ path: String, _ body: (Int32) throws(CertificateAuthorityFault) -> Result
    ) throws(CertificateAuthorityFault) -> Result {
        let descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw DurableFile.fault(path) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw DurableFile.fault(path) }
        }
        return try body(descriptor)
    }

    /// The index, and where its last whole line ends.
    private static func whole(
        _ descriptor: Int32, path: String
    ) throws(CertificateAuthorityFault) -> (index: AuthorityIndex, end: Int) {
        let bytes = try DurableFile.read(descriptor, path: path)
        let index = try AuthorityIndex(bytes, path: path)
        return (index, (bytes.lastIndex(of: newline) ?? -1) + 1)
    }

    /// Where the last whole line ends; nil where that is no event, or the first line is not the header.
    private static func endOfLastEvent(
        _ descriptor: Int32, path: String
    ) throws(CertificateAuthorityFault) -> Int? {
        let header = Array((header + "\n").utf8)
        let first = try DurableFile.read(descriptor, path: path, bytesMax: header.count)
        let tail = try DurableFile.read(descriptor, path: path, lastBytesMax: 4096)
        guard first == header, let end = tail.bytes.lastIndex(of: newline) else { return nil }
        let before = tail.bytes[..<end]
        let start = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        let place = tail.start + start
        let isEvent = Event(String(decoding: before[start...], as: UTF8.self)) != nil
        return place == 0 || isEvent ? tail.start + end + 1 : nil
    }

    /// Cuts off what a crash has left after the last whole line.
    private static func cut(
        _ descriptor: Int32, to end: Int, path: String
    ) throws(CertificateAuthorityFault) {
        guard ftruncate(descriptor, off_t(end)) == 0 else { throw DurableFile.fault(path) }
    }

    private static func append(
        _ event: Event, to descriptor: Int32, path: String
    ) throws(CertificateAuthorityFault) {
        try DurableFile.append(Array((event.line + "\n").utf8), to: descriptor, path: path)
    }

    private static let newline = UInt8(ascii: "\n")
}

extension AuthorityIndex.Event {
    /// The event as a line without its newline.
    package var line: String {
        switch self {
        case .issued(let serial, let kind, let validity, let subject):
            "issued\t\(serial)\t\(kind.rawValue)\t\(validity.start)\t\(validity.end)\t\(subject)"
        case .revoked(let serial, let time, let reason):
            "revoked\t\(serial)\t\(time)\t\(reason.rawValue)"
        case .list(let number, let validity):
            "list\t\(number)\t\(validity.start)\t\(validity.end)"
        }
    }

    /// Reads what ``line`` writes; `nil` for anything else.
    package init?(_ line: String) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        switch (fields.first, fields.count) {
        case ("issued", 6):
            guard let kind = IssuedRecord.Kind(rawValue: fields[2]),
                let start = UTCTime(fields[3]), let end = UTCTime(fields[4])
            else { return nil }
            self = .issued(
                serial: fields[1], kind: kind, ValidityInterval(start: start, end: end),
                subject: fields[5])
        case ("revoked", 4):
            guard let time = UTCTime(fields[2]), let reason = RevocationReason(rawValue: fields[3])
            else { return nil }
            self = .revoked(serial: fields[1], time, reason)
        case ("list", 4):
            guard let number = Int64(fields[1]), String(number) == fields[1],
                // There is always a next one.
                (1..<Int64.max).contains(number),
                let start = UTCTime(fields[2]), let end = UTCTime(fields[3])
            else { return nil }
            self = .list(number: number, ValidityInterval(start: start, end: end))
        default:
            return nil
        }
    }
}
