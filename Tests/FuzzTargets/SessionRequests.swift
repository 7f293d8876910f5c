import Ledger
import SettlementDomain
import SettlementProtocol

/// What was asked and approved in one run, for requests that name it.
struct KnownRequests {
    /// Keys of all requests that were made, as far as they were recorded.
    var keys: [RequestKey] = []
    var sales: [(id: SettlementID, card: CardNumber, total: Money)] = []
    var stays: [AdmissionID] = []
    var claims: [ClaimID] = []
    var quoteDigest: UInt64 = 0
    private var stans = [UInt32](repeating: 0, count: SessionTown.terminals.count)

    /// The header of a terminal's next request; now and then that of an earlier one.
    mutating func header(_ line: Int, _ input: inout FuzzInput) -> RequestHeader {
        let choice = input.byte()
        if choice & 0x0f != 0x0f { stans[line] += 1 }
        let date = SessionTown.today.adding(days: Int(choice >> 6) - (choice & 0x20 == 0 ? 0 : 33))
        let stan = max(1, stans[line])
        keys.append(
            RequestKey(terminal: SessionTown.terminals[line], date: date, stan: stan))
        return RequestHeader(businessDate: date, stan: stan, terminalTime: 0)
    }

    mutating func learn(_ response: TerminalResponse) {
        switch response.payload {
        case .settlement(let answer):
            if answer.quoteDigest != 0 { quoteDigest = answer.quoteDigest }
        case .admission(let stay):
            if !stays.contains(stay.id) { stays.append(stay.id) }
        case .claims(let list):
            for claim in list.claims where !claims.contains(claim.id) { claims.append(claim.id) }
        default: break
        }
    }
}

/// Requests that are right but for what the input makes of them.
struct SessionRequests {
    var kind: RequestKind
    var body: [UInt8]
    /// The place of the terminal that asks.
    var line: Int

    private static let counter = 6
    private static let bank = 8

    /// A request of one of 25 forms, 7 to 31.
    static func request(
        _ form: Int, _ input: inout FuzzInput, _ known: inout KnownRequests
    ) -> SessionRequests {
        switch form {
        case 7...12: sale(quotes: form == 12, &input, &known)
        case 13: void(&input, &known)
        case 14, 15: refund(&input, &known)
        case 16: reversal(&input, &known)
        case 17: inquiry(&input, &known)
        case 18: cardService(&input, &known)
        case 19: family(&input, &known)
        case 20: query(&input, &known)
        case 21: contribution(&input, &known)
        case 22: admit(&input, &known)
        case 23, 24: upload(&input, &known)
        case 25: discharge(&input, &known)
        case 26, 27: claim(&input, &known)
        case 28: claimStep(&input, &known)
        case 29: status(&input, &known)
        default: details(&input, &known)
        }
    }

    static func card(_ input: inout FuzzInput) -> CardNumber { input.among(SessionTown.cards) }

    /// The right PIN's block as a rule; else a wrong one, one that cannot be opened, or none.
    static func pin(_ input: inout FuzzInput) -> [UInt8]? {
        switch input.byte() {
        case 0..<0xe0: Array(repeating: SessionTown.pin, count: 16)
        case 0xe0..<0xf0: Array(repeating: 1, count: 16)
        case 0xf0..<0xf8: Array(0..<16)
        default: nil
        }
    }

    /// An amount from nothing to more than there is: small ones as a rule.
    static func amount(_ input: inout FuzzInput) -> Money {
        let number = Int64(input.number())
        switch input.byte() {
        case 0..<0xf0: return Money(fen: number)
        case 0xf0..<0xf8: return Money(fen: number * 10_000)
        case 0xf8..<0xfc: return Money(fen: -number)
        case 0xfc..<0xfe: return Money(fen: Money.limit.fen - number)
        default: return Money(fen: Int64.max - number)
        }
    }

    static func lines(_ input: inout FuzzInput) -> [RequestLine] {
        (0..<(input.below(4) + 1)).map { _ in
            let item = input.byte()
            let quantity = Quantity(thousandths: Int64(input.byte()) * 250)
            let price = amount(&input)
            let unit = UnitPrice(tenThousandths: price.fen.multipliedReportingOverflow(by: 100).0)
            let exact = unit.amount(for: quantity) ?? price
            let choice = input.byte()
            let trace = choice & 3 == 3 ? TraceCode("PKG\(choice >> 2)") : nil
            return RequestLine(
                item: choice & 0x40 == 0
                    ? .index(UInt32(item)) : .code(Samples.checked(ItemCode("NONE-\(item)"))),
                quantity: quantity, unitPrice: unit,
                amount: choice & 0x80 == 0 ? exact : price,
                courseDays: choice & 4 == 0 ? nil : UInt32(item) % 40,
                traceCodes: trace.map { [$0] } ?? [])
        }
    }

