/// Keeps a store that fails at every batch from filling the log: one line a second and kind.
struct FaultLog {
    private static let intervalMilliseconds: Int64 = 1_000

    private var last: (name: String, milliseconds: Int64)?
    private var unlogged = 0

    /// Whether a fault is to be logged now.
    ///
    /// - Returns: how many were not logged since the last one; nil: this one is not either.
    mutating func take(_ name: String, at milliseconds: Int64) -> Int? {
        if let last, last.name == name,
            (0..<Self.intervalMilliseconds).contains(milliseconds - last.milliseconds)
        {
            unlogged += 1
            return nil
        }
        last = (name, milliseconds)
        defer { unlogged = 0 }
        return unlogged
    }
}
