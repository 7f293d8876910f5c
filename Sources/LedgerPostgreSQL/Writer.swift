import Ledger

/// This store's right to write: a row of the table `writer` that it holds by a token of its own.
///
/// Each commit renews the row, and fails if another has taken it or if reference data has changed. A
/// writer that is gone is followed by whoever takes its row next, and can never write again.
struct Writer {
    /// The row's number: part of every entry's number.
    let id: UInt64
    let token: String
    /// The entry that last changed reference data, as this writer knows it.
    var reference: UInt64
    /// Gives numbers to entries.
    var clock: SequenceClock

    /// A row that nobody holds, or that was not renewed for so long that its holder is gone.
    private static let isFree =
        "id > 0 AND (holder IS NULL OR claimed_at < now() - interval '60 seconds')"

    private static let attemptsMax = 100
    private static let choices: Int64 = 8

    /// Takes a row that nobody holds; nil where there is none.
    static func claim(on connection: Connection) throws(DatabaseFault) -> Writer? {
        let token = "\(UInt64.random(in: 0 ... .max)):\(UInt64.random(in: 0 ... .max))"
        for _ in 0..<attemptsMax {
            let free = try connection.run([
                Command(
                    "SELECT id FROM writer WHERE \(isFree) ORDER BY id LIMIT $1",
                    [.integer(choices)])
            ])[0]
            // Others may be choosing at the same moment.
            guard free.count > 0 else { return nil }
            var choice = free.reader(Int.random(in: 0..<free.count), of: "writer")
            do throws(DatabaseFault) {
                if let writer = try take(choice.unsigned(), as: token, on: connection) {
                    return writer
                }
            } catch {
                guard case .conflict = error.storeFault else { throw error }
            }
        }
        return nil
    }

    private static func take(
        _ id: UInt64, as token: String, on connection: Connection
    ) throws(DatabaseFault) -> Writer? {
        let rows = try connection.run([
            Command(
                "UPDATE writer SET holder = $1, claimed_at = now() WHERE id = $2 AND \(isFree) "
                    + "RETURNING seq, reference", [.text(token), .number(id)])
        ])[0]
        guard rows.count == 1 else { return nil }
        var reader = rows.reader(0, of: "writer")
        let last = reader.unsigned()
        return Writer(
            id: id, token: token, reference: reader.unsigned(),
            clock: SequenceClock(writer: id, after: last))
    }

    /// Reads whether the row is still held, and the state of reference data.
    var readCommand: Command {
        Command(
            "SELECT holder = $2, reference FROM writer WHERE id = $1", [.number(id), .text(token)])
    }

    /// Takes the row's lock before any other, as every transaction that writes does.
    var hold: Command {
        Command(
            "UPDATE writer SET claimed_at = now() WHERE id = $1 AND holder = $2",
            [.number(id), .text(token)])
    }

    /// Renews the row: one row if it is still held and reference data is what was decided by.
    func renewal(last: UInt64, entries: Int, decidedBy reference: UInt64) -> Command {
        Command(
            """
            UPDATE writer SET seq = $1, entries = entries + $2, claimed_at = now()
            WHERE id = $3 AND holder = $4 AND reference = $5
            """,
            [
                .number(last), .integer(Int64(entries)), .number(id), .text(token),
                .number(reference),
            ])
    }

    /// Holds up every other writer and gives the newest number of all.
    static let standStill = Command(
        "WITH held AS (UPDATE writer SET seq = seq RETURNING seq) SELECT max(seq) FROM held")

    /// Tells every writer that reference data has changed.
    static func announce(_ reference: UInt64) -> Command {
        Command("UPDATE writer SET reference = $1", [.number(reference)])
    }

    /// Takes the row from whoever holds it under this token: once it is done, what that holder was
    /// committing is committed or never will be.
    func fence(as newToken: String) -> Command {
        Command(
            "UPDATE writer SET holder = $1, claimed_at = now() WHERE id = $2 AND holder = $3",
            [.text(newToken), .number(id), .text(token)])
    }

    /// Gives the row back.
    var release: Command {
        Command(
            "UPDATE writer SET holder = NULL WHERE id = $1 AND holder = $2",
            [.number(id), .text(token)])
    }
}
