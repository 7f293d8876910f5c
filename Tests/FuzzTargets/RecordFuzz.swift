import Ledger
import SettlementProtocol

/// Records of the operator's socket: written again, they are the same bytes.
///
/// The first byte says what the rest is: a question, a page whose records have their length before
/// them, a registration, or a registration's result.
enum RecordFuzz {
    static func run(_ bytes: [UInt8]) throws -> Bool {
        var input = FuzzInput(bytes)
        switch input.byte() % 4 {
        case 0: return try question(input.remainder())
        case 1:
            var records: [[UInt8]] = []
            while !input.isEmpty { records.append(input.bytes(input.number())) }
            return try page(records)
        case 2: return try JournalFuzz.same(Registration.self, input.remainder())
        default: return try JournalFuzz.same(RegistrationResult.self, input.remainder())
        }
    }

    private static func question(_ bytes: [UInt8]) throws -> Bool {
        guard let question = try? OperatorCoding.question(bytes) else { return false }
        try FuzzFinding.unless(
            OperatorCoding.encode(question) == bytes, "\(question) is written differently")
        return true
    }

    private static func page(_ records: [[UInt8]]) throws -> Bool {
        guard let page = try? OperatorCoding.page(records) else { return false }
        try FuzzFinding.unless(
            OperatorCoding.encode(page) == records, "a page is written differently")
        return true
    }
}
