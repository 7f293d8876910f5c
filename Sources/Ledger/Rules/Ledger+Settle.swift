import SettlementDomain

extension Ledger {
    /// Decides a settle or quote request: the same ladder, the same split; a quote debits nothing.
    func settle(
        _ command: SettleCommand, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet, debits: Bool
    ) -> Decision {
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        let bill: PricedBill
        switch price(command, of: request, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows)
        case .passed(let passed): bill = passed
        }
        return settle(
            command, bill, of: nil, request: request, at: millis, on: &rows, debits: debits)
    }

    /// Decides about a bill whose form is right; of a stay, on that stay's person alone.
    func settle(
        _ command: SettleCommand, _ bill: PricedBill, of stay: AdmissionRow?,
        request: LedgerRequest, at millis: Int64, on rows: inout WorkingSet, debits: Bool
    ) -> Decision {
        let payer: Payer
        switch guardCard(command.card, command.proof, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return answer(
                verdict, recorded: recorded, card: card, to: request, at: millis, on: &rows)
        case .passed(let passed): payer = passed
        }
        let cardChange: [RowChange] = payer.changesCard ? [.card(payer.card)] : []
        if let stay, payer.person.person.id != stay.person {
            return record(
                refusal(.originalDataDiffers, .dataDiffers, "card: of another person"), of: request,
                at: millis, on: &rows, changes: cardChange)
        }
        if let verdict = guardBill(command.billNumber, at: bill.institution.id, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows, changes: cardChange)
        }
        let settlement: DraftSettlement
        switch draft(command, bill, payer, stay, on: rows) {
        case .refused(let verdict, _, _):
            return record(verdict, of: request, at: millis, on: &rows, changes: cardChange)
        case .passed(let passed): settlement = passed
        }
        var verdict = judge(settlement, command)
        guard verdict.code.isApproval else {
            verdict.payload = .settlement(
                settlement.answer(id: nil, digest: 0, debited: false, on: rows))
            return record(verdict, of: request, at: millis, on: &rows, changes: cardChange)
        }
        guard debits else {
            verdict.payload = .settlement(
                settlement.answer(
                    id: nil, digest: digest(of: settlement), debited: false, on: rows))
            return record(verdict, of: request, at: millis, on: &rows, changes: cardChange)
        }
        verdict.payload = .settlement(
            settlement.answer(
                id: SettlementID(request.key), digest: 0, debited: true, on: rows))
        let effect = effect(
            of: settlement, card: payer.card, request: request, at: millis, on: rows)
        return record(
            verdict, of: request, at: millis, on: &rows, postings: effect.postings,
            accounts: effect.accounts, changes: cardChange + effect.changes)
    }

    /// The code of a split: stale quote, then funds.
    private func judge(_ settlement: DraftSettlement, _ command: SettleCommand) -> Verdict {
        if command.quoteDigest != 0, command.quoteDigest != digest(of: settlement) {
            return refusal(.quoteStale, .quoteDiffers)
        }
        guard settlement.split.shortfall > .zero else {
            return Verdict(code: .approved, reason: .none)
        }
        return command.partialAllowed
            ? Verdict(code: .partiallyApproved, reason: .cashDue)
            : refusal(.insufficientFunds, .insufficientFunds)
    }

    /// Names a split: the first eight bytes of the SHA-256 of its canonical bytes, never 0.
    private func digest(of settlement: DraftSettlement) -> UInt64 {
        var writer = ByteWriter(capacity: 512)
        writer.unsigned(UInt64(settlement.catalog.rawValue))
        writer.unsigned(UInt64(settlement.policy.region.rawValue))
        writer.unsigned(UInt64(settlement.policy.version.rawValue))
        JournalCoding.write(settlement.split, to: &writer)
        return max(1, writer.withUnsafeBytes(sha256).words.0)
    }
}

