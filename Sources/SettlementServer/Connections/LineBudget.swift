import NIOCore

/// Keeps a flood of connections from being a flood of log lines: so many a second of each kind.
///
/// Kinds are fixed words, never text of a peer. Used on one event loop only.
final class LineBudget {
    private struct Second {
        var began: NIODeadline
        var lines = 0
        var unlogged = 0
    }

    /// Lines of one kind within a second.
    static let linesMax = 20
    private var kinds: [String: Second] = [:]

    /// Whether a line of this kind is to be written now.
    ///
    /// - Returns: how many of the kind were left out since the last one; nil: this one is too.
    func take(_ kind: String, at now: NIODeadline) -> Int? {
        var second = kinds[kind] ?? Second(began: now)
        defer { kinds[kind] = second }
        if now - second.began >= .seconds(1) {
            second.began = now
            second.lines = 0
        }
        guard second.lines < Self.linesMax else {
            second.unlogged += 1
            return nil
        }
        second.lines += 1
        defer { second.unlogged = 0 }
        return second.unlogged
    }
}
