import Ledger
import SettlementDomain
import SwiftProtobuf
import Testing

@testable import SettlementProtocol

@Suite("What the pages of Protocol/ say in numbers")
struct ProtocolPagesTests {
    /// The cells of a page's table rows that begin with `prefix`.
    private static func rows(_ page: String, _ prefix: String) throws -> [[String]] {
        try Vectors.page(page).split(separator: "\n")
            .filter { $0.hasPrefix(prefix) }
            .map { line in
                line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                    .map { $0.drop { $0 == " " } }
                    .map { String($0.reversed().drop { $0 == " " }.reversed()) }
            }
    }

    @Test("the bytes in Messages.md are those of the vectors")
    func bytes() throws {
        let table = try Vectors.page("Messages.md").split(separator: "## Bytes")[1]
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") }
            .map { $0.split(separator: "|").map { $0.filter { $0 != " " } } }
        var checked = 0
        for row in rows where row.count == 3 && row[0].contains("_") {
            let vector = try Vectors.message(String(row[0]))
            #expect(row[1] == "\(vector.body.readableBytes)", "\(row[0])")
            #expect(row[2] == "\(vector.frame.count)", "\(row[0])")
            checked += 1
        }
        #expect(checked > 20)
    }

    @Test("a settle of three lines by index stays under 100 bytes, whatever the catalog's size")
    func threeLines() throws {
        #expect(try Vectors.message("settle_request").bodyBytes < 100)
        var command = try Samples.command(
            lines: [RequestLine](repeating: try Samples.lines()[0], count: 3))
        command.serviceDate = nil
        command.accountLimit = nil
        command.quoteDigest = 0
        for position in 0..<3 { command.lines[position].item = .index(100_000) }
        let body = RequestEncoder.settle(
            try Samples.header(stan: 999_999), command,
            pinBlock: [UInt8](repeating: 9, count: 16))
        #expect(body.count < 100)
    }

    @Test("the session in README.md is, byte by byte, that of the vectors")
    func session() throws {
        let blocks = try Vectors.page("README.md").split(
            separator: "```", omittingEmptySubsequences: false)
        let names = [
            "sign_on_request", "sign_on_response", "settle_request", "settle_response",
            "sign_off_request", "sign_off_response",
        ]
        let dumps = blocks.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        try #require(dumps.count == names.count)
        for (name, dump) in zip(names, dumps) {
            var bytes: [UInt8] = []
            for line in dump.split(separator: "\n") {
                #expect(line.prefix(4).filter { $0 != " " } == "\(bytes.count)")
                bytes += try Hex.bytes(line.dropFirst(6).prefix(35).filter { $0 != " " })
            }
            #expect(bytes == (try Vectors.message(name).frame))
        }
    }

    @Test("the kinds of Frames.md are those of the daemon, with those that it serves")
    func kinds() throws {
        let rows = try Self.rows("Frames.md", "| 0x").filter { $0[0] != "0xff" }
        #expect(rows.count == RequestKind.allCases.count)
        for kind in RequestKind.allCases {
            let row = try #require(rows.first { $0[0] == FrameFault.hex(kind.rawValue) })
            #expect(row[2].hasPrefix("1") == kind.isServed)
            #expect(row[3].isEmpty == !kind.isServed)
        }
    }

    @Test("ResponseCodes.md has every code and every reason under its name of the schema")
    func codes() throws {
        let page = try Vectors.page("ResponseCodes.md")
        for code in WireResponseCode.allCases {
            let number = try #require(UInt8(exactly: code.rawValue).flatMap(ResponseCode.init))
            let name = try #require(code.name)
            let row = "\n| \(number.text) | `\(name)` |"
            #expect(page.contains(row) == true, "\(row)")
        }
        for reason in WireReason.allCases {
            let name = try #require(reason.name).dropFirst("REASON_".count)
            #expect(page.contains("\n| \(reason.rawValue) | `\(name)` |"))
        }
    }

    @Test("the digests in Reconciliation.md are those of its texts, and their sum")
    func digests() throws {
        let rows =
            try Self.rows("Reconciliation.md", "| settle, ")
            + Self.rows("Reconciliation.md", "| refund, ")
        // The bars of the text are cells of a row, but for their backslashes.
        let day = try rows.map { cells -> DayTransaction in
            let text = cells[1...6].map { $0.filter { $0 != "`" && $0 != "\\" } }
            let transaction = DayTransaction(
                key: RequestKey(
                    terminal: try #require(TerminalID(text[0])),
                    date: try Samples.date(#require(Int32(text[1]))),
                    stan: try #require(UInt32(text[2]))),
                kind: try #require(UInt8(text[3]).flatMap(RequestKind.init)),
                total: Money(fen: try #require(Int64(text[4]))),
                insured: Money(fen: try #require(Int64(text[5]))))
            let digest = TransactionDigest.of(transaction, sha256: SHA256.digest)
            #expect(cells[7] == Self.hex(digest))
            return transaction
        }
        #expect(day.count == 3)
        let sum = try #require(try Self.rows("Reconciliation.md", "| the three ").first)
        #expect(sum[2] == Self.hex(TransactionDigest.sum(day, sha256: SHA256.digest)))
        let vector = try Vectors.message("reconciliation_differences_request")
        let wire = try #require(WireReconciliationDifferences(body: vector.body))
        #expect(Self.hex(wire.ranges[0].digest) == sum[2])
    }

    /// Sixteen digits.
    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test("the limits in the pages are those of the code")
    func limits() throws {
        let frames = try Vectors.page("Frames.md")
        #expect(Frame.terminalLengthMax == 65_536)
        #expect(frames.contains("| 65,536, unless"))
        #expect(Frame.operatorLengthMax == 67_108_864)
        #expect(frames.contains("| 67,108,864 |"))
        let messages = try Vectors.page("Messages.md")
        #expect(messages.contains("at most \(CatalogPageRequest.countMax): 30, 101"))
        #expect(messages.contains("at most \(SignOnRequest.softwareBytesMax) bytes"))
        #expect(messages.contains("at most \(ResultFields.detailBytesMax) bytes"))
        #expect(RequestDecoder.linesReadMax == 1000)
        #expect(messages.contains("above 1,000: 30, 101"))
        #expect(messages.contains("from \(ResultFields.clockDifferenceMin) on"))
        #expect(ReconciliationDifferencesRequest.rangesMax == 1000)
        #expect(messages.contains("| `ranges` | 1 to 1,000: 30, 101"))
    }
}

extension WireResponseCode {
    /// The name in the schema, by way of the JSON mapping.
    fileprivate var name: String? {
        let json = try? WireResult.with { $0.code = self }.jsonString()
        return self == .approved
            ? "APPROVED" : json?.split(separator: "\"").dropFirst(3).first.map(String.init)
    }
}

extension WireReason {
    /// The name in the schema, by way of the JSON mapping.
    fileprivate var name: String? {
        let json = try? WireResult.with { $0.reason = self }.jsonString()
        return rawValue == 0
            ? "REASON_NONE" : json?.split(separator: "\"").dropFirst(3).first.map(String.init)
    }
}
