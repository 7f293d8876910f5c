import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol

extension LoadLoop {
    /// Books what an answer tells, as reconciliation counts it.
    ///
    /// - Source: Protocol/Reconciliation.md, "What counts".
    func book(
        _ flight: LoadConnection.Flight, _ terminal: TerminalID, _ summary: ResponseSummary,
        _ body: ByteBuffer
    ) {
        let kind = flight.item.kind
        guard let date = CivilDate(yyyymmdd: summary.businessDate),
            kind == .settle ? summary.isApproval : summary.code == 0 && summary.reason == 0
        else { return }
        func book(
            _ kind: TransactionKind, _ day: CivilDate, _ stan: UInt32, sign: Int64 = 1,
            on date: CivilDate
        ) {
            books?.book(
                DayTransaction(
                    key: RequestKey(terminal: terminal, date: day, stan: stan),
                    kind: kind.requestKind, total: Money(fen: sign * summary.total),
                    insured: Money(fen: sign * summary.insured)),
                on: date)
        }
        switch kind {
        case .settle: book(.settle, flight.date, flight.stan, on: date)
        case .void, .refund, .reversal:
            book(kind, flight.date, flight.stan, on: date)
            guard let race = flight.errand?.race, race.form == .lost else {
                effects?.takeOff(flight.item, summary)
                return
            }
            // What was given up had been executed, though its answer was lost.
            let original = race.original
            let undoes = original.item.kind.undoes
            book(
                original.item.kind, original.date, original.stan, sign: undoes ? -1 : 1,
                on: undoes ? date : settledDate(body) ?? date)
        case .quote, .inquiry, .status, .echo, .copy: break
        }
    }

    private func settledDate(_ body: ByteBuffer) -> CivilDate? {
        let frame = Frame(kind: RequestKind.reversal.responseKind, requestID: 0, body: body)
        guard case .undone(let undone) = (try? ResponseDecoder.decode(frame))?.payload else {
            return nil
        }
        return undone.settledDate
    }

    /// Counts an answer that is not what it had to be, and keeps the first few.
    func surprise(
        _ flight: LoadConnection.Flight, _ terminal: LoadTerminal, expected: String,
        _ summary: ResponseSummary
    ) {
        figures.surprise(
            "\(terminal.credentials.terminal) \(flight.date) \(flight.stan) "
                + "\(flight.item.kind.name): \(summary.code < 10 ? "0" : "")\(summary.code), "
                + "\(summary.reason) where \(expected) was expected")
    }
}
