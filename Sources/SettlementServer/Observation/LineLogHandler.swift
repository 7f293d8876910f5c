import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes each event as one line, as text or as JSON, with long numbers masked.
///
/// Text: `2026-11-23T08:00:00.000Z warning connection refused reason=expired`.
/// JSON: one object with `time`, `level`, `message` and the metadata's keys.
public struct LineLogHandler: LogHandler {
    /// How a line is written.
    public enum Format: String, Sendable, CaseIterable { case text, json }

    /// Events below it are not written.
    public var logLevel: Logger.Level
    /// What every event of this logger bears.
    public var metadata: Logger.Metadata = [:]
    private let format: Format
    private let clock: any WallClock
    private let write: @Sendable (String) -> Void

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - format: text or JSON.
    ///   - level: the least that is written.
    ///   - clock: stamps the lines.
    ///   - write: takes a line with its line feed; any thread; standard error by default.
    public init(
        format: Format, level: Logger.Level, clock: any WallClock,
        write: @escaping @Sendable (String) -> Void = LineLogHandler.standardError
    ) {
        self.format = format
        self.logLevel = level
        self.clock = clock
        self.write = write
    }

    /// Writes to standard error with one call, so that lines of two threads do not mix.
    public static let standardError: @Sendable (String) -> Void = { line in
        var line = line
        line.withUTF8 { bytes in
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    /// One item of metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the event.
    public func log(event: LogEvent) {
        let all = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        let items = all.sorted { $0.key < $1.key }
            // A certificate's serial number is hexadecimal, may look like a card's, and is asked for to revoke it.
            .map {
                ($0.key, $0.key == "certificate" ? "\($0.value)" : LogMasking.masked("\($0.value)"))
            }
        let time = UTCTimestamp.text(milliseconds: clock.milliseconds)
        let message = LogMasking.masked("\(event.message)")
        switch format {
        case .text:
            let tail = items.map { " \($0.0)=\(Self.quoted($0.1))" }.joined()
            write("\(time) \(event.level) \(Self.oneLine(message))\(tail)\n")
        case .json:
            let parts =
                [("time", time), ("level", event.level.rawValue), ("message", message)] + items
            let body = parts.map { "\(Self.jsonString($0.0)):\(Self.jsonString($0.1))" }
            write("{\(body.joined(separator: ","))}\n")
        }
    }

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }

    private static func quoted(_ text: String) -> String {
        let plain = !text.isEmpty && !text.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }
        return plain ? text : jsonString(text)
    }

    private static func jsonString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
