import Ledger
import SettlementDomain
import Testing

@testable import SiteFiles

@Suite("Demo site")
struct DemoSiteTests {
    private static let site = DemoSite(
        seed: 42, persons: 1000, terminals: 50, today: CivilDate(yyyymmdd: 2026_11_23) ?? .first)

    private func all(_ site: DemoSite) throws -> [Registration] {
        var all: [Registration] = []
        for form in SiteFileForm.allCases {
            try site.forEachBatch(of: form, size: 64) { all += $0 }
        }
        return all
    }

    @Test("the same seed makes the same site, another seed another")
    func deterministic() throws {
        let first = try all(Self.site)
        #expect(first == (try all(Self.site)))
        let other = DemoSite(seed: 43, persons: 1000, terminals: 50, today: Self.site.today)
        #expect(first != (try all(other)))
    }

    @Test("the n-th person, card and balance are the same in a site of any size")
    func sizeless() {
        let large = DemoSite(
            seed: 42, persons: 5_000_000, terminals: 9000, today: Self.site.today)
        for index in stride(from: 0, to: 1000, by: 37) {
            #expect(Self.site.person(at: index) == large.person(at: index))
            #expect(Self.site.card(at: index) == large.card(at: index))
            #expect(Self.site.credit(at: index) == large.credit(at: index))
        }
    }

    @Test("what the site writes as CSV files reads as the same registrations")
    func files() throws {
        let verifier: PINVerifier = { card, pin in
            PINVerification(
                keyID: 1, high: card.digits, low: pin.reduce(0) { $0 * 16 + UInt64($1 & 15) })
        }
        try RepositoryFiles.withFolder { folder in
            try Self.site.writeFiles(into: folder)
            let reader = SiteReader(pinVerifier: verifier)
            for form in SiteFileForm.allCases {
                var made: [Registration] = []
                try Self.site.forEachBatch(of: form, size: 100, pinVerifier: verifier) {
                    made += $0
                }
                let read = try reader.registrations(
                    of: form, at: "\(folder)/\(form.rawValue).csv")
                #expect(made == read, "\(form)")
            }
        }
    }

    @Test("every kind and level of institution is there, and the first terminals have their roles")
    func institutions() {
        let institutions = Self.site.institutions.map(\.institution)
        #expect(Set(institutions.map(\.kind)).count == InstitutionKind.allCases.count)
        #expect(
            Set(institutions.filter { $0.kind == .hospital }.map(\.level))
                == [.level1, .level2, .level3])
        #expect(Set(institutions.map(\.id)).count == institutions.count)
        let known = Dictionary(uniqueKeysWithValues: institutions.map { ($0.id, $0) })
        let terminals = (0..<Self.site.terminals).map { Self.site.terminal(at: $0) }
        #expect(
            terminals.prefix(10).map(\.role) == [
                .pharmacy, .hospital, .vaccination, .hospital, .hospital, .hospital, .counter,
                .gateway, .collector, .employer,
            ])
        #expect(Set(terminals.map(\.id)).count == terminals.count)
        for terminal in terminals {
            #expect(known[terminal.institution]?.contract == .active)
        }
    }

    @Test("ID numbers cannot be real, are unique and fit category and sex")
    func persons() {
        let site = DemoSite(seed: 1, persons: 1_000_000, terminals: 1, today: Self.site.today)
        var numbers: Set<IDNumber> = []
        // Persons 49,500 apart share region and sequence number.
        let indexes = (0..<20).flatMap { group in (0..<100).map { group * 49_500 + $0 } }
        for index in indexes {
            let row = site.person(at: index)
            #expect(row.idNumber.clearText.hasPrefix("9901"))
            #expect(numbers.insert(row.idNumber).inserted)
            #expect(row.idNumber.birthDate == row.person.birthDate)
            #expect(row.idNumber.sex == row.person.sex)
            let age = row.person.birthDate.years(to: site.today)
            switch row.person.category {
            case .minor: #expect((0..<18).contains(age))
            case .retired: #expect(age >= 60)
            default: #expect((18...81).contains(age))
            }
        }
    }

    @Test("cards begin with no issuer's number, are unique, and the first hundred are good")
    func cards() {
        var numbers: Set<CardNumber> = []
        for index in 0..<1000 {
            let card = Self.site.card(at: index)
            #expect(card.number.clearText.hasPrefix("999901"))
            #expect(numbers.insert(card.number).inserted)
            #expect(card.pin.count == 6)
            #expect(card.person == Self.site.person(at: index).person.id)
            if index < 100 {
                #expect(card.state == .active && card.expires > Self.site.today)
                #expect(!Self.site.person(at: index).frozen)
            }
            if let old = Self.site.cancelledCard(at: index) {
                #expect(old.state == .cancelled)
                #expect(numbers.insert(old.number).inserted)
            }
        }
    }

    @Test("who has an account has a balance, and family links name owners with accounts")
    func accounts() {
        for index in 0..<1000 {
            let person = Self.site.person(at: index).person
            #expect(person.hasAccount == (Self.site.credit(at: index) != nil))
            for link in Self.site.family(at: index)?.links ?? [] {
                let owner = Int(link.owner.rawValue - Self.site.person(at: 0).person.id.rawValue)
                #expect(owner < index && owner >= 0)
                #expect(Self.site.person(at: owner).person.hasAccount)
            }
        }
    }
}
