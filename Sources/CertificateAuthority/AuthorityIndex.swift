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
        let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[..<$0] } ?? []
        let lines = whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
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
        _ body: (AuthorityIndex, _ append: (Event) throws(CertificateAuthorityFault) -> Void)
            throws(CertificateAuthorityFault) -> Result
    ) throws(CertificateAuthorityFault) -> Result {
        let descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw DurableFile.fault(path) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw DurableFile.fault(path) }
        }
        let bytes = try DurableFile.read(descriptor, path: path)
        let index = try AuthorityIndex(bytes, path: path)
        let wholeBytes = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        if wholeBytes < bytes.count {
            guard ftruncate(descriptor, off_t(wholeBytes)) == 0 else {
                throw DurableFile.fault(path)
            }
        }
        return try body(index) { event throws(CertificateAuthorityFault) in
            try DurableFile.append(Array((event.line + "\n").utf8), to: descriptor, path: path)
        }
    }
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
