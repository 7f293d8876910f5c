import SettlementDomain
import Testing

@testable import Ledger
@testable import SiteFiles

@Suite("CSV forms")
struct FormTests {
    private static let reader = SiteReader { card, pin in
        PINVerification(keyID: 7, high: card.digits, low: UInt64(pin.count))
    }

    private func read(_ form: SiteFileForm, _ text: String) throws -> [Registration] {
        try Self.reader.registrations(of: form, name: "t.csv", bytes: Array(text.utf8))
    }

    private func refusal(_ form: SiteFileForm, _ text: String) -> String {
        do {
            return "accepted: \(try read(form, text).count)"
        } catch {
            return "\(error)"
        }
    }

    @Test("institutions are read, columns in any order, left-out ones by default")
    func institutions() throws {
        let rows = try read(
            .institutions,
            """
            name,institution,kind,level,region,visit_types
            "药房, 城东",P99010000001,pharmacy,unrated,990100,pharmacyPurchase
            示例医院,H99010000001,hospital,level3,990100,outpatient;inpatient
            示例门诊,H99010000002,vaccinationClinic,unrated,990100,
            示例中心,A99010000001,agency,unrated,990100,none
            """)
        let found = rows.compactMap { row -> Institution? in
            if case .institution(let row) = row.whole { row.institution } else { nil }
        }
        #expect(found.map(\.name) == ["药房, 城东", "示例医院", "示例门诊", "示例中心"])
        #expect(found.map(\.kind) == [.pharmacy, .hospital, .vaccinationClinic, .agency])
        #expect(found.map(\.level) == [.unrated, .level3, .unrated, .unrated])
        #expect(found[1].permittedVisitTypes == VisitTypes([.outpatient, .inpatient]))
        #expect(found[2].permittedVisitTypes == .all)
        #expect(found[3].permittedVisitTypes == [])
        #expect(found.map(\.vaccinates) == [false, false, true, false])
        #expect(found.allSatisfy { $0.contract == .active && $0.region.rawValue == 990_100 })
    }

