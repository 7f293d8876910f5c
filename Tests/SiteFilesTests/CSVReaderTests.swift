import Testing

@testable import SiteFiles

@Suite("CSV")
struct CSVReaderTests {
    /// Records as lists of fields, defects as their texts.
    private func read(
        _ bytes: [UInt8], limits: CSVReader.Limits = CSVReader.Limits()
    ) throws -> [[String]] {
        var reader = CSVReader(name: "t.csv", bytes: bytes, limits: limits)
        var steps: [[String]] = []
        while true {
            switch try reader.next() {
            case .end: return steps
            case .defect(let defect): steps.append(["!" + defect.description])
            case .record: steps.append((0..<reader.fieldCount).map { reader.field($0) })
            }
        }
    }

    private func read(_ text: String) throws -> [[String]] { try read(Array(text.utf8)) }

    @Test("fields, quotes, doubled quotes, commas and lines' ends in quotes are read")
    func wellFormed() throws {
        #expect(try read("a,b\n1,2\n") == [["a", "b"], ["1", "2"]])
        #expect(try read("a,b\r\n1,2\r\n") == [["a", "b"], ["1", "2"]])
        #expect(try read("a,b\n1,2") == [["a", "b"], ["1", "2"]])
        #expect(try read("a,\n,b\n,\n") == [["a", ""], ["", "b"], ["", ""]])
        #expect(try read("a,") == [["a", ""]])
        #expect(try read("\"x,\"\"y\"\"\nz\",b\n") == [["x,\"y\"\nz", "b"]])
        #expect(try read("\"\"\n") == [[""]])
        #expect(try read("\"\",\"\"\"\"") == [["", "\""]])
        #expect(try read("\n\na\n\r\nb\n\n") == [["a"], ["b"]])
        #expect(try read("") == [])
    }

    @Test("a byte-order mark is passed over, text beyond ASCII kept")
    func byteOrderMark() throws {
        #expect(try read([0xef, 0xbb, 0xbf] + Array("名,b\n".utf8)) == [["名", "b"]])
    }

    @Test("what is malformed is named with line and column, and the next line is read")
    func malformed() throws {
        #expect(
            try read("a\nb\"c\nd\n")
                == [["a"], ["!2:2: a quote in a field that does not begin with one"], ["d"]])
        #expect(
            try read("名,\"c\"d\ne\n")
                == [
                    ["!1:6: after a closing quote only a comma or the line's end may follow"],
                    ["e"],
                ])
        #expect(
            try read("a\rb\nc")
                == [["!1:2: a carriage return without a line feed"], ["c"]])
        #expect(
            try read("a\nx,\"b\nc\n")
                == [["a"], ["!2:3: the quote opened here is never closed"], ["c"]])
        #expect(
            try read(Array("a\n名".utf8) + [0xd5] + Array(",x\nb\n".utf8))
                == [["a"], ["!2:2: the byte 0xD5 is not UTF-8; save the file as UTF-8"], ["b"]])
        #expect(
            try read([0xff, 0xfe, 0x61, 0x00])
                == [["!1:1: the file is UTF-16; save it as UTF-8"]])
    }

    @Test("lines are counted through quoted lines' ends")
    func lineNumbers() throws {
        #expect(
            try read("\"a\nb\nc\"\nx\"\n")
                == [["a\nb\nc"], ["!4:2: a quote in a field that does not begin with one"]])
        #expect(
            try read("\"a\nb\" c\nd\n")
                == [
                    ["!2:3: after a closing quote only a comma or the line's end may follow"],
                    ["d"],
                ])
    }

    @Test("fields, records and their number are limited")
    func limits() throws {
        let limits = CSVReader.Limits(fieldBytesMax: 8, recordBytesMax: 64, fieldsMax: 3)
        let long = String(repeating: "x", count: 9)
        #expect(
            try read(Array("a,\(long)\nb\n".utf8), limits: limits)
                == [["!1:3: the field is longer than 8 bytes"], ["b"]])
        #expect(
            try read(Array("1,2,3\n1,2,3,4\nb".utf8), limits: limits)
                == [["1", "2", "3"], ["!2:7: the record has more than 3 fields"], ["b"]])
        let quoted = "\"" + String(repeating: "y", count: 80) + "\nz\"\nb\n"
        #expect(
            try read(Array(quoted.utf8), limits: limits)
                == [
                    ["!1:1: the record is longer than 64 bytes"],
                    ["!2:2: a quote in a field that does not begin with one"], ["b"],
                ])
    }

    @Test("records across the buffer's end are the same as in one piece")
    func acrossBuffers() throws {
        var text = ""
        for number in 0..<40_000 { text += "\(number),\"名\"\"\(number)\",\r\n" }
        #expect(text.utf8.count > 600_000)
        let steps = try read(text)
        #expect(steps.count == 40_000)
        for (number, step) in steps.enumerated() {
            guard step == ["\(number)", "名\"\(number)", ""] else {
                Issue.record("record \(number) is \(step)")
                return
            }
        }
    }

    @Test("what the writer writes the reader reads")
    func roundTrip() throws {
        try RepositoryFiles.withFolder { folder in
            let records = [["a", "b"], ["", "x,y"], ["\"", "l1\nl2"], ["名", "\r"]]
            var writer = try CSVWriter(path: folder + "/t.csv", columns: records[0])
            for record in records.dropFirst() { try writer.write(record) }
            try writer.finish()
            #expect(try read(RepositoryFiles.read(folder + "/t.csv")) == records)
        }
    }

    @Test("a file that cannot be opened is named with the system's reason")
    func unreadable() {
        #expect(
            throws: SiteFileFault.unreadable(
                file: "/nowhere/persons.csv", reason: "No such file or directory")
        ) { _ = try CSVReader(path: "/nowhere/persons.csv").line }
    }
}
