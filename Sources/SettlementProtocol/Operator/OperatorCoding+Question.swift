import Ledger
import SettlementDomain

extension OperatorCoding {
    /// The bytes of a question: a tag and what its case carries.
    public static func encode(_ question: StoreQuestion) -> [UInt8] {
        written { write(question, to: &$0) }
    }

    private static func write(_ question: StoreQuestion, to writer: inout ByteWriter) {
        switch question {
        case .person(let id): tagged(1, id, &writer)
        case .personByIDNumber(let number): tagged(2, number, &writer)
        case .card(let number): tagged(3, number, &writer)
        case .cardsOf(let id): tagged(4, id, &writer)
        case .account(let id): tagged(5, id, &writer)
        case .family(let id): tagged(6, id, &writer)
        case .accumulators(let id, let year):
            tagged(7, id, &writer)
            writer.unsigned(UInt64(year))
        case .settlement(let id): tagged(8, id, &writer)
        case .answer(let key): tagged(9, key, &writer)
        case .entry(let sequence):
            writer.byte(10)
            writer.unsigned(sequence)
        case .persons(let after, let limit):
            writer.byte(11)
            writer.optionalValue(after)
            writer.signed(Int64(limit))
        case .cards(let after, let limit):
            writer.byte(12)
            writer.optionalValue(after)
            writer.signed(Int64(limit))
        case .movements(let id, let before, let limit):
            tagged(13, id, &writer)
            writer.optional(before) { $0.unsigned($1) }
            writer.signed(Int64(limit))
        case .settlementsOf(let id, let before, let limit):
            tagged(14, id, &writer)
            writer.optional(before) { $0.unsigned($1) }
            writer.signed(Int64(limit))
        case .settlementsOn(let date, let institution, let after, let limit):
            tagged(15, date, &writer)
            writer.optionalValue(institution)
            writer.optional(after) { $0.unsigned($1) }
            writer.signed(Int64(limit))
        case .entries(let after, let limit):
            writer.byte(16)
            writer.unsigned(after)
            writer.signed(Int64(limit))
        case .balances: writer.byte(17)
        case .counts: writer.byte(18)
        case .reference: writer.byte(19)
        case .clearings(let date): tagged(21, date, &writer)
        case .owner(let id): tagged(25, id, &writer)
        case .claimsOf(let id): tagged(27, id, &writer)
        case .claim(let id): tagged(28, id, &writer)
        case .claimsDue(let date, let after, let limit):
            tagged(29, date, &writer)
            writer.optionalValue(after)
            writer.signed(Int64(limit))
        case .contributionsOf(let id, let before, let limit):
            tagged(26, id, &writer)
            writer.optionalValue(before)
            writer.signed(Int64(limit))
        case .historyOf(let id, let from, let through, let before, let limit):
            tagged(23, id, &writer)
            range(from, through, before, limit, &writer)
        case .movesOf(let id, let from, let through, let before, let limit):
            tagged(24, id, &writer)
            range(from, through, before, limit, &writer)
        case .accesses(let id, let before, let limit):
            tagged(22, id, &writer)
            writer.optional(before) { $0.unsigned($1) }
            writer.signed(Int64(limit))
        case .day(let date, let institution, let terminal, let after, let through, let limit):
            tagged(20, date, &writer)
            institution.write(to: &writer)
            writer.optionalValue(terminal)
            writer.optionalValue(after)
            writer.optionalValue(through)
            writer.signed(Int64(limit))
        }
    }

    /// The question of these bytes.
    public static func question(_ bytes: [UInt8]) throws(CodingFault) -> StoreQuestion {
        var reader = ByteReader(bytes)
        let question = try read(&reader)
        try reader.expectEnd()
        return question
    }

    private static func read(_ reader: inout ByteReader) throws(CodingFault) -> StoreQuestion {
        switch try reader.byte() {
        case 1: .person(try PersonID(from: &reader))
        case 2: .personByIDNumber(try IDNumber(from: &reader))
        case 3: .card(try CardNumber(from: &reader))
        case 4: .cardsOf(try PersonID(from: &reader))
        case 5: .account(try PersonID(from: &reader))
        case 6: .family(try PersonID(from: &reader))
        case 7: .accumulators(try PersonID(from: &reader), year: try reader.integer())
        case 8: .settlement(try SettlementID(from: &reader))
        case 9: .answer(try RequestKey(from: &reader))
        case 10: .entry(try reader.unsigned())
        case 11: .persons(after: try reader.optionalValue(), limit: try limit(&reader))
        case 12: .cards(after: try reader.optionalValue(), limit: try limit(&reader))
        case 13:
            .movements(
                try PersonID(from: &reader), before: try sequence(&reader),
                limit: try limit(&reader))
        case 14:
            .settlementsOf(
                try PersonID(from: &reader), before: try sequence(&reader),
                limit: try limit(&reader))
        case 15:
            .settlementsOn(
                try CivilDate(from: &reader), try reader.optionalValue(),
                after: try sequence(&reader), limit: try limit(&reader))
        case 16: .entries(after: try reader.unsigned(), limit: try limit(&reader))
        case 17: .balances
        case 18: .counts
        case 19: .reference
        case 21: .clearings(try CivilDate(from: &reader))
        case 22:
            .accesses(
                try PersonID(from: &reader), before: try sequence(&reader),
                limit: try limit(&reader))
        case 20:
            .day(
                try CivilDate(from: &reader), try InstitutionID(from: &reader),
                try reader.optionalValue(), after: try reader.optionalValue(),
                through: try reader.optionalValue(), limit: try limit(&reader))
        case 23:
            .historyOf(
                try PersonID(from: &reader), from: try CivilDate(from: &reader),
                through: try CivilDate(from: &reader), before: try sequence(&reader),
                limit: try limit(&reader))
        case 24:
            .movesOf(
                try PersonID(from: &reader), from: try CivilDate(from: &reader),
                through: try CivilDate(from: &reader), before: try sequence(&reader),
                limit: try limit(&reader))
        case 25: .owner(try PersonID(from: &reader))
        case 26:
            .contributionsOf(
                try PersonID(from: &reader), before: try reader.optionalValue(),
                limit: try limit(&reader))
        case 27: .claimsOf(try PersonID(from: &reader))
        case 28: .claim(try ClaimID(from: &reader))
        case 29:
            .claimsDue(
                before: try CivilDate(from: &reader), after: try reader.optionalValue(),
                limit: try limit(&reader))
        default: throw CodingFault(offset: 0, expected: "a question's tag, 1 to 29")
        }
    }

    private static func tagged(
        _ tag: UInt8, _ value: some Journaled, _ writer: inout ByteWriter
    ) {
        writer.byte(tag)
        value.write(to: &writer)
    }

    private static func range(
        _ from: CivilDate, _ through: CivilDate, _ before: UInt64?, _ limit: Int,
        _ writer: inout ByteWriter
    ) {
        from.write(to: &writer)
        through.write(to: &writer)
        writer.optional(before) { $0.unsigned($1) }
        writer.signed(Int64(limit))
    }

    private static func sequence(_ reader: inout ByteReader) throws(CodingFault) -> UInt64? {
        try reader.flag() ? try reader.unsigned() : nil
    }

    private static func limit(_ reader: inout ByteReader) throws(CodingFault) -> Int {
        let offset = reader.offset
        let limit = try reader.signed()
        guard (0...limitMax).contains(limit) else {
            throw CodingFault(offset: offset, expected: "a limit of 0 to \(limitMax) rows")
        }
        return Int(limit)
    }

    /// The most rows that a question may ask for in one page.
    public static let limitMax: Int64 = 100_000
}
