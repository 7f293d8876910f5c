import Foundation
import Testing

@Suite("settlectl counter claim and settlectl claims")
struct ClaimTests {
    @Test("a claim is submitted from a file, reviewed, approved in part, paid and shown")
    func wholeLife() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let daemon = try command.startDaemon()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        let terminal = [
            "--terminal", try command.tellPort(to: command.site + "/terminals/DM000007"), "--json",
        ]
        func claim(_ arguments: [String]) throws -> [String: Any] {
            let result = try command.settlectl(["counter", "claim"] + arguments + terminal)
            try #require(result.code == 0, "\(result.errors)")
            return try #require(try result.json() as? [String: Any])
        }
        let file = try command.file("claim.yaml", Self.claim)
        let papers = ["--document", "passport:E1234567", "--clerk", "C001"]
        let submitted = try claim(
            ["submit", file, "--card", try command.firstCard()] + papers)
        #expect(submitted["state"] as? String == "submitted")
        #expect(submitted["total"] as? String == "9090.00")
        let id = try #require(submitted["claim"] as? String)
        let on = ["--claim", id, "--clerk", "C002"]
        #expect(try claim(["review", "take-up"] + on)["state"] as? String == "inReview")
        let wanted = try claim(["review", "want-documents", "--paper", "referral:1"] + on)
        #expect(wanted["state"] as? String == "documentsWanted")
        #expect(
            try claim(["review", "supplement", "--paper", "referral"] + on)["state"] as? String
                == "inReview")
        let approved = try claim(["approve", "--disallow", "1.2:no prescription"] + on)
        #expect(approved["state"] as? String == "approved")
        let amount = try #require(approved["approved"] as? String)
        #expect(amount != "0.00")
        #expect(
            try claim(["pay", "--reference", "B-1", "--claim", id, "--clerk", "C003"])["state"]
                as? String == "paid")
        let shown = try claim(["show"] + on)
        let lines = try #require(shown["lines"] as? [[String: Any]])
        #expect(lines.map { $0["reason"] as? String } == ["levelB", "notAccepted"])
        #expect(lines.last?["text"] as? String == "no prescription")
        #expect((shown["history"] as? [Any])?.count == 6)
        let listed = try claim(["list", "--card", try command.firstCard()] + papers)
        #expect((listed["claims"] as? [Any])?.count == 1)
        let overdue = try command.onSite("claims", "overdue")
        #expect(overdue.output == "no claim is overdue\n")
        #expect(try command.onSite("claims", "lapse").output == "0 claims lapsed\n")
    }

    @Test("a claim file that is wrong is refused with each key, its line and column")
    func wrongFile() throws {
        let command = try Command()
        defer { command.remove() }
        let file = try command.file(
            "bad.yaml",
            """
            bills:
              - { code: X, name: Far, kind: bank, level: level3, number: "1", visitType: outpatient,
                  serviceDate: 2026-13-01, lines: "A" }
            documents: [{ kind: photo, sheets: 0 }]
            """)
        let result = try command.settlectl(
            "counter", "claim", "submit", file, "--card", "9999000000000000012", "--document",
            "passport:E1", "--clerk", "C1", "--terminal", command.folder)
        #expect(result.code != 0)
        for part in ["kind", "serviceDate", "lines", "documents[0].kind", "sheets", "payee"] {
            #expect(result.errors.contains(part), "\(result.errors)")
        }
    }

    private static let claim = """
        bills:
          - code: FAR-1
            name: Far Hospital
            kind: hospital
            level: level3
            number: INV-1
            serviceDate: \(day)
            visitType: outpatient
            lines: "#3x100x90.00 #3x1x90.00"
        documents:
          - { kind: invoice, sheets: 2 }
        payee: { holder: 测试人, bank: 示范银行, number: "6200000000004321" }
        """

    /// The demonstration site begins today.
    private static var day: String {
        let formatter = DateFormatter()
        formatter.dateFormat = "yyyy-MM-dd"
        return formatter.string(from: Date())
    }
}
