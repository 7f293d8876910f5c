import Foundation
import Ledger
import SettlementDomain

/// A terminal's own transactions by booked date, for reconciliation.
///
/// One file a date, `YYYYMMDD.csv`, in a folder. A line is on disk when the call that adds it has
/// returned; several processes may add. A line that a power cut has torn is cut off before the next.
///
/// | column | content |
/// | --- | --- |
/// | `terminal` | of the key |
/// | `business_date` | of the key, `2026-11-23` |
/// | `stan` | of the key |
/// | `kind` | `settle`, `void`, `refund`, `reversal` |
/// | `total`, `insured` | yuan; as Protocol/Reconciliation.md counts them |
/// | `settlement_id` | what was made or undone; may be empty |
/// | `time` | milliseconds since 1970 UTC; may be empty |
public struct DayLists: Sendable {
    /// The folder.
    public let folder: String

    /// The first line of each file.
    public static let heading =
        "terminal,business_date,stan,kind,total,insured,settlement_id,time"

    /// The lists in a folder, which is made when the first line is added.
    public init(folder: String) {
        self.folder = folder
    }

    /// The lists of a terminal, kept in its folder.
    public init(of credentials: TerminalCredentials) {
        self.init(folder: credentials.directory + "/days")
    }

    /// The file of a booked date.
    public func path(of date: CivilDate) -> String { "\(folder)/\(date.yyyymmdd).csv" }

    /// Adds a transaction; one that is there already counts once.
    public func add(_ transaction: DayTransaction, bookedOn date: CivilDate) throws(ClientFault) {
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw DurableFile.fault(folder, "cannot be made")
        }
        let path = path(of: date)
        let lock = try FileLock(guarding: path, waits: true)
        var file = try DurableFile(path, failure: { _ in 0 })
        try file.cutTornLine()
        let heading = file.length == 0 ? Self.heading + "\n" : ""
        try file.append(heading + Self.line(transaction) + "\n")
        _ = consume lock
    }

    /// The transactions of a booked date in the order of keys; empty where there is no file.
    public func transactions(on date: CivilDate) throws(ClientFault) -> [DayTransaction] {
        let path = path(of: date)
        if access(path, F_OK) != 0, errno == ENOENT { return [] }
        return try Self.read(path)
    }

    /// The transactions of a file of this form, in the order of keys; of several with one key the
    /// last counts.
    ///
    /// A last line without its end is a torn one and passed over.
    /// - Throws: `file` naming the line that is none.
    public static func read(_ path: String) throws(ClientFault) -> [DayTransaction] {
        let text = String(decoding: try DurableFile.bytes(path), as: UTF8.self)
        var byKey: [RequestKey: DayTransaction] = [:]
        let whole = text.lastIndex { $0.isNewline }.map { text[...$0] } ?? ""
        for (index, line) in whole.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).dropLast().enumerated() {
            if index == 0 {
                guard line == heading else {
                    throw .file("\(path):1: the first line is not \(heading)")
                }
                continue
            }
            guard let transaction = transaction(line) else {
                throw .file("\(path):\(index + 1): not a transaction")
            }
            byKey[transaction.key] = transaction
        }
        return byKey.values.sorted { $0.key < $1.key }
    }

    private static func line(_ transaction: DayTransaction) -> String {
        let key = transaction.key
        return [
            "\(key.terminal)", "\(key.date)", "\(key.stan)", name(of: transaction.kind),
            "\(transaction.total)", "\(transaction.insured)",
            transaction.settlement?.description ?? "",
            transaction.time == 0 ? "" : "\(transaction.time)",
        ].joined(separator: ",")
    }

    private static func transaction(_ line: Substring) -> DayTransaction? {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 8, let terminal = TerminalID(fields[0]),
            let date = CivilDate(fields[1]), let stan = UInt32(fields[2]),
            (1...RequestKey.stanMax).contains(stan),
            let kind = DayTotals.kinds.first(where: { name(of: $0) == fields[3] }),
            let total = Money(yuan: fields[4]), let insured = Money(yuan: fields[5]),
            fields[6].isEmpty || SettlementID(fields[6]) != nil,
            let time = fields[7].isEmpty ? 0 : Int64(fields[7])
        else { return nil }
        return DayTransaction(
            key: RequestKey(terminal: terminal, date: date, stan: stan), kind: kind, total: total,
            insured: insured, settlement: SettlementID(fields[6]), time: time)
    }

    private static func name(of kind: RequestKind) -> String {
        switch kind {
        case .settle: "settle"
        case .void: "void"
        case .refund: "refund"
        case .reversal: "reversal"
        default: "-"
        }
    }
}
