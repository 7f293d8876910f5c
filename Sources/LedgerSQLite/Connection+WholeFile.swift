import Foundation
import GRDBSQLite

extension Connection {
    /// Reads the store's file from its first byte to its last, so that the system has it in memory: who
    /// is about to look at all of it in another order would wait for the disk at each page.
    ///
    /// Reads nothing of a file that takes more than three quarters of the memory; its beginning would
    /// be given up again before it is looked at. A piece that cannot be read ends it, and whoever needs
    /// that piece meets the fault. What is in the log is not read.
    /// - Returns: bytes read.
    @discardableResult
    static func readWholeFile(
        on handle: OpaquePointer, memoryBytes: UInt64 = ProcessInfo.processInfo.physicalMemory
    ) throws -> Int64 {
        let (file, methods) = try file(SQLITE_FCNTL_FILE_POINTER, on: handle)
        var size: Int64 = 0
        guard methods.xFileSize(file, &size) == SQLITE_OK, UInt64(size) <= memoryBytes / 4 * 3
        else { return 0 }
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        for offset in stride(from: 0, to: size, by: pieceBytes) {
            let count = Int32(min(Int64(pieceBytes), size - offset))
            guard methods.xRead(file, &piece, count, offset) == SQLITE_OK else { return offset }
        }
        return size
    }
}
