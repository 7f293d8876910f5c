import Ledger
import SettlementDomain

/// The CSV files that become registrations line by line; `Config/README.md` describes each.
public enum SiteFileForm: String, CaseIterable, Sendable {
    case institutions
    case terminals
    case persons
    case cards
    case balances
    case families
    case chronic
}

/// Reads an operator's CSV files into registrations: all of a file or nothing.
public struct SiteReader: Sendable {
    private let pinVerifier: PINVerifier?
    private let limits: CSVReader.Limits

    /// Creates a reader; without a verifier a file with PINs is refused.
    public init(pinVerifier: PINVerifier? = nil, limits: CSVReader.Limits = CSVReader.Limits()) {
        self.pinVerifier = pinVerifier
        self.limits = limits
    }

    /// All registrations of a file, in the order of its lines.
    ///
    /// - Throws: every defect of the file, up to `DefectList.keptMax` in full.
    public func registrations(
        of form: SiteFileForm, at path: String
    ) throws(SiteFileFault) -> [Registration] {
        try registrations(of: form, from: try ByteSource(path: path))
    }

    /// All registrations of bytes that are in memory, under a name for errors.
    ///
    /// - Throws: every defect of the bytes, up to `DefectList.keptMax` in full.
    public func registrations(
        of form: SiteFileForm, name: String, bytes: [UInt8]
    ) throws(SiteFileFault) -> [Registration] {
        try registrations(of: form, from: ByteSource(name: name, bytes: bytes))
    }

    /// Gives a file's registrations in batches, the last one shorter, in bounded memory.
    ///
    /// The file is read twice: `use` is called only after the whole of it was found right. Of each
    /// line only its keys are kept, to find doubles; of families.csv all.
    ///
    /// - Parameters:
    ///   - form: what the file holds.
    ///   - path: the file.
    ///   - size: how many registrations a batch has, at least 1.
    ///   - use: takes a batch; what it throws ends the reading.
    /// - Returns: how many registrations there were.
    /// - Throws: `SiteFileFault`, or what `use` throws.
    @discardableResult
    public func forEachBatch(
        of form: SiteFileForm, at path: String, size: Int, _ use: ([Registration]) throws -> Void
    ) throws -> Int {
        try forEachNumberedBatch(of: form, at: path, size: size) { batch, _ in try use(batch) }
    }

    /// As `forEachBatch`, with the lines of which each registration of the batch is made.
    ///
    /// - Parameters:
    ///   - form: what the file holds.
    ///   - path: the file.
    ///   - size: how many registrations a batch has, at least 1.
    ///   - use: takes a batch and the line on which each starts; of a family the lines of all its links.
    /// - Returns: how many registrations there were.
    /// - Throws: `SiteFileFault`, or what `use` throws.
    @discardableResult
    public func forEachNumberedBatch(
        of form: SiteFileForm, at path: String, size: Int,
        _ use: (_ batch: [Registration], _ lines: [[Int]]) throws -> Void
    ) throws -> Int {
        let source = try ByteSource(path: path)
        switch form {
        case .institutions: return try check(InstitutionsForm(), source, size, use)
        case .terminals: return try check(TerminalsForm(), source, size, use)
        case .persons: return try check(PersonsForm(), source, size, use)
        case .cards: return try check(CardsForm(verifier: pinVerifier), source, size, use)
        case .balances: return try check(BalancesForm(), source, size, use)
        case .chronic: return try check(ChronicForm(), source, size, use)
        case .families:
            let all = try families(from: source)
            for start in stride(from: 0, to: all.count, by: max(size, 1)) {
                let batch = all[start..<min(start + max(size, 1), all.count)]
                try use(batch.map(\.row), batch.map(\.lines))
            }
            return all.count
        }
    }

    private func registrations(
        of form: SiteFileForm, from source: ByteSource
    ) throws(SiteFileFault) -> [Registration] {
        switch form {
        case .institutions: try rows(InstitutionsForm(), source).map(\.row)
        case .terminals: try rows(TerminalsForm(), source).map(\.row)
        case .persons: try rows(PersonsForm(), source).map(\.row)
        case .cards: try rows(CardsForm(verifier: pinVerifier), source).map(\.row)
        case .balances: try rows(BalancesForm(), source).map(\.row)
        case .chronic: try rows(ChronicForm(), source).map(\.row)
        case .families: try families(from: source).map(\.row)
        }
    }

    /// Every row of a file with its line.
    func rows<Form: SiteForm>(
        _ form: Form, _ source: ByteSource
    ) throws(SiteFileFault) -> [(row: Form.Row, line: Int)] {
        var reader = FormReader(form, source: source, limits: limits)
        var rows: [(row: Form.Row, line: Int)] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    private func families(
        from source: ByteSource
    ) throws(SiteFileFault) -> [(row: Registration, lines: [Int])] {
        var families: [(family: FamilyRow, lines: [Int])] = []
        var index: [PersonID: Int] = [:]
        for (row, line) in try rows(FamiliesForm(), source) {
            if let known = index[row.member] {
                families[known].family.links.append(row.link)
                families[known].lines.append(line)
            } else {
                index[row.member] = families.count
                families.append((FamilyRow(member: row.member, links: [row.link]), [line]))
            }
        }
        return families.map { (.family($0.family), $0.lines) }
    }

    /// Reads the whole file to check it, then once more for its rows.
    private func check<Form: SiteForm>(
        _ form: Form, _ source: ByteSource, _ size: Int,
        _ use: ([Registration], [[Int]]) throws -> Void
    ) throws -> Int where Form.Row == Registration {
        let stamp = try source.stamp()
        var count = 0
        var checking = FormReader(form, source: source, limits: limits)
        while try checking.next() != nil { count += 1 }
        try source.rewind()
        var reader = FormReader(form, source: source, limits: limits)
        var batch: [Registration] = []
        var lines: [[Int]] = []
        for _ in 0..<count {
            let next: (row: Registration, line: Int)?
            do {
                next = try reader.next()
            } catch SiteFileFault.refused {
                throw SiteFileFault.changed(file: source.name)
            }
            guard let next else { throw SiteFileFault.changed(file: source.name) }
            batch.append(next.row)
            lines.append([next.line])
            if batch.count >= max(size, 1) {
                guard try source.stamp() == stamp else {
                    throw SiteFileFault.changed(file: source.name)
                }
                try use(batch, lines)
                batch.removeAll(keepingCapacity: true)
                lines.removeAll(keepingCapacity: true)
            }
        }
        guard try source.stamp() == stamp else { throw SiteFileFault.changed(file: source.name) }
        if !batch.isEmpty { try use(batch, lines) }
        return count
    }
}
