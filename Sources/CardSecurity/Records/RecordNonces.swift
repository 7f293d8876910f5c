/// Nonces of 12 bytes that never come twice: eight random bytes and a counter.
///
/// Several processes seal under one key: the random bytes tell their nonces apart.
struct RecordNonces {
    private var prefix: UInt64
    private var counter: UInt32

    /// Draws the random bytes.
    init(startingAt counter: UInt32 = 0) throws(CardSecurityFault) {
        prefix = try Self.draw()
        self.counter = counter
    }

    /// The next one; the random bytes are drawn again before the counter begins anew.
    mutating func next() throws(CardSecurityFault) -> (prefix: UInt64, counter: UInt32) {
        if counter == .max {
            prefix = try Self.draw()
            counter = 0
        }
        defer { counter += 1 }
        return (prefix, counter)
    }

    private static func draw() throws(CardSecurityFault) -> UInt64 {
        try SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
