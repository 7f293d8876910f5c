import Foundation
import Testing

@Suite("What settlectl prints")
struct SecrecyTests {
    /// Digits that nothing else prints by chance.
    private let pin = "739164208517"
    private let idNumber = "990101199407140016"
    private let card = Self.luhn("999901020000777777")

    @Test("settlectl shows no PIN, no whole card number and no whole ID number, whatever is asked")
    func masks() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo(persons: 3)
        let persons = try command.file(
            "persons.csv",
            """
            person,name,id_number,insurance_type,category,region
            20000001,虚构乙,\(idNumber),employee,active,990100

            """)
        let cards = try command.file(
            "cards.csv",
            "card,person,expires,pin\n\(card),20000001,2034-12-28,\(pin)\n")
        let balances = try command.file(
            "balances.csv",
            "person,amount,collector,reference\n20000001,100.00,window,opening-1\n")
        let daemon = try command.startDaemon()
        var printed = ""
        func run(_ arguments: String..., good: Bool = true) throws {
            let result = try command.settlectl(arguments)
            printed += result.output + result.errors
            #expect((result.code == 0) == good, "\(arguments): \(result.errors)")
        }
        let site = ["--site", command.site]
        for (form, file) in [("persons", persons), ("cards", cards), ("balances", balances)] {
            printed += try command.settlectl(["import", form, file] + site).output
        }
        let terminal = try command.tellPort(to: command.terminal)
        func pay(_ pin: String, _ card: String, good: Bool) throws {
            try run(
                "pos", "settle", "--terminal", terminal, "--card", card, "--pin", pin, "--visit",
                "pharmacyPurchase", "--line", "#0x1x1.00", good: good)
            try run(
                "pos", "settle", "--terminal", terminal, "--card", card, "--pin", pin, "--visit",
                "pharmacyPurchase", "--line", "#0x1x1.00", "--json", good: good)
        }
        try pay(pin, card, good: true)
        try pay(String(pin.reversed()), card, good: false)
        try pay(pin, String(card.reversed()), good: false)
        try pay("x\(pin)", card, good: false)
        for arguments in [
            ["list", "persons"], ["list", "cards"], ["list", "terminals"],
            ["show", "person", "20000001"], ["history", "account", "20000001"], ["balances"],
            ["key", "list"], ["certificate", "list"], ["verify"],
        ] {
            for form in [[], ["--json"]] {
                let result = try command.settlectl(arguments + site + form)
                printed += result.output + result.errors
                #expect(result.code == 0, "\(arguments): \(result.errors)")
            }
        }
        // Errors are about what is wrong, and do not repeat it.
        for (form, line) in [
            ("cards", "card,person,expires,pin\n\(card),20000001,2034-12-28,\(pin)99\n"),
            ("cards", "card,person,expires,pin\n\(card)1,20000001,2034-12-28,\(pin)\n"),
            ("cards", "card,person,expires,pin\n\(card),29999999,2034-12-28,\(pin)\n"),
            (
                "persons",
                "person,name,id_number,insurance_type,category,region\n"
                    + "20000002,虚构丙,\(idNumber)7,employee,active,990100\n"
            ),
        ] {
            let result = try command.settlectl(
                ["import", form, try command.file("bad.csv", line)] + site)
            printed += result.output + result.errors
            #expect(result.code != 0)
        }
        try command.end(daemon)
        #expect(printed.contains(card.suffix(4)))
        for secret in [pin, String(pin.reversed()), card, idNumber] {
            #expect(!printed.contains(secret), "\(secret)")
        }
        let backwards = String(card.reversed())
        #expect(!printed.contains(backwards))
    }

    /// The digits with the check digit behind them.
    private static func luhn(_ digits: String) -> String {
        let sum = digits.utf8.reversed().enumerated().reduce(0) { sum, digit in
            let value = Int(digit.element - 0x30) * (digit.offset % 2 == 0 ? 2 : 1)
            return sum + (value > 9 ? value - 9 : value)
        }
        return digits + "\((10 - sum % 10) % 10)"
    }
}
