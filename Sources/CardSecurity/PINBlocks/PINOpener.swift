import COpenSSL

/// Opens PIN blocks under one session's PIN key: the daemon's side.
///
/// Not Sendable: it belongs to one event loop. The clear PIN is in one locked buffer while a
/// function reads it, and is wiped before the call returns. The key is expanded for each block and
/// that is wiped too: most sessions wait most of the time, and what is expanded is 600 bytes that
/// are not locked.
///
/// - Source: ISO 9564-1:2017, 9.4.2 (format 4); Protocol/PINBlock.md.
public final class PINOpener {
    private let key: SecretBytes
    private let algorithm: PINAlgorithm
    private let scratch = SecretScratch(count: 64)
    /// How many blocks of the cipher were opened, for tests of this module.
    private(set) var transforms = 0

    /// Takes the session's PIN key, 16 bytes.
    public init(key: SecretBytes, algorithm: PINAlgorithm) throws(CardSecurityFault) {
        self.key = key
        self.algorithm = algorithm
        // Whether key and algorithm will do is told now.
        _ = try cipher()
    }

    /// Opens a block bound to a card and lets a function compute over card and PIN.
    ///
    /// Everything is computed before anything is judged, the function included, so that neither
    /// text nor time tells which check failed.
    ///
    /// - Parameters:
    ///   - block: 16 bytes; another length is unusable like any other reason.
    ///   - card: the card number that the request names.
    ///   - compute: reads `PINMessage.bytes` bytes.
    /// - Returns: what was computed.
    /// - Throws: one fault for whatever is wrong.
    func open<Result>(
        _ block: UnsafeRawBufferPointer, card: CardDigits,
        _ compute: (UnsafeRawBufferPointer) -> Result
    ) throws(PINBlockFault) -> Result {
        guard let cipher = try? cipher() else { throw PINBlockFault() }
        defer {
            scratch.wipe()
            transforms &+= cipher.transforms
        }
        let work = scratch.base
        let message = work + 16
        for position in 0..<16 { work[position] = position < block.count ? block[position] : 0 }
        var wrong: UInt8 = block.count == 16 ? 0 : 1
        if !cipher.transform(work) { wrong |= 1 }
        let field = card.panField
        PANField.add(field, to: work)
        if !cipher.transform(work) { wrong |= 1 }
        wrong |= PINMessage.write(pinField: work, panField: field, card: card, to: message)
        let result = compute(UnsafeRawBufferPointer(start: message, count: PINMessage.bytes))
        guard wrong == 0 else { throw PINBlockFault() }
        return result
    }

    private func cipher() throws(CardSecurityFault) -> BlockCipher {
        try BlockCipher(key: key, algorithm: algorithm, direction: .decrypt)
    }

    /// Whether the buffer holds zeros only, for tests of this module.
    var scratchIsWiped: Bool { scratch.isWiped }

    /// The clear PIN as ASCII digits, for tests of this module.
    func pin(_ block: [UInt8], card: CardDigits) throws(PINBlockFault) -> [UInt8] {
        let read = { (message: UnsafeRawBufferPointer) -> [UInt8] in
            let count = Int(message[PINMessage.pinCountOffset])
            return Array(message[(PINMessage.pinCountOffset + 1)...].prefix(count))
        }
        return try block.withUnsafeBufferPointer { (bytes) throws(PINBlockFault) in
            try open(UnsafeRawBufferPointer(bytes), card: card, read)
        }
    }
}
