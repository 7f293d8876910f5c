import Ledger
import SettlementDomain

extension DemoSite {
    /// Gives all registrations of a form in batches, the last one shorter, in bounded memory.
    ///
    /// - Parameters:
    ///   - form: which; balances and families need persons, cards need persons, terminals need
    ///     institutions registered before them.
    ///   - size: how many registrations a batch has, at least 1.
    ///   - pinVerifier: makes the cards' verification values; nil: cards get none.
    ///   - use: takes a batch; what it throws ends the reading.
    /// - Returns: how many registrations there were.
    /// - Throws: what `pinVerifier` or `use` throws.
    @discardableResult
    public func forEachBatch(
        of form: SiteFileForm, size: Int, pinVerifier: PINVerifier? = nil,
        _ use: ([Registration]) throws -> Void
    ) throws -> Int {
        var batch: [Registration] = []
        var count = 0
        func give(_ registration: Registration) throws {
            batch.append(registration)
            count += 1
            if batch.count >= max(size, 1) {
                try use(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        switch form {
        case .institutions: for row in institutions { try give(.institution(row)) }
        case .terminals: for index in 0..<terminals { try give(.terminal(terminal(at: index))) }
        case .persons: for index in 0..<persons { try give(.person(person(at: index))) }
        case .cards:
            for index in 0..<persons {
                for card in [cancelledCard(at: index), card(at: index)] {
                    guard let card else { continue }
                    let verification = try pinVerifier?(card.number, card.pin)
                    try give(.card(card.row(verification)))
                }
            }
        case .balances:
            for index in 0..<persons {
                if let row = credit(at: index) { try give(.credit(row)) }
            }
        case .families:
            for index in 0..<persons {
                if let row = family(at: index) { try give(.family(row)) }
            }
        case .chronic:
            for index in 0..<persons {
                if let row = chronic(at: index) { try give(.chronic(row)) }
            }
        }
        if !batch.isEmpty { try use(batch) }
        return count
    }

    /// Writes `institutions.csv`, `terminals.csv`, `persons.csv`, `cards.csv`, `balances.csv`,
    /// `families.csv` and `chronic.csv` into a folder that is there; `cards.csv` holds PINs and gets mode 0600.
    public func writeFiles(into folder: String) throws(SiteFileFault) {
        try writeInstitutions("\(folder)/institutions.csv")
        try writeTerminals("\(folder)/terminals.csv")
        try writePersons("\(folder)/persons.csv")
        try writeCards("\(folder)/cards.csv")
        try writeBalances("\(folder)/balances.csv")
        try writeFamilies("\(folder)/families.csv")
        try writeChronic("\(folder)/chronic.csv")
    }

    private func writeInstitutions(_ path: String) throws(SiteFileFault) {
        var file = try CSVWriter(path: path, columns: InstitutionsForm.columns.map(\.name))
        for row in institutions {
            let it = row.institution
            let visits = it.permittedVisitTypes.members.map(\.name).joined(separator: ";")
            try file.write([
                it.id.text, it.name, it.kind.name, it.level.name, it.region.description,
                it.contract.name, visits.isEmpty ? "none" : visits, it.vaccinates ? "yes" : "no",
            ])
        }
        try file.finish()
    }

    private func writeTerminals(_ path: String) throws(SiteFileFault) {
        var file = try CSVWriter(path: path, columns: TerminalsForm.columns.map(\.name))
        for index in 0..<terminals {
            let row = terminal(at: index)
            try file.write([
                row.id.text, row.institution.text, row.role.name, row.blocked ? "yes" : "no",
            ])
        }
        try file.finish()
    }

    private func writePersons(_ path: String) throws(SiteFileFault) {
        // Names of cases are found by reflection, which a million persons would feel.
        let types = CaseNames<InsuranceType>()
        let categories = CaseNames<PersonCategory>()
        let coverages = CaseNames<CoverageStatus>()
        let sexes = CaseNames<Sex>()
        var file = try CSVWriter(path: path, columns: PersonsForm.columns.map(\.name))
        for index in 0..<persons {
            let row = person(at: index)
            let it = row.person
            try file.write([
                it.id.description, row.name, row.idNumber.clearText, types[it.insuranceType],
                categories[it.category], it.region.description, sexes[it.sex],
                it.birthDate.description, coverages[it.coverage],
                it.plans.isEmpty ? "none" : it.plans.map(\.text).joined(separator: ";"),
                it.hasAccount ? "yes" : "no",
                row.frozen ? "yes" : "no", row.standing.employer?.text ?? "",
            ])
        }
        try file.finish()
    }

    private func writeCards(_ path: String) throws(SiteFileFault) {
        var file = try CSVWriter(
            path: path, columns: CardsForm.columns.map(\.name), readers: .nobody)
        for index in 0..<persons {
            for card in [cancelledCard(at: index), card(at: index)] {
                guard let card else { continue }
                try file.write([
                    card.number.clearText, card.person.description, card.expires.description,
                    CardsForm.name(of: card.state), String(decoding: card.pin, as: UTF8.self),
                ])
            }
        }
        try file.finish()
    }

    private func writeBalances(_ path: String) throws(SiteFileFault) {
        var file = try CSVWriter(path: path, columns: BalancesForm.columns.map(\.name))
        for index in 0..<persons {
            guard let row = credit(at: index) else { continue }
            try file.write([
                row.key.person.description, row.amount.description, row.collector,
                row.key.reference,
            ])
        }
        try file.finish()
    }

    private func writeChronic(_ path: String) throws(SiteFileFault) {
        var file = try CSVWriter(path: path, columns: ChronicForm.columns.map(\.name))
        for index in 0..<persons {
            guard let row = chronic(at: index) else { continue }
            try file.write([
                row.person.description, row.disease.code.text, row.disease.from.description,
                row.disease.until?.description ?? "",
            ])
        }
        try file.finish()
    }

    private func writeFamilies(_ path: String) throws(SiteFileFault) {
        var file = try CSVWriter(path: path, columns: FamiliesForm.columns.map(\.name))
        for index in 0..<persons {
            guard let row = family(at: index) else { continue }
            for link in row.links {
                try file.write([
                    row.member.description, link.owner.description, link.relationship.name,
                    link.yearlyLimit?.description ?? "", link.dailyLimit?.description ?? "",
                ])
            }
        }
        try file.finish()
    }
}

extension DemoSite.Card {
    /// The card as the ledger keeps it.
    public func row(_ verification: PINVerification?) -> CardRow {
        CardRow(
            number: number, person: person, state: state, expires: expires,
            verification: verification, triesFailed: 0)
    }
}

/// The names of an enumeration's cases, by their numbers.
private struct CaseNames<Code: NamedCode> {
    private let names: [String]

    init() {
        let last = Code.allCases.map { Int($0.rawValue) }.max() ?? 0
        var names = [String](repeating: "", count: last + 1)
        for code in Code.allCases { names[Int(code.rawValue)] = code.name }
        self.names = names
    }

    subscript(_ code: Code) -> String { names[Int(code.rawValue)] }
}
