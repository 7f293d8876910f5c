import Ledger
import SettlementDomain
import SettlementProtocol

// How requests about persons, cards, families and contributions are written.
extension SimulatedTask {
    private static let town = Town()

    static func subject(_ subject: ModelSubject) -> Subject {
        switch subject {
        case .card(let number): .card(Town.card(number))
        case .idNumber(let person): .idNumber(town.idNumber(person))
        }
    }

    /// Who is asked about and by what right, and the PIN block that goes with it.
    static func asking(
        _ subject: ModelSubject, _ right: ModelRight
    ) -> (asking: Asking, pinBlock: [UInt8]?) {
        let named = self.subject(subject)
        switch right {
        case .pin(let pin):
            return (
                Asking(subject: named, authority: .pin(.absent)), SimulatedVault.block(pin)
            )
        case .session:
            return (Asking(subject: named, authority: .gatewaySession("session")), nil)
        case .documents(let isOwnID, let proxyUntil):
            return (
                Asking(
                    subject: named,
                    authority: .documents(papers(of: subject, isOwnID, proxyUntil))), nil
            )
        }
    }

    /// A resident's ID, or a passport where nobody knows whose it would have to be.
    private static func papers(
        of subject: ModelSubject, _ isOwnID: Bool, _ proxyUntil: Int?
    ) -> IdentityCheck {
        let proxy = proxyUntil.map { day in
            PowerOfAttorney(
                agentName: "代理人", agentIDNumber: town.idNumber(0), reference: "paper",
                validUntil: Town.date(day))
        }
        // With a power of attorney it is the agent who shows a paper.
        if proxy != nil {
            return IdentityCheck(
                document: .residentID, number: town.idNumber(isOwnID ? 0 : 1).clearText,
                clerk: "clerk", proxy: proxy)
        }
        if isOwnID {
            return IdentityCheck(document: .passport, number: "E1", clerk: "clerk", proxy: nil)
        }
        return IdentityCheck(
            document: .residentID, number: town.idNumber(nil).clearText, clerk: "clerk", proxy: nil)
    }

    static func body(of service: ModelCardService, _ header: RequestHeader) -> [UInt8] {
        let (asking, block) = asking(service.subject, service.right)
        let step: CardServiceCommand.Step
        var newBlock: [UInt8]?
        switch service.step {
        case .changePIN(let pin):
            step = .changePIN(.absent)
            newBlock = SimulatedVault.block(pin)
        case .reportLoss: step = .reportLoss
        case .withdrawLoss: step = .withdrawLoss
        case .unlockPIN: step = .unlockPIN
        case .reissue(let card, let expires, let pin):
            step = .reissue(
                CardServiceCommand.NewCard(
                    number: Town.card(card), expires: Town.date(expires), pin: .absent))
            switch pin {
            case .none: break
            case .unusable: newBlock = SimulatedVault.block(nil)
            case .set(let pin): newBlock = SimulatedVault.block(pin)
            }
        }
        return RequestEncoder.cardService(
            header, CardServiceCommand(asking: asking, step: step), pinBlock: block,
            newPINBlock: newBlock)
    }

    static func body(of step: ModelFamilyStep, _ header: RequestHeader) -> [UInt8] {
        let (asking, block) = asking(step.subject, step.right)
        let change: FamilyCommand.Step =
            step.terms.map { terms in
                FamilyCommand.Step.link(
                    FamilyTerms(
                        relationship: Town.checked(
                            Relationship(rawValue: UInt8(terms.relationship.rawValue))),
                        yearlyLimit: terms.yearly.map { Money(fen: Int64($0)) },
                        dailyLimit: terms.daily.map { Money(fen: Int64($0)) },
                        position: terms.position))
            } ?? .unlink
        return RequestEncoder.family(
            header,
            FamilyCommand(asking: asking, relative: subject(step.relative), step: change),
            pinBlock: block)
    }

    static func line(_ payment: ModelPayment) -> ContributionLine {
        let name: String?
        switch (payment.isNameRight, payment.person) {
        case (nil, _): name = nil
        case (true?, .known(let number)?): name = Town.name(number)
        default: name = "别人"
        }
        let number: IDNumber? =
            switch payment.person {
            case nil: nil
            case .nobody?: town.idNumber(nil)
            case .known(let number)?: town.idNumber(number)
            }
        let employer: ContributionLine.Employer =
            switch payment.employer {
            case .registered: .registered
            case .unreadable: .unreadable
            case .named(let number): .named(Town.institution(number))
            }
        return ContributionLine(
            name: name, idNumber: number,
            period: payment.period.flatMap { ContributionPeriod(yyyymm: UInt32($0)) },
            base: Money(fen: Int64(payment.base)),
            employerPart: Money(fen: Int64(payment.employerPart)),
            individualPart: Money(fen: Int64(payment.individualPart)), employer: employer)
    }

    static func body(of step: ModelStayStep, _ header: RequestHeader) -> [UInt8] {
        switch step {
        case .admit(let card, let pin, let on):
            RequestEncoder.admit(
                header,
                AdmitCommand(
                    card: Town.card(card), proof: .absent, admittedOn: on.map(Town.date),
                    diagnosis: nil), pinBlock: SimulatedVault.block(pin))
        case .upload(let stay, let on, let lines, let total):
            RequestEncoder.feeUpload(
                header,
                FeeUploadCommand(
                    admission: AdmissionID(Town.ledgerKey(stay)), day: on.map(Town.date),
                    total: Money(fen: Int64(total)), catalogVersion: CatalogVersion(rawValue: 1),
                    lines: lines.map(line)))
        case .cancel(let stay, let upload):
            RequestEncoder.feeCancel(
                header, AdmissionID(Town.ledgerKey(stay)), upload: upload.map { UInt16($0) })
        case .discharge(let discharge, _):
            RequestEncoder.discharge(
                header,
                DischargeCommand(
                    admission: AdmissionID(Town.ledgerKey(discharge.stay)),
                    card: Town.card(discharge.card), dischargedOn: discharge.on.map(Town.date),
                    total: Money(fen: Int64(discharge.total)), partialAllowed: discharge.partial,
                    accountLimit: discharge.accountLimit.map { Money(fen: Int64($0)) }),
                pinBlock: SimulatedVault.block(discharge.pin))
        }
    }

    static func body(of query: ModelQuery, _ header: RequestHeader) -> [UInt8] {
        let (asking, block) = asking(query.subject, query.right)
        let question: PersonQuery.Question =
            switch query.what {
            case .transactions(let from, let through, let count):
                .transactions(
                    TransactionQuestion(
                        from: from.map(Town.date), through: through.map(Town.date), limit: count))
            case .months(let from, let through):
                .months(
                    MonthQuestion(
                        from: Town.date(from).startOfMonth,
                        count: ModelCalendar.month(of: through) - ModelCalendar.month(of: from) + 1)
                )
            case .contributions(let count): .contributions(before: nil, limit: count)
            case .family(let count): .family(before: nil, limit: count)
            case .accesses(let count): .accesses(before: nil, limit: count)
            }
        return RequestEncoder.personQuery(
            header, PersonQuery(asking: asking, question: question), pinBlock: block)
    }
}
