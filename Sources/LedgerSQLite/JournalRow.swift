import Ledger

/// One row of the journal, its entry still sealed.
struct JournalRow {
    let sequence: UInt64
    private let checksum: UInt64
    private let sealed: [UInt8]
    /// Whether a column is stored as another type than its own.
    private let isMisread: Bool

    /// Why a row holds no entry.
    struct Defect: Error {
        var what: String
    }

    /// Reads the columns `seq, checksum, entry`.
    init(from reader: inout ColumnReader) {
        sequence = reader.unsigned()
        checksum = reader.unsigned()
        sealed = reader.blob()
        isMisread = reader.takeMisread()
    }

    /// The row's entry; with `checkingForm` only if its bytes are those that it is written with.
    ///
    /// - Throws: `Defect` where the row does not hold it, or what the seal throws.
    func entry(under seal: any StoreSeal, checkingForm: Bool = false) throws -> JournalEntry {
        let bytes = try bytes(under: seal)
        let entry = try entry(of: bytes)
        guard !checkingForm || JournalCoding.encode(entry) == bytes else {
            throw Defect(what: "its bytes are not canonical")
        }
        return entry
    }

    /// Runs the body; a `Defect` that it throws becomes a fault that names the entry.
    static func namingDefects<Value>(
        of sequence: UInt64, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let defect as Defect {
            throw StoreFault.corrupt("journal entry \(sequence): \(defect.what)")
        }
    }

    /// The entry's bytes.
    ///
    /// - Throws: `Defect` where the row does not hold them, or what the seal throws.
    private func bytes(under seal: any StoreSeal) throws -> [UInt8] {
        guard JournalCoding.checksum(of: sealed, sequence: sequence) == checksum else {
            throw Defect(what: "its checksum differs")
        }
        guard !isMisread else { throw Defect(what: "it is stored as another type") }
        guard
            let bytes = try sealed.withUnsafeBytes({ try seal.open($0, place: sequence) })
        else {
            throw Defect(
                what: "it does not open: it was changed, is of another place, or of other keys")
        }
        return bytes
    }

    /// The entry of the row's bytes.
    ///
    /// - Throws: `Defect`.
    private func entry(of bytes: [UInt8]) throws -> JournalEntry {
        do throws(CodingFault) {
            return try JournalCoding.decode(bytes, sequence: sequence)
        } catch {
            throw Defect(what: "at byte \(error.offset), expected \(error.expected)")
        }
    }
}
