import SettlementDomain

extension Ledger {
    /// Adds the rows that a request may read.
    public func keys(
        of request: LedgerRequest, reference: Reference, into keys: inout LoadKeys
    ) {
        if request.command.isRecorded { keys.answers.append(request.key) }
        switch request.command {
        case .settle(let command), .quote(let command):
            guard let card = command.card else { return }
            let day = command.serviceDate ?? request.key.date
            keys.cards.append(
                LoadKeys.Card(
                    number: card, year: UInt16(clamping: day.year), family: true,
                    visit: LoadKeys.Card.Visit(type: command.visitType, day: day)))
            add(command.billNumber, of: request, reference, to: &keys)
            let catalog = reference.catalog(on: day)
            for line in command.lines {
                keys.traceCodes.append(contentsOf: line.traceCodes)
                guard
                    let code = itemCode(of: line, version: command.catalogVersion, in: reference),
                    catalog?.needsHistory(code, on: day) == true
                else { continue }
                keys.usages.append(LoadKeys.Usage(card: card, code: code))
            }
        case .inquire(let inquiry):
            guard let card = inquiry.card else { return }
            let year = UInt16(clamping: reference.businessDate.year)
            keys.cards.append(LoadKeys.Card(number: card, year: year, family: false))
        case .card(let command): add(command, to: &keys)
        case .family(let command): add(command, to: &keys)
        case .query(let query): add(query.asking, to: &keys)
        case .contribute(let command):
            add(command, of: request.key.terminal, reference: reference, to: &keys)
        case .inpatient(let command): add(command, request, reference, to: &keys)
        case .claim(let command): add(command, reference, to: &keys)
        case .void(let command): keys.undone.append(command.settlement)
        case .refund(let command): keys.undone.append(command.settlement)
        case .reverse(let command): keys.originals.append(command.original)
        case .status(let original): keys.originals.append(original)
        case .copyReceipt(let id):
            keys.answers.append(id.key)
            keys.settlements.append(id)
        case .closeDay: break
        case .register(let registrations, _):
            keys.changesPolicies = true
            for registration in registrations { add(registration, to: &keys) }
        }
    }

    /// The national code of a line's item; nil where its index is not in the version named.
    func itemCode(
        of line: RequestLine, version: CatalogVersion?, in reference: Reference
    ) -> ItemCode? {
        switch line.item {
        case .code(let code): return code
        case .index(let index):
            guard let version, let catalog = reference.catalog(version: version),
                Int(index) < catalog.entries.count
            else { return nil }
            return catalog.entries[Int(index)].code
        }
    }

    /// Adds the bill that a settlement names by its number.
    private func add(
        _ number: String?, of request: LedgerRequest, _ reference: Reference,
        to keys: inout LoadKeys
    ) {
        guard let number,
            let institution = reference.terminals[request.key.terminal]?.institution
        else { return }
        keys.bills.append(BillKey(code: institution.text, number: number))
    }

    private func add(
        _ command: InpatientCommand, _ request: LedgerRequest, _ reference: Reference,
        to keys: inout LoadKeys
    ) {
        switch command {
        case .admit(let command):
            guard let card = command.card else { return }
            keys.cards.append(
                LoadKeys.Card(number: card, year: nil, family: false, stays: true))
        case .upload(let command):
            let day = command.day ?? request.key.date
            let codes = command.lines
                .compactMap { itemCode(of: $0, version: command.catalogVersion, in: reference) }
                .filter { reference.needsHistory($0, on: day) }
            keys.traceCodes.append(contentsOf: command.lines.flatMap(\.traceCodes))
            keys.stays.append(
                LoadKeys.Stay(admission: command.admission, depth: .row, codes: codes))
        case .cancel(let id, let upload):
            keys.stays.append(
                LoadKeys.Stay(admission: id, depth: upload.map { .upload($0) } ?? .row))
        case .discharge(let command, _):
            add(command.billNumber, of: request, reference, to: &keys)
            keys.stays.append(LoadKeys.Stay(admission: command.admission, depth: .fees))
            guard let card = command.card else { return }
            let day = command.dischargedOn ?? request.key.date
            keys.cards.append(
                LoadKeys.Card(
                    number: card, year: UInt16(clamping: day.year), family: true,
                    visit: LoadKeys.Card.Visit(type: .inpatient, day: day), stays: true))
        case .details(let id, _, _):
            keys.stays.append(LoadKeys.Stay(admission: id, depth: .details))
        }
    }

    private func add(_ registration: Registration, to keys: inout LoadKeys) {
        switch registration {
        case .person(let row): keys.persons.append(row.person.id)
        case .card(let row):
            keys.persons.append(row.person)
            keys.cards.append(LoadKeys.Card(number: row.number, year: nil, family: false))
        case .credit(let row):
            keys.persons.append(row.key.person)
            keys.credits.append(row.key)
        case .family(let row):
            keys.persons.append(row.member)
            keys.persons.append(contentsOf: row.links.map(\.owner))
        case .clearing(let row): keys.clearings.append(row.key)
        case .periodic(let row):
            keys.persons.append(row.person)
            if let key = row.creditKey { keys.credits.append(key) }
            if case .interest = row.run { keys.yearBalances.append(row) }
        case .chronic(let row): keys.persons.append(row.person)
        case .lapse(let id):
            keys.subjects.append(LoadKeys.Holder(subject: .claim(id)))
            keys.claims.append(LoadKeys.Claim(subject: .claim(id), decides: false))
        case .partial(let row, _): add(row.whole, to: &keys)
        case .institution, .terminal, .catalog, .policy: break
        }
    }
}
