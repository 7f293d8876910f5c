import Ledger
import NIOCore
import SettlementProtocol

/// A request's body: refused with its code and place, or read, and then read alike when written
/// again.
///
/// The first byte is the kind, the rest the body.
enum RequestFuzz {
    static func run(_ bytes: [UInt8]) throws -> Bool {
        guard let number = bytes.first else { return false }
        guard let request = try decode(number, bytes.dropFirst()) else { return false }
        try FuzzFinding.unless(
            request.kind.rawValue == number, "kind \(number) is read as \(request.kind)")
        if let voucher = voucher(of: request) {
            // The voucher is a request's content: reading it gives it again, where the request can
            // do without its PIN blocks.
            if let again = try decode(number, voucher.dropFirst()) {
                try FuzzFinding.unless(
                    voucher.first == number && self.voucher(of: again) == voucher,
                    "\(request.kind): the voucher is read as another request")
            }
        }
        if request.kind == .settle || request.kind == .quote {
            // Field 100 is unknown and no content; a body that has it is never read by hand.
            let behind = try decode(number, bytes.dropFirst() + [0xa0, 0x06, 0x01])
            try FuzzFinding.unless(
                behind.map { "\($0)" } == "\(request)", "\(request.kind) is read otherwise by hand")
        }
        guard let body = RequestWriting.body(of: request) else { return true }
        guard let second = try decode(number, body[...]) else {
            throw FuzzFinding(description: "\(request.kind): what was read is written unreadable")
        }
        try FuzzFinding.unless(
            RequestWriting.body(of: second) == body, "\(request.kind) is written differently")
        return true
    }

    private static func decode(_ number: UInt8, _ body: ArraySlice<UInt8>) throws
        -> TerminalRequest?
    {
        do throws(RequestFault) {
            return try RequestDecoder.decode(number, ByteBuffer(bytes: body))
        } catch {
            try FuzzFinding.unless(
                error.code == .formatError || error.code == .notSupported,
                "a body is refused with \(error.code)")
            try FuzzFinding.unless(!error.detail.isEmpty, "a refusal says nothing")
            return nil
        }
    }

    private static func voucher(of request: TerminalRequest) -> [UInt8]? {
        switch request {
        case .ledger(let message): message.voucher
        case .reversal(let reversal): reversal.voucher
        default: nil
        }
    }
}

/// Writes requests as terminals and tools do.
enum RequestWriting {
    /// The body of a request; nil where it names what cannot be written: a card whose check digit is
    /// wrong, or names that are only known at a terminal.
    static func body(of request: TerminalRequest) -> [UInt8]? {
        switch request {
        case .signOn(let request): RequestEncoder.signOn(request)
        case .signOff(let header): RequestEncoder.signOff(header)
        case .echo(let header): RequestEncoder.echo(header)
        case .catalogPage(let request): RequestEncoder.catalogPage(request)
        case .ledger(let message): body(of: message)
        case .reversal(let request):
            request.card.map {
                RequestEncoder.reversal(
                    request.header, originalDate: request.originalDate,
                    originalSTAN: request.originalSTAN, card: $0, total: request.total)
            }
        case .settlementStatus(let request): RequestEncoder.settlementStatus(request)
        case .receiptCopy(let request): RequestEncoder.receiptCopy(request)
        case .admissionDetails(let request): RequestEncoder.admissionDetails(request)
        case .reconciliationTotals(let request): RequestEncoder.reconciliationTotals(request)
        case .reconciliationDetails, .reconciliationDifferences: nil
        case .dayClose(let request): RequestEncoder.dayClose(request)
        case .operatorApply(let request): RequestEncoder.operatorApply(request)
        case .operatorQuery(let request): RequestEncoder.operatorQuery(request)
        case .operatorMaintenance(let request): RequestEncoder.operatorMaintenance(request)
        }
    }

    private static func body(of message: LedgerMessage) -> [UInt8]? {
        let (header, pin) = (message.header, message.pinBlock)
        switch message.command {
        case .inquire(let inquiry):
            return inquiry.card.map { RequestEncoder.cardInquiry(header, card: $0, pinBlock: pin) }
        case .quote(let command), .settle(let command):
            guard command.card != nil else { return nil }
            return RequestEncoder.settle(header, command, pinBlock: pin)
        case .card(let command):
            if case .reissue(let new) = command.step, new.number == nil { return nil }
            guard isWritable(command.asking.subject) else { return nil }
            return RequestEncoder.cardService(
                header, command, pinBlock: pin, newPINBlock: message.newPINBlock)
        case .family(let command):
            guard isWritable(command.asking.subject), isWritable(command.relative) else {
                return nil
            }
            return RequestEncoder.family(header, command, pinBlock: pin)
        case .query(let query):
            guard isWritable(query.asking.subject) else { return nil }
            return RequestEncoder.personQuery(header, query, pinBlock: pin)
        case .contribute(.pay(let line)): return RequestEncoder.contributionPayment(header, line)
        case .contribute(.declare(let page)):
            return RequestEncoder.contributionDeclaration(header, page)
        case .inpatient(let command): return body(header, command, pin)
        case .claim(let command):
            guard isWritable(command.asking.subject) else { return nil }
            return RequestEncoder.claim(header, command, pinBlock: pin)
        case .void(let command):
            guard command.card != nil else { return nil }
            return RequestEncoder.void(header, command)
        case .refund(let command):
            guard command.card != nil else { return nil }
            return RequestEncoder.refund(header, command)
        case .reverse, .status, .copyReceipt, .closeDay, .register: return nil
        }
    }

    private static func body(
        _ header: RequestHeader, _ command: InpatientCommand, _ pin: [UInt8]?
    ) -> [UInt8]? {
        switch command {
        case .admit(let admit):
            guard admit.card != nil else { return nil }
            return RequestEncoder.admit(header, admit, pinBlock: pin)
        case .upload(let upload): return RequestEncoder.feeUpload(header, upload)
        case .cancel(let admission, let upload):
            return RequestEncoder.feeCancel(header, admission, upload: upload)
        case .discharge(let discharge, _):
            guard discharge.card != nil else { return nil }
            return RequestEncoder.discharge(header, discharge, pinBlock: pin)
        case .details: return nil
        }
    }

    private static func isWritable(_ subject: Subject) -> Bool {
        if case .card(nil) = subject { false } else { true }
    }
}
