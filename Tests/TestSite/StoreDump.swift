import Foundation
import GRDB
import TestProcesses

extension TestStore {
    func rows() throws -> [String: Data] {
        switch self {
        case .file(let path): try Self.rows(ofFile: path)
        case .database(let name): try Self.rows(ofDatabase: name)
        case .connection: [:]
        }
    }

    private static func rows(ofFile path: String) throws -> [String: Data] {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        return try queue.read { database in
            var found: [String: Data] = [:]
            let tables = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
            for table in tables {
                var content = Data()
                let cursor = try Row.fetchCursor(database, sql: "SELECT * FROM \"\(table)\"")
                while let row = try cursor.next() {
                    for (_, value) in row {
                        switch value.storage {
                        case .blob(let bytes): content += bytes
                        case .string(let text): content += Data(text.utf8)
                        case .int64(let number): content += Data("\(number)".utf8)
                        case .double, .null: break
                        }
                        // Two values side by side are not one.
                        content.append(0xff)
                    }
                }
                found[table] = content
            }
            return found
        }
    }

    /// `COPY` writes bytes as hexadecimal text behind `\\\\x`.
    private static func rows(ofDatabase name: String) throws -> [String: Data] {
        let server = try DatabaseServer.shared()
        let tables = try server.sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", in: name)
        var found: [String: Data] = [:]
        for table in tables.split(separator: "\n") {
            let text = try server.sql(
                "COPY (SELECT * FROM \"\(table)\") TO STDOUT", in: name)
            var content = Data(text.utf8)
            for field in text.split(whereSeparator: { $0 == "\t" || $0 == "\n" }) {
                guard field.hasPrefix("\\\\x") else { continue }
                content.append(0xff)
                content += bytes(ofHexadecimal: field.utf8.dropFirst(3))
            }
            found[String(table)] = content
        }
        return found
    }

    private static func bytes(ofHexadecimal digits: Substring.UTF8View.SubSequence) -> Data {
        var bytes = Data()
        var high: UInt8?
        for digit in digits {
            let value = digit < 0x3a ? digit - 0x30 : digit - 0x57
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
