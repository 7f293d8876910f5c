/// What a CSV file of one kind says, line by line.
protocol SiteForm {
    /// What one line becomes.
    associatedtype Row

    /// The columns, each at its own index.
    static var columns: [Column] { get }

    /// The row of a line; nil where something was noted as wrong.
    mutating func row(of line: inout FormLine) -> Row?
}

/// Reads the lines of one form from one file.
struct FormReader<Form: SiteForm>: ~Copyable {
    private var reader: CSVReader
    private var form: Form
    private var line = FormLine(columns: Form.columns.count)
    /// Which field each column is, -1 where the file has not the column; nil before the header.
    private var positions: [Int]?
    private var fieldCount = 0
    private var defects: DefectList

    init(_ form: Form, source: ByteSource, limits: CSVReader.Limits) {
        self.form = form
        reader = CSVReader(source: source, limits: limits)
        defects = DefectList(file: source.name)
    }

    /// The next right line's row and number; nil at the end of a file in which all are right.
    ///
    /// Once something was found wrong, it reads to the end and throws everything that is.
    mutating func next() throws(SiteFileFault) -> (row: Form.Row, line: Int)? {
        if positions == nil { positions = try header() }
        guard let positions else { throw .refused(defects) }
        while true {
            switch try reader.next() {
            case .end:
                guard defects.isEmpty else { throw .refused(defects) }
                return nil
            case .defect(let defect):
                defects.add(defect)
            case .record:
                guard reader.fieldCount == fieldCount else {
                    defects.add(
                        Defect(
                            line: reader.line,
                            reason: "has \(reader.fieldCount) fields, the header \(fieldCount)"))
                    continue
                }
                line.load(reader, positions: positions)
                let row = form.row(of: &line)
                if line.wrong.isEmpty, let row {
                    if defects.isEmpty { return (row, line.number) }
                } else {
                    note(positions)
                }
            }
        }
    }

    private mutating func note(_ positions: [Int]) {
        for (column, reason) in line.wrong {
            guard let column else {
                defects.add(Defect(line: reader.line, reason: reason))
                continue
            }
            let position = positions[column.index]
            let place = position >= 0 ? reader.place(ofField: position) : (reader.line, 0)
            defects.add(
                Defect(line: place.0, column: place.1, field: column.name, reason: reason))
        }
    }

    /// Reads the header line; nil where it is wrong.
    private mutating func header() throws(SiteFileFault) -> [Int]? {
        switch try reader.next() {
        case .end:
            defects.add(Defect(line: 1, reason: "is empty; " + Self.expected))
            return nil
        case .defect(let defect):
            defects.add(defect)
            return nil
        case .record: break
        }
        var positions = [Int](repeating: -1, count: Form.columns.count)
        for position in 0..<reader.fieldCount {
            let name = reader.field(position)
            let place = reader.place(ofField: position)
            func note(_ reason: String) -> Defect {
                Defect(line: place.line, column: place.column, reason: reason)
            }
            guard let column = Form.columns.first(where: { $0.name == name }) else {
                defects.add(
                    note("\(FormLine.quoted(name)) is no column of this form; " + Self.expected))
                continue
            }
            guard positions[column.index] < 0 else {
                defects.add(note("the column \(name) occurs twice"))
                continue
            }
            positions[column.index] = position
        }
        for column in Form.columns where column.isRequired && positions[column.index] < 0 {
            defects.add(Defect(line: reader.line, reason: "the column \(column.name) is missing"))
        }
        guard defects.isEmpty else { return nil }
        fieldCount = reader.fieldCount
        return positions
    }

    /// `the columns are a, b and, where known, c`.
    private static var expected: String {
        let required = Form.columns.filter(\.isRequired).map(\.name)
        let others = Form.columns.filter { !$0.isRequired }.map(\.name)
        return "the columns are " + required.joined(separator: ", ")
            + (others.isEmpty ? "" : " and, where wanted, " + others.joined(separator: ", "))
    }
}