    @Test("every wrong field of an institution is named with its place")
    func wrongInstitutions() {
        let header = "institution,name,kind,level,region,contract,visit_types,vaccinates\n"
        #expect(
            refusal(
                .institutions,
                header + "p99010000001, 药房,shop,level4,99010,open,outpatient;x,maybe\n")
                    == """
                    t.csv:2:1: institution: "p99010000001" is not a capital letter and eleven \
                    capitals or digits
                    t.csv:2:14: name: " 药房" is not a name of at most 200 bytes without spaces at its \
                    ends
                    t.csv:2:18: kind: "shop" is not one of pharmacy, clinic, hospital, \
                    vaccinationClinic, agency, bank, employer
                    t.csv:2:23: level: "level4" is not one of unrated, level1, level2, level3
                    t.csv:2:30: region: "99010" is not a region's six digits
                    t.csv:2:36: contract: "open" is not one of active, suspended, terminated
                    t.csv:2:41: visit_types: "outpatient;x" is not none, or visit types with ; \
                    between them: pharmacyPurchase, outpatient, emergency, chronicOutpatient, \
                    inpatient, vaccination, checkup
                    t.csv:2:54: vaccinates: "maybe" is not yes or no
                    """)
        #expect(
            refusal(
                .institutions,
                header + "H99010000001,医院,hospital,unrated,990100,,,\n"
                    + "P99010000001,药房,pharmacy,unrated,990100,,,yes\n"
                    + "P99010000001,药房,pharmacy,unrated,990100,,,\n")
                    == """
                    t.csv:2:26: level: "unrated" is not a hospital's level; write level1, level2 or \
                    level3
                    t.csv:3:43: vaccinates: a pharmacy does not vaccinate
                    t.csv:4:1: institution: "P99010000001" is also on line 3
                    """)
    }

    @Test("terminals are read; the operator's role cannot be given")
    func terminals() throws {
        let rows = try read(
            .terminals,
            "terminal,institution,role,blocked\nDM000001,P99010000001,pharmacy,\n"
                + "DM000002,P99010000001,counter,yes\n")
        let found = rows.compactMap { row -> TerminalRow? in
            if case .terminal(let row) = row.whole { row } else { nil }
        }
        #expect(found.map(\.id.text) == ["DM000001", "DM000002"])
        #expect(found.map(\.role) == [.pharmacy, .counter])
        #expect(found.map(\.blocked) == [false, true])
        #expect(
            refusal(.terminals, "terminal,institution,role\nDM1,P99010000001,operator\n")
                == """
                t.csv:2:1: terminal: "DM1" is not eight characters of A-Z and 0-9
                t.csv:2:18: role: "operator" is not one of pharmacy, hospital, vaccination, \
                counter, gateway, collector, employer
                """)
    }

    @Test("persons are read; sex and birth date come from the ID number where they are left out")
    func persons() throws {
        let rows = try read(
            .persons,
            """
            person,name,id_number,insurance_type,category,region,plans,coverage,has_account
            7,王小明,990101199407140016,employee,active,990100,CORP-A;CITY-PLUS,,
            8,李芳,990102197902110014,resident,adultResident,990100,,suspended,
            9,张强,99010519800101001X,resident,adultResident,990100,,,yes
            """)
        let found = rows.compactMap { row -> PersonRow? in
            if case .person(let row) = row.whole { row } else { nil }
        }
        #expect(found.count == 3)
        #expect(found.map(\.person.birthDate.yyyymmdd) == [1994_07_14, 1979_02_11, 1980_01_01])
        #expect(found.map(\.person.sex) == [.male, .male, .male])
        #expect(found[0].person.plans.map(\.text) == ["CORP-A", "CITY-PLUS"])
        #expect(found.map(\.person.hasAccount) == [true, false, true])
        #expect(found.map(\.person.coverage) == [.active, .suspended, .active])
        #expect(found.allSatisfy { !$0.frozen })
    }

    @Test("errors about persons name the place but never the name or the ID number")
    func wrongPersons() {
        let header = "person,name,id_number,insurance_type,category,region,sex,birth_date\n"
        #expect(
            refusal(
                .persons,
                header + "0, 王,990101199407140017,employee,active,990100,,\n"
                    + "7,王小明,990101199407140016,employee,minor,990100,female,1994-07-15\n"
                    + "8,王小明,990101199407140016,workInjury,active,990100,,1994-02-30\n"
                    + "7,李芳,990102197902110014,employee,active,990100,,\n")
                    == """
                    t.csv:2:1: person: "0" is not a whole number of 1...10^18
                    t.csv:2:3: name: the text is not a name of at most 90 bytes without spaces at \
                    its ends
                    t.csv:2:6: id_number: the text is not an ID number of 18 characters with its \
                    check character
                    t.csv:3:48: sex: the ID number says male
                    t.csv:3:55: birth_date: the ID number says another birth date
                    t.csv:3:35: category: minor is no category of employees
                    t.csv:4:26: insurance_type: "workInjury" is not one of employee, resident
                    t.csv:4:52: birth_date: the text is not a day as 2026-11-23
                    t.csv:4:7: id_number: the text is also on line 3
                    t.csv:5:1: person: "7" is also on line 3
                    """)
    }

    @Test("cards are read; a PIN goes through the verifier")
    func cards() throws {
        let rows = try read(
            .cards,
            "card,person,expires,state,pin\n9999010200000000016,7,2030-12-31,,123456\n"
                + "9999010200000000024,7,2030-12-31,lost,\n")
        let found = rows.compactMap { row -> CardRow? in
            if case .card(let row) = row.whole { row } else { nil }
        }
        #expect(found.map(\.state) == [.active, .lost])
        #expect(
            found[0].verification
                == PINVerification(keyID: 7, high: 9_999_010_200_000_000_016, low: 6))
        #expect(found[1].verification == nil)
        #expect(found.allSatisfy { $0.triesFailed == 0 && $0.person.rawValue == 7 })
    }

    @Test("errors about cards never repeat a card number or a PIN")
    func wrongCards() {
        let header = "card,person,expires,state,pin\n"
        #expect(
            refusal(
                .cards,
                header + "9999010200000000017,x,2030-2-1,eaten,12a4\n"
                    + "9999010200000000016,7,2030-12-31,,123\n"
                    + "9999010200000000016,7,2030-12-31,,\n")
                    == """
                    t.csv:2:1: card: the text is not a card number of 10 to 19 digits with its \
                    check digit
                    t.csv:2:21: person: "x" is not a whole number of 1...10^18
                    t.csv:2:23: expires: "2030-2-1" is not a day as 2026-11-23
                    t.csv:2:32: state: "eaten" is not one of active, lost, cancelled
                    t.csv:2:38: pin: the text is not a PIN of 4 to 12 digits
                    t.csv:3:35: pin: the text is not a PIN of 4 to 12 digits
                    t.csv:4:1: card: the text is also on line 3
                    """)
        let text = "card,person,expires,pin\n9999010200000000016,7,2030-12-31,1234"
        #expect(throws: SiteFileFault.self) {
            try SiteReader().registrations(of: .cards, name: "t.csv", bytes: Array(text.utf8))
        }
    }

    @Test("balances are read as credits; a reference counts once a person")
    func balances() throws {
        let header = "person,amount,collector,reference\n"
        let rows = try read(
            .balances, header + "7,12.3,tax-1,2026/01\n8,0.01,tax-1,2026/01\n")
        let found = rows.compactMap { row -> CreditRow? in
            if case .credit(let row) = row.whole { row } else { nil }
        }
        #expect(found.map(\.amount.fen) == [1230, 1])
        #expect(found.map(\.key.person.rawValue) == [7, 8])
        #expect(found.allSatisfy { $0.key.reference == "2026/01" && $0.collector == "tax-1" })
        #expect(
            refusal(
                .balances,
                header + "7,0.00,tax,a\n7,1.234,ta x,a\n7,1,tax,\n7,1,tax,b\n7,2,tax,b\n")
                    == """
                    t.csv:2:3: amount: "0.00" is not an amount in yuan, 0.01...10000000000000.00
                    t.csv:3:3: amount: "1.234" is not an amount in yuan, 0.01...10000000000000.00
                    t.csv:3:9: collector: "ta x" is not 1 to 32 of A-Z, a-z, 0-9, - _ . /
                    t.csv:4:9: reference: is empty; write 1 to 64 of A-Z, a-z, 0-9, - _ . /
                    t.csv:6:9: reference: "b" is also on line 5
                    """)
    }

    @Test("family links of one member are one registration, in the order of lines")
    func families() throws {
        let rows = try read(
            .families,
            "member,owner,relationship,yearly_limit\n9,1,child,\n8,1,spouse,2000\n9,2,child,0\n")
        let found = rows.compactMap { row -> FamilyRow? in
            if case .family(let row) = row.whole { row } else { nil }
        }
        #expect(found.map(\.member.rawValue) == [9, 8])
        #expect(found[0].links.map(\.owner.rawValue) == [1, 2])
        #expect(found[0].links.map(\.yearlyLimit) == [nil, .zero])
        #expect(found[1].links.map(\.yearlyLimit) == [Money(fen: 200_000)])
        let tooMany = (10...18).map { "9,\($0),child\n" }.joined()
        #expect(
            refusal(.families, "member,owner,relationship\n7,7,aunt\n7,7,child\n" + tooMany)
                == """
                t.csv:2:5: relationship: "aunt" is not one of spouse, parent, child, \
                grandparent, grandchild, sibling
                t.csv:3:3: owner: a person cannot be their own relative
                t.csv:12:1: member: has more than 8 owners
                """)
        #expect(
            refusal(.families, "member,owner,relationship\n7,8,child\n7,8,spouse\n")
                == "t.csv:3:3: owner: \"8\" is also on line 2")
    }

    @Test("a wrong header is named column by column")
    func headers() {
        #expect(
            refusal(.terminals, "")
                == "t.csv:1: is empty; the columns are terminal, institution, role and, where "
                + "wanted, blocked")
        #expect(
            refusal(.terminals, "terminal,Role,terminal,institution\nx\n")
                == """
                t.csv:1:10: "Role" is no column of this form; the columns are terminal, \
                institution, role and, where wanted, blocked
                t.csv:1:15: the column terminal occurs twice
                t.csv:1: the column role is missing
                """)
        #expect(
            refusal(.terminals, "terminal,institution,role\nDM000001,P99010000001\n")
                == "t.csv:2: has 2 fields, the header 3")
        #expect(
            refusal(.terminals, "terminal,institution,\"role\n")
                == "t.csv:1:22: the quote opened here is never closed")
    }

    @Test("of 100,000 lines the last is wrong: it is named and nothing is given")
    func lastOfMany() throws {
        var text = "person,amount,collector,reference\n"
        for number in 1..<100_000 { text += "\(number),1.00,c,r\(number)\n" }
        text += "100000,1.0x,c,r\n"
        #expect(
            refusal(.balances, text)
                == "t.csv:100001:8: amount: \"1.0x\" is not an amount in yuan, "
                + "0.01...10000000000000.00")
        try RepositoryFiles.withFolder { folder in
            let path = folder + "/balances.csv"
            try RepositoryFiles.write(Array(text.utf8), to: path)
            var batches = 0
            #expect(throws: SiteFileFault.self) {
                try Self.reader.forEachBatch(of: .balances, at: path, size: 100) { _ in
                    batches += 1
                }
            }
            #expect(batches == 0)
        }
    }

    @Test("of many wrong lines the first thousand are kept and all are counted")
    func manyWrong() throws {
        let text = "terminal,institution,role\n" + String(repeating: "x\n", count: 1500)
        do {
            _ = try read(.terminals, text)
            Issue.record("accepted")
        } catch let SiteFileFault.refused(defects) {
            #expect(defects.kept.count == 1000)
            #expect(defects.total == 1500)
            #expect(defects.description.hasSuffix("t.csv: 500 more; 1500 in all"))
        }
    }

    @Test("batches hold every row once, in the order of lines")
    func batches() throws {
        try RepositoryFiles.withFolder { folder in
            let path = folder + "/terminals.csv"
            var text = "terminal,institution,role\n"
            for number in 10_000..<10_025 { text += "DMX\(number),P99010000001,pharmacy\n" }
            try RepositoryFiles.write(Array(text.utf8), to: path)
            var sizes: [Int] = []
            var all: [Registration] = []
            let count = try Self.reader.forEachBatch(of: .terminals, at: path, size: 10) {
                sizes.append($0.count)
                all += $0
            }
            #expect(count == 25)
            #expect(sizes == [10, 10, 5])
            #expect(all == (try Self.reader.registrations(of: .terminals, at: path)))
        }
    }

    @Test("numbered batches say of which lines each registration is made")
    func numbered() throws {
        try RepositoryFiles.withFolder { folder in
            let path = folder + "/families.csv"
            let text = "member,owner,relationship\n9,1,child\n\n8,1,spouse\n9,2,child\n"
            try RepositoryFiles.write(Array(text.utf8), to: path)
            var all: [[Int]] = []
            try Self.reader.forEachNumberedBatch(of: .families, at: path, size: 1) { batch, lines in
                #expect(batch.count == lines.count)
                all += lines
            }
            #expect(all == [[2, 5], [4]])
            let terminals = folder + "/terminals.csv"
            try RepositoryFiles.write(
                Array(
                    "terminal,institution,role\n\nDM000001,P99010000001,pharmacy\n".utf8),
                to: terminals)
            try Self.reader.forEachNumberedBatch(of: .terminals, at: terminals, size: 9) {
                #expect($1 == [[3]] && $0.count == 1)
            }
        }
    }

    @Test("a file changed between its check and its reading ends the import")
    func changed() throws {
        try RepositoryFiles.withFolder { folder in
            let path = folder + "/terminals.csv"
            var text = "terminal,institution,role\n"
            for number in 10_000..<10_010 { text += "DMX\(number),P99010000001,pharmacy\n" }
            try RepositoryFiles.write(Array(text.utf8), to: path)
            #expect(throws: SiteFileFault.changed(file: path)) {
                try Self.reader.forEachBatch(of: .terminals, at: path, size: 5) { _ in
                    try RepositoryFiles.write(Array((text + "DMX99999,x,y\n").utf8), to: path)
                }
            }
        }
    }
}

extension Registration {
    /// With the defaults of what is not written.
    fileprivate var whole: Registration {
        if case .partial(let row, _) = self { row.whole } else { self }
    }
}
