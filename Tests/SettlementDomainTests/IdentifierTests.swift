import SettlementDomain
import Testing

@Suite("Card numbers, ID numbers and other identifiers")
struct IdentifierTests {
    @Test("every length of card number from 10 to 19 digits reads back from packed decimal")
    func packedDecimal() throws {
        for count in 10...19 {
            let leading = String("0622848000000000001".prefix(count - 1))
            let card = try #require(CardNumber.completing(leading))
            #expect(Int(card.count) == count)
            #expect(card.bcd.count == (count + 1) / 2)
            #expect(CardNumber(bcd: card.bcd) == card)
            #expect(CardNumber(card.clearText) == card)
            #expect(CardNumber(digits: card.digits, count: card.count) == card)
        }
    }

    @Test(
        "numbers with a published Luhn digit are card numbers",
        arguments: ["79927398713", "4111111111111111", "5500005555555559", "378282246310005"])
    func published(_ text: String) {
        #expect(CardNumber(text)?.clearText == text)
    }

    @Test("a wrong digit anywhere is found by the check digit")
    func luhn() throws {
        let card = try #require(CardNumber.completing("622848000000000001"))
        let digits = Array(card.clearText)
        for position in digits.indices {
            for digit in "0123456789" where digit != digits[position] {
                var changed = digits
                changed[position] = digit
                #expect(CardNumber(String(changed)) == nil)
            }
        }
    }

    @Test(
        "what is no card number is refused",
        arguments: ["", "0", "000000000", "6228480000000000012", "62284800000000000170", "6228 48"])
    func notACard(_ text: String) {
        #expect(CardNumber(text) == nil)
    }

    @Test(
        "packed decimal with stray nibbles is refused",
        arguments: [
            [], [0x00, 0x00, 0x00, 0x00, 0x0a], [0xf0, 0, 0, 0, 0], [0x0f, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [UInt8](repeating: 0, count: 100),
        ] as [[UInt8]])
    func strayNibbles(_ bytes: [UInt8]) {
        #expect(CardNumber(bcd: bytes) == nil)
    }

    @Test("a card number prints masked; cards of one value and another length differ")
    func masked() throws {
        let card = try #require(CardNumber.completing("622848000000000001"))
        #expect(card.description == "622848*********" + card.clearText.suffix(4))
        #expect("\(card)".contains("622848*"))
        let short = try #require(CardNumber("0000000000"))
        let long = try #require(CardNumber("00000000000"))
        #expect(short.description == "******0000")
        #expect(short != long)
        #expect(short < long)
    }

    @Test("an ID number has a check character, a real birth date, a sex, and prints masked")
    func idNumber() throws {
        // The example of GB 11643-1999.
        let number = try #require(IDNumber("11010519491231002X"))
        #expect(number.birthDate == Fixtures.date(1949_12_31))
        #expect(number.sex == .female)
        #expect(number.clearText == "11010519491231002X")
        #expect(number.description == "1101**********002X")
        #expect(IDNumber(digits: number.digits) == number)
        let other = try #require(IDNumber("440524188001010014"))
        #expect(other.sex == .male)
    }

    @Test(
        "what is no ID number is refused",
        arguments: [
            "", "11010519491231002x", "110105194912310021", "11010519491331002X",
            "1101051949123100 X", "11010519491231002XX", "010105194912310020",
        ])
    func notAnID(_ text: String) {
        #expect(IDNumber(text) == nil)
    }

    @Test("identifiers accept their own form only")
    func forms() {
        #expect(PersonID("110000001")?.rawValue == 110_000_001)
        #expect(PersonID("0") == nil)
        #expect(PersonID("01") == nil)
        #expect(PersonID("1000000000000000001") == nil)
        #expect(InstitutionID("H11010500001") != nil)
        #expect(InstitutionID("h11010500001") == nil)
        #expect(InstitutionID("111010500001") == nil)
        #expect(InstitutionID("H1101050000") == nil)
        #expect(TerminalID("T0000001") != nil)
        #expect(TerminalID("t0000001") == nil)
        #expect(TerminalID("T00000012") == nil)
        #expect(RegionCode("999001")?.rawValue == 999_001)
        #expect(RegionCode("099001") == nil)
        #expect(PlanID("CORP-A_1.x") != nil)
        #expect(PlanID("a b") == nil)
        #expect(PlanID("1234567890123456") == nil)
        #expect(ItemCode("XA02AXX095A001010103357") != nil)
        #expect(ItemCode("") == nil)
        #expect(ItemCode("A B") == nil)
        #expect(ItemCode(String(repeating: "A", count: 28)) == nil)
        #expect(ItemCode("代码") == nil)
        #expect(TraceCode("81234560000000000001") != nil)
        #expect(TraceCode(String(repeating: "1", count: 33)) == nil)
    }

    @Test("numbers on the wire never change")
    func stableNumbers() {
        #expect(ItemKind.allCases.map(\.rawValue) == Array(1...12))
        #expect(VisitType.allCases.map(\.rawValue) == Array(1...7))
        #expect(Role.allCases.map(\.rawValue) == Array(1...8))
        #expect(InstitutionKind.allCases.map(\.rawValue) == Array(1...7))
        #expect(InstitutionLevel.allCases.map(\.rawValue) == Array(0...3))
        #expect(ItemClass.allCases.map(\.rawValue) == Array(1...4))
        let reasons: [UInt8] =
            [1, 2, 10, 11, 12] + Array(20...26) + [30] + Array(40...45) + Array(50...57) + [60]
        #expect(SortingReason.allCases.map(\.rawValue) == reasons)
        #expect(VisitTypes.all.members == VisitType.allCases)
        #expect(VisitTypes([.inpatient]).rawValue == 1 << 5)
        #expect(ItemKind(name: "vaccineCategory2") == .vaccineCategory2)
        #expect(ItemKind(name: "vaccine") == nil)
        #expect(Role(name: "operator") == .operator)
    }
}
