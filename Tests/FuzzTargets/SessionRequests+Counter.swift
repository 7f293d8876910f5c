import Ledger
import SettlementDomain
import SettlementProtocol

// Requests of counters, gateways, banks and employers.
extension SessionRequests {
    private static let clerks = ["C001", "C002"]

    private static func asking(
        _ line: Int, _ input: inout FuzzInput
    ) -> (asking: Asking, pin: [UInt8]?) {
        let number = card(&input)
        switch input.byte() & 3 {
        case 0, 1: return (Asking(subject: .card(number), authority: .pin(.absent)), pin(&input))
        case 2:
            let person = SessionTown.site.person(at: input.below(SessionTown.personCount))
            let check = IdentityCheck(
                document: .residentID, number: person.idNumber.clearText, clerk: "C001",
                proxy: nil)
            return (
                Asking(subject: .idNumber(person.idNumber), authority: .documents(check)), nil
            )
        default: return (Asking(subject: .card(number), authority: .gatewaySession("S1")), nil)
        }
    }

    static func cardService(
        _ input: inout FuzzInput, _ known: inout KnownRequests
    ) -> SessionRequests {
        let line = input.byte() < 0x40 ? 0 : 6
        let header = known.header(line, &input)
        let (asking, old) = asking(line, &input)
        let new = pin(&input)
        let step: CardServiceCommand.Step =
            switch input.below(5) {
            case 0: .changePIN(.absent)
            case 1: .reportLoss
            case 2: .withdrawLoss
            case 3:
                .reissue(
                    CardServiceCommand.NewCard(
                        number: CardNumber.completing("9999010000000\(input.byte() % 10)"),
                        expires: SessionTown.today.adding(days: 1_000), pin: .absent))
            default: .unlockPIN
            }
        let command = CardServiceCommand(asking: asking, step: step)
        return SessionRequests(
            kind: command.kind,
            body: RequestEncoder.cardService(header, command, pinBlock: old, newPINBlock: new),
            line: line)
    }

    static func family(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let line = 6 + Int(input.byte() & 1)
        let header = known.header(line, &input)
        let (asking, pin) = asking(line, &input)
        let choice = input.byte()
        let terms = FamilyTerms(
            relationship: input.among(Relationship.allCases),
            yearlyLimit: choice & 1 == 0 ? nil : amount(&input),
            dailyLimit: choice & 2 == 0 ? nil : amount(&input),
            position: choice & 4 == 0 ? nil : Int(choice >> 6))
        let command = FamilyCommand(
            asking: asking, relative: .card(card(&input)),
            step: choice & 8 == 0 ? .link(terms) : .unlink)
        return SessionRequests(
            kind: command.kind, body: RequestEncoder.family(header, command, pinBlock: pin),
            line: line)
    }

    static func query(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let line = 6 + Int(input.byte() & 1)
        let header = known.header(line, &input)
        let (asking, pin) = asking(line, &input)
        let limit = 1 + input.below(40)
        let page = input.byte() & 1 == 0 ? nil : UInt64(input.number())
        let question: PersonQuery.Question =
            switch input.below(8) {
            case 0:
                .transactions(
                    TransactionQuestion(
                        from: SessionTown.today.adding(days: -input.below(40)), before: page,
                        limit: limit))
            case 1:
                .months(
                    MonthQuestion(
                        from: SessionTown.today.startOfMonth, count: 1 + input.below(36)))
            case 2: .annual(year: 2024 + input.below(4))
            case 3: .contributions(before: nil, limit: limit)
            case 4: .family(before: page, limit: limit)
            case 5: .accesses(before: page, limit: limit)
            case 6: .claims(before: page, limit: limit)
            default:
                .claim(
                    known.claims.isEmpty ? ClaimID(Samples.key) : input.among(known.claims),
                    from: input.byte() & 1 == 0 ? nil : input.below(4))
            }
        let query = PersonQuery(asking: asking, question: question)
        return SessionRequests(
            kind: query.kind, body: RequestEncoder.personQuery(header, query, pinBlock: pin),
            line: line)
    }

    static func contribution(
        _ input: inout FuzzInput, _ known: inout KnownRequests
    ) -> SessionRequests {
        let line = 8 + Int(input.byte() & 1)
        let header = known.header(line, &input)
        let lines = (0..<(1 + input.below(3))).map { _ in contributionLine(&input) }
        if input.byte() & 1 == 0 {
            return SessionRequests(
                kind: .contributionPayment,
                body: RequestEncoder.contributionPayment(header, lines[0]), line: line)
        }
        let page = DeclarationPage(
            declaration: "D\(input.byte() % 4)", firstLine: UInt32(input.byte()), lines: lines)
        return SessionRequests(
            kind: .contributionDeclaration,
            body: RequestEncoder.contributionDeclaration(header, page), line: line)
    }