/// A bill whose amounts are valid and whose items have codes.
struct PricedBill {
    var lines: [BillLine]
    var serviceDate: CivilDate
    var institution: Institution
}

/// A split with what it was made from, not yet decided upon.
struct DraftSettlement {
    var bill: PricedBill
    var visitType: VisitType
    var person: PersonRow
    var catalog: CatalogVersion
    var policy: Policy
    var category: BenefitCategory?
    var used: AccumulatorRow?
    var sorted: [SortedLine]
    var split: Split
    /// The stay whose fees these are.
    var stay: AdmissionRow?
    /// The institution's number of the bill.
    var billNumber: String?

    /// The answer to the terminal.
    func answer(
        id: SettlementID?, digest: UInt64, debited: Bool, on rows: WorkingSet
    ) -> SettlementAnswer {
        let balance = rows.accounts[person.person.id]?.balance ?? .zero
        var accumulator = used
        if debited, let category {
            accumulator?.used.add(split)
            accumulator?.used.countStay(category, was: false, is: true)
        }
        return SettlementAnswer(
            id: id, catalogVersion: catalog, policyVersion: policy.version,
            policyRegion: policy.region, benefitCategory: category, split: split,
            balance: debited ? balance - split.account : balance, accumulator: accumulator,
            nameMasked: MaskedName.of(person.name),
            ownersMasked: split.owners.map { MaskedName.of(rows.persons[$0.owner]?.name ?? "") },
            quoteDigest: digest,
            stay: stay.map {
                SettlementAnswer.Stay(admission: $0.id, lines: bill.lines.count)
            })
    }
}

