import Ledger
import SettlementDomain
import SettlementProtocol

// Requests that undo earlier ones, and those of stays in hospital.
extension SessionRequests {
    private static func sold(
        _ input: inout FuzzInput, _ known: KnownRequests
    ) -> (id: SettlementID, card: CardNumber, total: Money) {
        known.sales.isEmpty
            ? (SettlementID(Samples.key), card(&input), Money(fen: 100)) : input.among(known.sales)
    }

    private static func place(of key: RequestKey) -> Int {
        SessionTown.terminals.firstIndex(of: key.terminal) ?? 0
    }

    static func void(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let sold = sold(&input, known)
        let line = place(of: sold.id.key)
        let header = known.header(line, &input)
        let command = VoidCommand(
            settlement: sold.id, card: sold.card,
            total: input.byte() < 0xf0 ? sold.total : amount(&input))
        return SessionRequests(
            kind: .void, body: RequestEncoder.void(header, command), line: line)
    }

    static func refund(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let sold = sold(&input, known)
        let line = place(of: sold.id.key)
        let header = known.header(line, &input)
        let lines = (0..<(1 + input.below(3))).map { _ in
            let choice = input.byte()
            return RefundLine(
                line: Int(choice & 3),
                quantity: choice & 4 == 0
                    ? nil : Quantity(thousandths: Int64(choice >> 3) * 250),
                traceCodes: choice & 0xc0 == 0xc0
                    ? [Samples.checked(TraceCode("PKG\(choice & 0x3f)"))] : [])
        }
        let command = RefundCommand(
            settlement: sold.id, card: sold.card, lines: lines,
            total: input.byte() < 0xf0 ? nil : amount(&input))
        return SessionRequests(
            kind: .refund, body: RequestEncoder.refund(header, command), line: line)
    }

    static func reversal(
        _ input: inout FuzzInput, _ known: inout KnownRequests
    ) -> SessionRequests {
        let original = original(&input, known)
        let sold = known.sales.last { $0.id.key == original }
        let line = place(of: original)
        let header = known.header(line, &input)
        return SessionRequests(
            kind: .reversal,
            body: RequestEncoder.reversal(
                header, originalDate: original.date, originalSTAN: original.stan,
                card: sold?.card ?? card(&input), total: sold?.total ?? amount(&input)),
            line: line)
    }

    private static func stay(_ input: inout FuzzInput, _ known: KnownRequests) -> AdmissionID {
        known.stays.isEmpty ? AdmissionID(Samples.key) : input.among(known.stays)
    }

    static func admit(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let line = 1
        let header = known.header(line, &input)
        let command = AdmitCommand(
            card: card(&input), proof: .absent,
            admittedOn: input.byte() & 1 == 0
                ? nil : header.businessDate?.adding(days: -input.below(8)),
            diagnosis: DiseaseCode("E11.9"))
        return SessionRequests(
            kind: .admit, body: RequestEncoder.admit(header, command, pinBlock: pin(&input)),
            line: line)
    }

    static func upload(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let line = 1
        let header = known.header(line, &input)
        let stay = stay(&input, known)
        if input.byte() >= 0xe0 {
            let upload = input.byte() & 1 == 0 ? nil : UInt16(input.byte())
            return SessionRequests(
                kind: .feeCancel, body: RequestEncoder.feeCancel(header, stay, upload: upload),
                line: line)
        }
        let lines = lines(&input)
        let command = FeeUploadCommand(
            admission: stay, day: header.businessDate?.adding(days: -input.below(8)),
            total: total(lines, &input), catalogVersion: CatalogVersion(rawValue: 1), lines: lines)
        return SessionRequests(
            kind: .feeUpload, body: RequestEncoder.feeUpload(header, command), line: line)
    }

    static func discharge(
        _ input: inout FuzzInput, _ known: inout KnownRequests
    ) -> SessionRequests {
        let line = 1
        let header = known.header(line, &input)
        let stay = stay(&input, known)
        let choice = input.byte()
        let command = DischargeCommand(
            admission: stay, card: card(&input),
            dischargedOn: choice & 1 == 0 ? nil : header.businessDate,
            total: amount(&input), partialAllowed: choice & 2 == 0)
        if let key = known.keys.last, choice & 4 == 0, let card = command.card {
            known.sales.append((SettlementID(key), card, command.total))
        }
        return SessionRequests(
            kind: choice & 4 == 0 ? .discharge : .dischargeQuote,
            body: RequestEncoder.discharge(header, command, pinBlock: pin(&input)), line: line)
    }

    static func details(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let line = 1
        let header = known.header(line, &input)
        let request = AdmissionDetailsRequest(
            header: header, admission: stay(&input, known),
            view: input.among(AdmissionView.allCases), from: UInt32(input.byte()))
        return SessionRequests(
            kind: .admissionDetails, body: RequestEncoder.admissionDetails(request), line: line)
    }
}
