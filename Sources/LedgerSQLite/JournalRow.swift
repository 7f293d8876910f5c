import Ledger

/// One row of the journal, its entry still sealed.
struct JournalRow {
    let sequence: UInt64
    private let checksum: UInt64
    private let sealed: [UInt8]

    /// Why a row holds no entry.
    struct Defect: Error {
        var what: String
    }

    /// Reads the columns `seq, checksum, entry`.
    init(from reader: inout ColumnReader) {
        sequence = reader.unsigned()
        checksum = reader.unsigned()
        sealed = reader.blob()
    }

    /// The entry's bytes.
    ///
    /// - Throws: `Defect` where the row does not hold them, or what the seal throws.
    func bytes(under seal: any StoreSeal) throws -> [UInt8] {
        guard JournalCoding.checksum(of: sealed, sequence: sequence) == checksum else {
            throw Defect(what: "its checksum differs")
        }
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
    func entry(of bytes: [UInt8]) throws -> JournalEntry {
        do throws(CodingFault) {
            return try JournalCoding.decode(bytes, sequence: sequence)
        } catch {
            throw Defect(what: "at byte \(error.offset), expected \(error.expected)")
        }
    }
}
