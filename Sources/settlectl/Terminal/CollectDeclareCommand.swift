import ArgumentParser
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import SiteFiles

extension CollectCommand {
    /// `settlectl collect declare`.
    struct Declare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declares a CSV file of contributions, page by page.",
            discussion: """
                The first line names the columns: name,id_number,period,base,employer_part,\
                individual_part and, where wanted, employer. Each line is accepted or refused for \
                itself; refused ones are printed with the file's line and the reason. The same file \
                under the same name may be sent again: every line gets the answer it had.

                  settlectl collect declare november.csv --name 2026-11/1 --terminal DIR
                """)

        @Argument(help: "The file.")
        var file: String

        @Option(help: "The declaration's name, 1 to 32 bytes, its own for each file.")
        var name: String

        @OptionGroup var terminal: PosCommand.TerminalOptions

        @Flag(help: "Answer in JSON.")
        var json = false

        func run() async throws {
            guard (1...DeclarationPage.nameBytesMax).contains(name.utf8.count) else {
                throw CommandFault("--name: 1 to \(DeclarationPage.nameBytesMax) bytes")
            }
            let source = try DeclarationFile(path: file)
            let pos = try terminal.open().terminal
            var accepted: Int64 = 0
            var refused: Int64 = 0
            while let step = try source.next() {
                switch step {
                case .unreadable(let line, let why):
                    refused += 1
                    print("\(file):\(line): \(why)")
                case .page(let firstLine, let lines):
                    let page = DeclarationPage(
                        declaration: name, firstLine: firstLine, lines: lines)
                    let response = try await pos.declare(page).response
                    guard case .declaration(let answer) = response.payload else {
                        throw CommandFault(
                            "\(file):\(firstLine): \(ResultText.of(response.result)); "
                                + "declare it again")
                    }
                    accepted += Int64(answer.accepted)
                    refused += Int64(answer.refusals.count)
                    for line in answer.refusals {
                        print(
                            "\(file):\(line.line): \(line.code.text) "
                                + line.reason.words
                                + (line.detail.isEmpty ? "" : " (\(line.detail))"))
                    }
                }
            }
            await pos.signOff()
            Printer(json: json).done(
                "declared \(file): \(accepted) accepted, \(refused) refused",
                [("accepted", .number(accepted)), ("refused", .number(refused))])
            if refused > 0 { throw ExitCode.failure }
        }
    }
}

/// Reads a declaration's file in pages of consecutive lines, in bounded memory.
final class DeclarationFile {
    /// What comes next in the file.
    enum Step {
        /// Lines that follow one another, under the number of the first.
        case page(firstLine: UInt32, lines: [ContributionLine])
        /// A line that is not sent, and why.
        case unreadable(line: Int, why: String)
    }

    private static let columns = [
        "name", "id_number", "period", "base", "employer_part", "individual_part", "employer",
    ]

    private var reader: CSVReader
    /// The column of each name, in the order of `columns`; nil: the file has it not.
    private var places: [Int?] = []
    private var columnCount = 0
    private var page: [ContributionLine] = []
    private var firstLine: UInt32 = 0
    private var waiting: [Step] = []
    private var isAtEnd = false

    init(path: String) throws {
        reader = try CSVReader(path: path)
        guard case .record = try reader.next() else {
            throw CommandFault("\(path): the first line must name the columns")
        }
        let header = (0..<reader.fieldCount).map { reader.field($0) }
        for name in header where !Self.columns.contains(name) {
            throw CommandFault("\(path):1: \"\(name)\" is none of \(Self.columns)")
        }
        guard Set(header).count == header.count else {
            throw CommandFault(
                "\(path):1: a column is there twice: \(header.joined(separator: ","))")
        }
        columnCount = header.count
        places = Self.columns.map { header.firstIndex(of: $0) }
        for (name, place) in zip(Self.columns.dropLast(), places) where place == nil {
            throw CommandFault("\(path):1: column \(name) is missing")
        }
    }

    /// The next page or unreadable line; nil at the end.
    func next() throws -> Step? {
        while waiting.isEmpty, !isAtEnd {
            switch try reader.next() {
            case .end:
                flush()
                isAtEnd = true
            case .defect(let defect):
                flush()
                waiting.append(.unreadable(line: defect.line, why: defect.reason))
            case .record: take()
            }
        }
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }

    private func flush() {
        guard !page.isEmpty else { return }
        waiting.append(.page(firstLine: firstLine, lines: page))
        page = []
    }

    private func take() {
        let line = reader.line
        func text(_ column: Int) -> String { places[column].map { reader.field($0) } ?? "" }
        guard reader.fieldCount == columnCount else {
            flush()
            let why = "\(reader.fieldCount) fields where the heading has \(columnCount)"
            return waiting.append(.unreadable(line: line, why: why))
        }
        var amounts: [Money] = []
        for column in 3...5 {
            guard let money = Money(yuan: text(column)) else {
                flush()
                let why = "\(Self.columns[column]): not an amount such as 1234.50"
                return waiting.append(.unreadable(line: line, why: why))
            }
            amounts.append(money)
        }
        guard let number = UInt32(exactly: line), number <= DeclarationPage.lineNumberMax else {
            flush()
            return waiting.append(
                .unreadable(line: line, why: "more than \(DeclarationPage.lineNumberMax) lines"))
        }
        if page.count == DeclarationPage.linesMax || firstLine + UInt32(page.count) != number {
            flush()
        }
        if page.isEmpty { firstLine = number }
        let employer = text(6)
        page.append(
            ContributionLine(
                name: text(0), idNumber: IDNumber(text(1)), period: ContributionPeriod(text(2)),
                base: amounts[0], employerPart: amounts[1], individualPart: amounts[2],
                employer: employer.isEmpty
                    ? .registered : InstitutionID(employer).map { .named($0) } ?? .unreadable))
    }
}
