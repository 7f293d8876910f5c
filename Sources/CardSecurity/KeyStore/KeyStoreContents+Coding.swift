/// The sealed bytes of a store's contents; integers are big-endian.
///
/// Count of verification keys (2), current number (2), each key: number (2), created (8), key (32);
/// count of terminals (4), each: bytes of the identifier (1), identifier, created (8), key (16);
/// the same of the terminals' next keys, which version 1 of the file does not have; count of record
/// keys (2), current number (2, zero where there is none), each key: number (2), created (8),
/// key (32), which versions 1 and 2 do not have.
extension KeyStoreContents {
    /// The bytes, in memory for secrets.
    package var encoded: SecretBytes {
        let numbered =
            verificationKeys.count * (10 + Self.verificationKeyBytes)
            + recordKeys.count * (10 + Self.recordKeyBytes)
        let terminals = [masterKeys.keys, nextMasterKeys.keys].joined()
        let count = terminals.reduce(16 + numbered) { sum, terminal in
            sum + 9 + TerminalMasterKey.bytes + terminal.utf8.count
        }
        return SecretBytes(count: count) { target in
            var writer = Writer(target: target)
            writer.integer(UInt16(verificationKeys.count))
            writer.integer(currentID)
            for key in verificationKeys {
                writer.integer(key.id)
                writer.integer(UInt64(bitPattern: key.created))
                writer.secret(key.secret)
            }
            Self.write(masterKeys, to: &writer)
            Self.write(nextMasterKeys, to: &writer)
            writer.integer(UInt16(recordKeys.count))
            writer.integer(currentRecordID)
            for key in recordKeys {
                writer.integer(key.id)
                writer.integer(UInt64(bitPattern: key.created))
                writer.secret(key.secret)
            }
        }
    }

    private static func write(_ keys: [String: MasterKey], to writer: inout Writer) {
        writer.integer(UInt32(keys.count))
        for (terminal, key) in keys.sorted(by: { $0.key < $1.key }) {
            writer.integer(UInt8(terminal.utf8.count))
            for byte in terminal.utf8 { writer.integer(byte) }
            writer.integer(UInt64(bitPattern: key.created))
            writer.secret(key.secret)
        }
    }

    /// Reads what `encoded` gave, or gave in an earlier version; nil for anything else.
    package init?(decoding contents: SecretBytes, version: UInt8) {
        let result = contents.withUnsafeBytes { bytes -> KeyStoreContents? in
            var reader = Reader(source: bytes)
            let contents = Self.read(&reader, version)
            return reader.isAtEnd ? contents : nil
        }
        guard let result else { return nil }
        self = result
    }

    private static func read(_ reader: inout Reader, _ version: UInt8) -> KeyStoreContents? {
        guard let keyCount = reader.integer(UInt16.self), let current = reader.integer(UInt16.self)
        else { return nil }
        var verificationKeys: [VerificationKey] = []
        for _ in 0..<keyCount {
            guard let id = reader.integer(UInt16.self), let created = reader.integer(UInt64.self),
                let secret = reader.secret(verificationKeyBytes)
            else { return nil }
            verificationKeys.append(
                VerificationKey(id: id, created: Int64(bitPattern: created), secret: secret))
        }
        guard verificationKeys.contains(where: { $0.id == current }),
            let masterKeys = Self.masterKeys(&reader),
            let nextMasterKeys = version == 1 ? [:] : Self.masterKeys(&reader),
            let records = version < 3 ? ([], 0) : Self.recordKeys(&reader)
        else { return nil }
        return KeyStoreContents(
            verificationKeys: verificationKeys, currentID: current, recordKeys: records.keys,
            currentRecordID: records.current, masterKeys: masterKeys,
            nextMasterKeys: nextMasterKeys)
    }

    private static func recordKeys(
        _ reader: inout Reader
    ) -> (keys: [RecordKey], current: UInt16)? {
        guard let count = reader.integer(UInt16.self), count <= recordKeysMax,
            let current = reader.integer(UInt16.self)
        else { return nil }
        var keys: [RecordKey] = []
        for _ in 0..<count {
            guard let id = reader.integer(UInt16.self), id > keys.last?.id ?? 0,
                let created = reader.integer(UInt64.self),
                let secret = reader.secret(recordKeyBytes)
            else { return nil }
            keys.append(RecordKey(id: id, created: Int64(bitPattern: created), secret: secret))
        }
        guard keys.isEmpty ? current == 0 : keys.contains(where: { $0.id == current })
        else { return nil }
        return (keys, current)
    }

    private static func masterKeys(_ reader: inout Reader) -> [String: MasterKey]? {
        guard let terminalCount = reader.integer(UInt32.self), terminalCount <= terminalsMax
        else { return nil }
        var masterKeys: [String: MasterKey] = [:]
        masterKeys.reserveCapacity(Int(terminalCount))
        var last = ""
        for _ in 0..<terminalCount {
            guard let terminal = reader.text(), terminal > last,
                let created = reader.integer(UInt64.self),
                let secret = reader.secret(TerminalMasterKey.bytes)
            else { return nil }
            masterKeys[terminal] = MasterKey(
                created: Int64(bitPattern: created), secret: secret)
            last = terminal
        }
        return masterKeys
    }
}

private struct Writer {
    let target: UnsafeMutableRawBufferPointer
    var offset = 0

    mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.bigEndian) { copy($0) }
    }

    mutating func secret(_ value: SecretBytes) {
        value.withUnsafeBytes { copy($0) }
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: target[offset..<(offset + bytes.count)])
            .copyMemory(from: bytes)
        offset += bytes.count
    }
}

private struct Reader {
    let source: UnsafeRawBufferPointer
    var offset = 0

    var isAtEnd: Bool { offset == source.count }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        guard let bytes = take(MemoryLayout<Value>.size) else { return nil }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }

    mutating func secret(_ count: Int) -> SecretBytes? {
        take(count).map { SecretBytes(copying: $0) }
    }

    mutating func text() -> String? {
        guard let count = integer(UInt8.self), let bytes = take(Int(count)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard source.count - offset >= count else { return nil }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: source[offset..<(offset + count)])
    }
}
