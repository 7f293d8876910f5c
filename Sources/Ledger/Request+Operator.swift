import SettlementDomain

extension LedgerRequest {
    /// The name under which an operator's requests are made; no terminal is registered as it.
    private static let operatorTerminal: TerminalID = {
        guard let id = TerminalID("OPERATOR") else { preconditionFailure("eight letters") }
        return id
    }()

    /// An operator's command as a request; not recorded, since it is no payment.
    public static func byOperator(
        _ command: Command, on date: CivilDate, stan: UInt32 = 0, terminalTime: Int64 = 0
    ) -> LedgerRequest {
        LedgerRequest(
            key: RequestKey(terminal: operatorTerminal, date: date, stan: stan),
            terminalTime: terminalTime, content: .zero, voucher: [], command: command)
    }
}
