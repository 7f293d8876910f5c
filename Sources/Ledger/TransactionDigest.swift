import SettlementDomain

/// The digest of a transaction, by which terminal and daemon find out without lists whether they
/// have the same ones.
///
/// - Source: Protocol/Reconciliation.md, "Digests".
public enum TransactionDigest {
    /// The first eight bytes, big-endian, of SHA-256 of the transaction's text.
    ///
    /// The text is `<terminal>|<key date YYYYMMDD>|<stan>|<kind>|<total fen>|<insured fen>`, its
    /// numbers decimal without leading zeros.
    public static func of(_ transaction: DayTransaction, sha256: SHA256Function) -> UInt64 {
        // 8 characters, 8, 10, 3, twice 20, 5 bars.
        withUnsafeTemporaryAllocation(byteCount: 80, alignment: 1) { buffer in
            var text = ASCIIText(buffer)
            text.append(transaction.key.terminal.text)
            text.append(number: Int64(transaction.key.date.yyyymmdd))
            text.append(number: Int64(transaction.key.stan))
            text.append(number: Int64(transaction.kind.rawValue))
            text.append(number: transaction.total.fen)
            text.append(number: transaction.insured.fen)
            return sha256(UnsafeRawBufferPointer(rebasing: buffer[..<text.count])).words.0
        }
    }

    /// The digest of a range: the sum of its transactions' digests modulo 2^64; 0 of none.
    public static func sum(
        _ transactions: some Sequence<DayTransaction>, sha256: SHA256Function
    ) -> UInt64 {
        transactions.reduce(0) { $0 &+ of($1, sha256: sha256) }
    }
}

/// Writes text into a buffer that is large enough.
private struct ASCIIText {
    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
    }

    mutating func append(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// Appends a bar and a number.
    mutating func append(number: Int64) {
        append(UInt8(ascii: "|"))
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = number.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        buffer[start..<count].reverse()
    }

    private mutating func append(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
    }
}
