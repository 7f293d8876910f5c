import Foundation
import Testing

@Suite("settlectl imports all of a file or nothing, and names what is wrong")
struct ImportTests {
    @Test("a bad line is named with line and column, and nothing of the file is imported")
    func badLine() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.settlectl("init", command.site, "--port", "0")
        let file = try command.file(
            "institutions.csv",
            """
            institution,name,kind,level,region
            P99010000001,Spring Pharmacy,pharmacy,unrated,990100
            H99010000001,North Hospital,castle,level3,990100

            """)
        let result = try command.onSite("import", "institutions", file)
        #expect(result.code != 0)
        #expect(result.errors.contains("institutions.csv:3:"))
        #expect(result.errors.contains("castle"))
        let listed = try command.onSite("list", "institutions", "--json").json() as? [Any]
        #expect(listed?.isEmpty == true)
    }

    @Test("what the ledger refuses is named by its line, and nothing of the file is imported")
    func refusedByTheLedger() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let file = try command.file(
            "balances.csv",
            """
            person,amount,collector,reference
            10000001,12.50,window,one
            99999999,12.50,window,two

            """)
        let result = try command.onSite("import", "balances", file)
        #expect(result.code != 0)
        #expect(result.errors.contains("balances.csv:3: "))
        #expect(result.errors.contains("is not registered"))
        let history = try command.onSite("history", "account", "10000001", "--json").json()
        #expect((history as? [Any])?.count == 1)
    }

    @Test("a file imported again keeps what happened since to what its columns leave unwritten")
    func keeps() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        func imported(_ form: String, _ text: String) throws -> String {
            let file = try command.file("\(form).csv", text)
            return try command.onSite("import", form, file).output
        }
        let terminal = "terminal,institution,role\nZZ000001,P99010000001,pharmacy\n"
        #expect(try imported("terminals", terminal).contains("1 added, 0 changed, 0 unchanged"))
        _ = try command.onSite("terminal", "block", "ZZ000001")
        #expect(try imported("terminals", terminal).contains("0 added, 0 changed, 1 unchanged"))
        let unblocked =
            "terminal,institution,role,blocked\nZZ000001,P99010000001,pharmacy,no\n"
        #expect(try imported("terminals", unblocked).contains("0 added, 1 changed, 0 unchanged"))

        func card(_ state: String) -> String {
            "card,person,expires\(state.isEmpty ? "" : ",state")\n"
                + "9999010999990000007,10000001,2034-12-28\(state.isEmpty ? "" : "," + state)\n"
        }
        #expect(try imported("cards", card("")).contains("1 added"))
        #expect(try imported("cards", card("lost")).contains("1 changed"))
        #expect(try imported("cards", card("")).contains("1 unchanged"))
        #expect(try imported("cards", card("active")).contains("1 changed"))
    }

    @Test("a family link that the counter would refuse is not imported either")
    func families() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let file = try command.file(
            "families.csv", "member,owner,relationship\n10000003,10000002,sibling\n")
        let result = try command.onSite("import", "families", file)
        #expect(result.code != 0)
        #expect(result.errors.contains("families.csv:2: "))
        #expect(result.errors.contains("does not link a sibling"))
    }

    @Test("the same file imported again changes nothing, a credit is never made twice")
    func twice() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let file = try command.file(
            "balances.csv",
            "person,amount,collector,reference\n10000001,12.50,window,one\n")
        let first = try command.onSite("import", "balances", file, "--json").json()
        #expect((first as? [String: Any])?["added"] as? Int == 1)
        let second = try command.onSite("import", "balances", file, "--json").json()
        #expect((second as? [String: Any])?["unchanged"] as? Int == 1)
        let history = try command.onSite("history", "account", "10000001", "--json").json()
        #expect((history as? [Any])?.count == 2)
    }

    @Test("a dry run only says what would happen")
    func dryRun() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let file = try command.file(
            "balances.csv",
            "person,amount,collector,reference\n10000001,12.50,window,one\n")
        #expect(try command.onSite("import", "balances", file, "--dry-run").code == 0)
        let history = try command.onSite("history", "account", "10000001", "--json").json()
        #expect((history as? [Any])?.count == 1)
    }

    @Test("a catalog version is imported once; the same version with other content is refused")
    func catalog() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let sample = Command.root + "/Config/catalog/sample-catalog.csv"
        let again = try command.onSite(
            "import", "catalog", sample, "--catalog-version", "2", "--effective-from",
            "2099-01-01")
        #expect(again.code == 0, "\(again.errors)")
        let older = try command.onSite(
            "import", "catalog", sample, "--catalog-version", "1", "--effective-from",
            "2099-01-01")
        #expect(older.code != 0 && older.errors.contains("stands already"))
    }

    @Test("policy check passes the sample policies and names the path of what is wrong")
    func policy() throws {
        let command = try Command()
        defer { command.remove() }
        let sample = Command.root + "/Config/policies/demo-region.yaml"
        #expect(try command.settlectl("policy", "check", sample).code == 0)
        var text = try String(contentsOfFile: sample, encoding: .utf8)
        text = text.replacing("version:", with: "versoin:")
        let file = try command.file("wrong.yaml", text)
        let result = try command.settlectl("policy", "check", file)
        #expect(result.code != 0 && result.errors.contains("versoin"))
    }
}