extension Ledger {
    /// Checks visit type, dates, amounts and indexes: all that can be wrong with the bill itself.
    private func price(
        _ command: SettleCommand, of request: LedgerRequest, on rows: WorkingSet
    ) -> Guarded<PricedBill> {
        let reference = rows.reference
        guard let terminal = reference.terminals[request.key.terminal],
            let institution = reference.institutions[terminal.institution]?.institution
        else { return refused(.institutionInvalid, .institutionUnknown) }
        guard institution.permittedVisitTypes.contains(command.visitType) else {
            return refused(
                .invalidTransaction, .visitTypeNotPermitted,
                "visit_type: \(institution.id) may not bill \(command.visitType.name)")
        }
        let day = command.serviceDate ?? request.key.date
        let age = day.days(to: reference.businessDate)
        guard age >= 0, age <= limits.serviceDaysMax else {
            return refused(
                .invalidTransaction, .serviceDateInvalid,
                "service_date \(day): the business date is \(reference.businessDate)")
        }
        guard (1...limits.linesMax).contains(command.lines.count) else {
            return refused(
                .invalidAmount, .linesOutOfRange,
                "lines: \(command.lines.count), not 1...\(limits.linesMax)")
        }
        let lines: [BillLine]
        switch priced(command.lines, command.catalogVersion, in: reference) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let passed): lines = passed
        }
        if let limit = command.accountLimit, limit < .zero {
            return refused(.invalidAmount, .fieldOutOfRange, "account_limit \(limit): below 0")
        }
        if let problem = Bill.problem(of: lines, total: command.total) {
            return refused(.invalidAmount, problem.reason, problem.detail)
        }
        return .passed(PricedBill(lines: lines, serviceDate: day, institution: institution))
    }

    /// The lines with their items by national code.
    func priced(
        _ lines: [RequestLine], _ version: CatalogVersion?, on day: CivilDate? = nil,
        in reference: Reference
    ) -> Guarded<[BillLine]> {
        var result: [BillLine] = []
        result.reserveCapacity(lines.count)
        for (position, line) in lines.enumerated() {
            guard let code = itemCode(of: line, version: version, in: reference)
            else { return unknownItem(version, at: position, in: reference) }
            result.append(
                BillLine(
                    code: code, quantity: line.quantity, unitPrice: line.unitPrice,
                    amount: line.amount, courseDays: line.courseDays,
                    traceCodes: line.traceCodes, day: day))
        }
        return .passed(result)
    }

    private func unknownItem(
        _ version: CatalogVersion?, at position: Int, in reference: Reference
    ) -> Guarded<[BillLine]> {
        guard let version,
            let catalog = reference.catalog(version: version)
        else {
            return refused(
                .invalidTransaction, .catalogVersionUnknown,
                "catalog_version: lines[\(position)] has an index into a version not known here")
        }
        return refused(
            .invalidTransaction, .catalogIndexUnknown,
            "lines[\(position)].index: version \(version) has \(catalog.entries.count) entries")
    }

    func refused<Value>(
        _ code: ResponseCode, _ reason: Reason, _ detail: String = ""
    ) -> Guarded<Value> {
        .refused(refusal(code, reason, detail), recorded: true, card: nil)
    }

    /// Sorts and splits.
    private func draft(
        _ command: SettleCommand, _ bill: PricedBill, _ payer: Payer, _ stay: AdmissionRow?,
        on rows: WorkingSet
    ) -> Guarded<DraftSettlement> {
        let rules: VisitRules
        switch self.rules(
            for: payer.person, at: bill.institution, command.visitType, command.diagnosis,
            on: bill.serviceDate, rows)
        {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let passed): rules = passed
        }
        let person = rules.visit.person
        let sorted = sort(bill.lines, by: rules, on: rows)
        let funds = AccountFunds(
            balance: rows.accounts[person.id]?.balance ?? .zero, limit: command.accountLimit)
        guard
            let split = Splitter.split(
                sorted, visit: rules.visit, policy: rules.policy,
                used: rules.used?.used ?? Accumulators(), account: funds,
                family: familyFunds(of: person.id, on: rows))
        else { return refused(.invalidAmount, .amountOverflow) }
        if let identity = split.brokenIdentity() {
            return refused(.invalidAmount, .amountOverflow, "the split breaks \(identity)")
        }
        return .passed(
            DraftSettlement(
                bill: bill, visitType: command.visitType, person: payer.person.with(person),
                catalog: rules.catalog.version, policy: rules.policy, category: rules.category,
                used: rules.used, sorted: sorted, split: split, stay: stay,
                billNumber: command.billNumber))
    }

    /// What the owners' accounts may give, in the order of the links.
    private func familyFunds(of member: PersonID, on rows: WorkingSet) -> [FamilyFund] {
        guard let family = rows.families[member] else { return [] }
        let today = rows.reference.businessDate
        return family.links.compactMap { link in
            guard let account = rows.accounts[link.owner], rows.persons[link.owner]?.frozen != true
            else { return nil }
            return FamilyFund(
                owner: link.owner, available: link.available(of: account.balance, on: today))
        }
    }
}

extension InvalidAmount {
    /// The reason that the response carries.
    var reason: Reason {
        switch self {
        case .line: .lineAmountInvalid
        case .totalDiffers: .totalDiffers
        case .totalOutOfRange: .amountOverflow
        }
    }

    /// What and where.
    var detail: String {
        switch self {
        case .line(let index, .quantityOutOfRange):
            "lines[\(index)].quantity: outside 1...\(Quantity.limit.thousandths) thousandths"
        case .line(let index, .unitPriceOutOfRange): "lines[\(index)].unit_price: below 0"
        case .line(let index, .amountOutOfRange):
            "lines[\(index)].amount: outside 1...\(Money.limit.fen) fen"
        case .line(let index, .amountDiffers(let expected)):
            "lines[\(index)].amount: quantity x unit_price is \(expected.fen) fen"
        case .line(let index, .overflow): "lines[\(index)]: quantity x unit_price overflows"
        case .totalDiffers(let sum): "total: the lines sum to \(sum.fen) fen"
        case .totalOutOfRange: "total: above \(Money.limit.fen) fen"
        }
    }
}