    static func total(_ lines: [RequestLine], _ input: inout FuzzInput) -> Money {
        let sum = lines.reduce(Money.zero) { Money(fen: $0.fen &+ $1.amount.fen) }
        return input.byte() < 0xf8 ? sum : amount(&input)
    }

    static func sale(
        quotes: Bool, _ input: inout FuzzInput, _ known: inout KnownRequests
    ) -> SessionRequests {
        let line = input.below(6)
        let header = known.header(line, &input)
        let card = card(&input)
        let pin = pin(&input)
        let choice = input.byte()
        let visits: [VisitType] =
            line == 0
            ? [.pharmacyPurchase]
            : line == 2 ? [.vaccination] : [.outpatient, .emergency, .chronicOutpatient, .checkup]
        let lines = lines(&input)
        let command = SettleCommand(
            card: card, proof: .absent,
            visitType: choice & 0x70 == 0x70 ? .inpatient : visits[Int(choice) % visits.count],
            total: total(lines, &input), catalogVersion: CatalogVersion(rawValue: 1), lines: lines,
            serviceDate: choice & 4 == 0 ? nil : header.businessDate?.adding(days: -3),
            partialAllowed: choice & 8 == 0,
            accountLimit: choice & 0x0c == 0x0c ? amount(&input) : nil,
            quoteDigest: choice & 0x80 == 0 ? 0 : known.quoteDigest,
            diagnosis: DiseaseCode("E11.9"), billNumber: choice & 2 == 0 ? nil : "B\(choice >> 4)")
        if !quotes, let key = known.keys.last {
            known.sales.append((SettlementID(key), card, command.total))
        }
        return SessionRequests(
            kind: quotes ? .quote : .settle,
            body: RequestEncoder.settle(header, command, pinBlock: pin), line: line)
    }

    static func inquiry(
        _ input: inout FuzzInput, _ known: inout KnownRequests
    ) -> SessionRequests {
        let line = input.below(8)
        let header = known.header(line, &input)
        return SessionRequests(
            kind: .cardInquiry,
            body: RequestEncoder.cardInquiry(header, card: card(&input), pinBlock: pin(&input)),
            line: line)
    }

    static func status(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let line = input.below(8)
        let header = known.header(line, &input)
        let original = original(&input, known)
        if input.byte() & 1 == 0 {
            let request = SettlementStatusRequest(
                header: header, originalDate: original.date, originalSTAN: original.stan)
            return SessionRequests(
                kind: .settlementStatus, body: RequestEncoder.settlementStatus(request), line: line)
        }
        let request = ReceiptCopyRequest(header: header, settlement: SettlementID(original))
        return SessionRequests(
            kind: .receiptCopy, body: RequestEncoder.receiptCopy(request), line: line)
    }

    /// The key of an earlier request, or of none.
    static func original(_ input: inout FuzzInput, _ known: KnownRequests) -> RequestKey {
        known.keys.isEmpty ? Samples.key : input.among(known.keys)
    }

    /// What an operator registers in mid-session.
    static func registration(_ input: inout FuzzInput, _ known: KnownRequests) -> Registration {
        let index = input.below(SessionTown.personCount)
        let person = SessionTown.site.person(at: index)
        switch input.below(8) {
        case 0:
            return .credit(
                CreditRow(
                    key: CreditKey(person: person.person.id, reference: "c\(input.byte())"),
                    amount: amount(&input), collector: "fuzz"))
        case 1:
            var row = person
            row.frozen = input.byte() & 1 == 1
            row.person.hasAccount = input.byte() & 7 != 7
            row.person.coverage = input.byte() & 3 == 3 ? .suspended : .active
            return .person(row)
        case 2:
            return .terminal(
                TerminalRow(
                    id: SessionTown.site.terminal(at: index).id,
                    institution: SessionTown.site.terminal(at: index).institution,
                    role: SessionTown.site.terminal(at: index).role,
                    blocked: input.byte() & 1 == 1))
        case 3:
            return .periodic(
                PeriodicRow(
                    person: person.person.id,
                    run: [.arrears, .interest(year: 2025), .interest(year: 2026)][input.below(3)]))
        case 4:
            return .clearing(
                ClearingRow(
                    key: ClearingKey(
                        institution: SessionTown.site.terminal(at: index).institution,
                        date: SessionTown.today.adding(days: input.below(3))),
                    amount: amount(&input)))
        case 5:
            return .family(
                FamilyRow(
                    member: person.person.id,
                    links: [
                        FamilyLink(
                            owner: SessionTown.site.person(
                                at: input.below(SessionTown.personCount)
                            ).person.id, relationship: .child, yearlyLimit: amount(&input),
                            usedYear: 0, used: .zero)
                    ]))
        case 6:
            var card = SessionTown.site.card(at: index).row(
                PINVerification(keyID: 1, high: UInt64(SessionTown.pin), low: 0))
            card.state = [.active, .lost, .cancelled][input.below(3)]
            return .card(card)
        default:
            return known.claims.isEmpty ? .person(person) : .lapse(input.among(known.claims))
        }
    }
}