    /// A month or year of a person; what is due where the input leaves it as it is.
    private static func contributionLine(_ input: inout FuzzInput) -> ContributionLine {
        let person = SessionTown.site.person(at: input.below(SessionTown.personCount))
        let isResident = person.person.insuranceType == .resident
        let month = 202_608 + UInt32(input.byte() % 6) % 5
        let base = isResident ? Money.zero : Money(fen: 600_000 + Int64(input.byte()) * 10_000)
        func percent(_ tenths: Int64) -> Money { Money(fen: (base.fen * tenths + 500) / 1_000) }
        let isActive = person.person.category == .active
        let yearly = Money(fen: person.person.category == .minor ? 38_000 : 40_000)
        var line = ContributionLine(
            name: person.name, idNumber: person.idNumber,
            period: ContributionPeriod(yyyymm: isResident ? 202_600 : month), base: base,
            employerPart: isActive ? percent(98) : .zero,
            individualPart: isResident ? yearly : percent(isActive ? 20 : 118))
        if input.byte() >= 0xf0 { line.individualPart = amount(&input) }
        if input.byte() >= 0xf0 { line.employerPart = amount(&input) }
        return line
    }

    static func claim(_ input: inout FuzzInput, _ known: inout KnownRequests) -> SessionRequests {
        let line = 6
        let header = known.header(line, &input)
        let (asking, pin) = asking(line, &input)
        let bills = (0..<(1 + input.below(3))).map { _ -> SubmittedBill in
            let lines = lines(&input)
            let choice = input.byte()
            let bill = ClaimBill(
                place: ClaimPlace(
                    institution: nil, code: "FAR-\(choice & 3)", name: "Far Hospital",
                    kind: .hospital, level: .level3),
                number: "N\(choice >> 2 & 7)",
                serviceDate: SessionTown.today.adding(days: -input.below(40)),
                visitType: choice & 0x40 == 0 ? .outpatient : .inpatient, diagnosis: nil,
                lines: [], total: total(lines, &input))
            return SubmittedBill(bill: bill, lines: lines)
        }
        let submission = ClaimSubmission(
            asking: asking, clerk: input.among(clerks), catalogVersion: CatalogVersion(rawValue: 1),
            bills: bills, documents: [ClaimDocument(kind: .invoice, sheets: 1)],
            payee: input.byte() & 3 == 3
                ? .bankAccount(holder: "Zhang San", bank: "Bank", number: "1")
                : .card(card(&input)))
        return SessionRequests(
            kind: .claimSubmit,
            body: RequestEncoder.claim(header, .submit(submission), pinBlock: pin), line: line)
    }

    static func claimStep(
        _ input: inout FuzzInput, _ known: inout KnownRequests
    ) -> SessionRequests {
        let line = 6
        let header = known.header(line, &input)
        let id = known.claims.isEmpty ? ClaimID(Samples.key) : input.among(known.claims)
        let clerk = input.among(clerks)
        let papers = [ClaimDocument(kind: .feeList, sheets: 1)]
        let command: ClaimCommand =
            switch input.below(8) {
            case 0, 1: .review(id, clerk: clerk, .takeUp)
            case 2: .review(id, clerk: clerk, .wantDocuments(papers, text: "fee list"))
            case 3: .review(id, clerk: clerk, .supplement(papers, text: ""))
            case 4: .review(id, clerk: clerk, .withdraw(text: "paid elsewhere"))
            case 5: .decide(id, clerk: clerk, decision(&input))
            case 6: .decide(id, clerk: clerk, .refuse(text: "no referral"))
            default: .pay(id, clerk: clerk, reference: "R1")
            }
        return SessionRequests(
            kind: command.kind, body: RequestEncoder.claim(header, command), line: line)
    }

    private static func decision(_ input: inout FuzzInput) -> ClaimDecision {
        let share = Ratio(tenThousandths: Int64(input.byte()) * 40) ?? .one
        let disallowed = (0..<input.below(3)).map { _ in
            Disallowance(
                bill: input.below(3), line: input.below(4),
                amount: input.byte() & 1 == 0 ? nil : amount(&input), text: "not covered")
        }
        return .approve(share: share, disallowed)
    }
}
