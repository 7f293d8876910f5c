import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Counter: cards and records")
    struct CounterTests {
        @Test("A PIN changed at a pharmacy pays there, and the old one is wrong.")
        func changePIN() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let pharmacy = try await daemon.connect()
            let command = CardServiceCommand(
                asking: patient.byPIN, step: .changePIN(.absent))
            let header = pharmacy.newHeader()
            let changed = try await pharmacy.cardService(
                command, pin: patient.pin, newPIN: "8642", header)
            #expect(changed.code == "00")
            // A retry brings the old PIN's block again: the recorded answer does not look at it.
            let again = try await pharmacy.cardService(
                command, pin: patient.pin, newPIN: "1111", header)
            #expect(again.code == "00" && again.result.replayed)
            #expect(try await pharmacy.settle(patient.purchase(100)).code == "55")
            #expect(
                try await pharmacy.settle(patient.purchase(100).with { $0.pin = "8642" }).code
                    == "00")
            await pharmacy.close()
        }

        @Test("A clerk reissues a lost card by ID number: the account follows the person.")
        func reissue() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let counter = try await daemon.connect(Town.Terminal.counter)
            let lost = try await counter.cardService(
                CardServiceCommand(asking: patient.byPapers(), step: .reportLoss),
                counter.newHeader())
            #expect(lost.code == "00")
            let pharmacy = try await daemon.connect()
            #expect(try await pharmacy.settle(patient.purchase(100)).code == "41")

            let number = Town.made(
                CardNumber.completing("99901" + String(patient.card.clearText.suffix(10))))
            let asking = Asking(
                subject: .idNumber(patient.row.idNumber), authority: patient.byPapers().authority)
            let new = CardServiceCommand.NewCard(
                number: number, expires: Town.today.adding(days: 1_000), pin: .absent)
            let issued = try await counter.cardService(
                CardServiceCommand(asking: asking, step: .reissue(new)), newPIN: "97531",
                counter.newHeader())
            guard case .cardService(let card) = issued.payload else {
                Issue.record("refused: \(issued.result)")
                return
            }
            #expect(card.card == number && card.isPINSet && card.cancelled.count == 1)
            let refused = try await pharmacy.settle(patient.purchase(100))
            #expect(refused.result.reason == .cardCancelled)
            let sale = patient.purchase(2_500).with {
                $0.card = number
                $0.pin = "97531"
            }
            #expect(try await pharmacy.settle(sale).code == "00")
            #expect(try await Books(daemon).balance(of: patient) == 7_500)
            await pharmacy.close()
            await counter.close()
        }

        @Test(
            """
            Pages of a transaction list go on where they stopped while new transactions arrive: \
            none is lost, none doubled, opening and closing balance hold.
            """)
        func pages() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 100_000)
            try await daemon.admit(patient)
            let pharmacy = try await daemon.connect()
            var settled: [SettlementID] = []
            for fen in [100, 200, 300, 400, 500] as [Int64] {
                let answer = try await pharmacy.settle(patient.purchase(fen))
                settled.append(try #require(answer.settlement?.id))
            }
            var question = TransactionQuestion(limit: 2)
            var seen: [SettlementID] = []
            var pageCount = 0
            repeat {
                let answer = try await pharmacy.query(
                    PersonQuery(asking: patient.byPIN, question: .transactions(question)),
                    pin: patient.pin, pharmacy.newHeader())
                guard case .transactions(let page) = answer.payload else {
                    Issue.record("refused: \(answer.result)")
                    return
                }
                #expect(page.opening == .zero && page.closing == Money(fen: 98_500))
                seen += page.lines.compactMap(\.settlement)
                question.before = page.next
                question.asOf = page.asOf
                pageCount += 1
                // Something happens between the pages.
                #expect(try await pharmacy.settle(patient.purchase(1)).code == "00")
            } while question.before != nil
            #expect(seen == settled.reversed())
            #expect(pageCount == 3)
            await pharmacy.close()
        }

        @Test("The months of an account add up, and say what went to a relative's bill.")
        func months() async throws {
            let daemon = try await SharedDaemon.town.running()
            let owner = Patient.new(balance: 50_000)
            let child = Patient.new(born: 2015_01_01, insurance: .resident)
            try await daemon.admit(owner, child)
            try await daemon.register([child.linked(to: [(owner, yearlyLimit: nil)])])
            let pharmacy = try await daemon.connect()
            #expect(try await pharmacy.settle(owner.purchase(1_200)).code == "00")
            #expect(try await pharmacy.settle(child.purchase(3_400)).code == "00")
            let counter = try await daemon.connect(Town.Terminal.counter)
            let question = MonthQuestion(from: Town.today.startOfMonth, count: 1)
            let answer = try await counter.query(
                PersonQuery(asking: owner.byPapers(), question: .months(question)),
                counter.newHeader())
            guard case .months(let list) = answer.payload, let month = list.months.first else {
                Issue.record("refused: \(answer.result)")
                return
            }
            #expect(month.opening == .zero && month.credited == Money(fen: 50_000))
            #expect(month.spent == Money(fen: 1_200) && month.familyUse == Money(fen: 3_400))
            #expect(month.closing == Money(fen: 45_400) && month.moves == 3)
            // The owner sees where the child's bill was.
            let list2 = try await counter.query(
                PersonQuery(
                    asking: owner.byPapers(), question: .transactions(TransactionQuestion())),
                counter.newHeader())
            guard case .transactions(let page) = list2.payload else {
                Issue.record("refused: \(list2.result)")
                return
            }
            let family = try #require(page.lines.first { !$0.relativeMasked.isEmpty })
            #expect(family.amount == Money(fen: -3_400) && family.standing == nil)
            #expect(family.institution == Town.pharmacy.text)
            await pharmacy.close()
            await counter.close()
        }

        @Test("The statement of a year at a gateway sums bills, limits and the account.")
        func annualStatement() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 50_000)
            try await daemon.admit(patient)
            let hospital = try await daemon.connect(Town.Terminal.hospital)
            let visit = patient.sale([line(Town.medicine, 200_000)], .outpatient, partial: true)
            let paid = try #require(try await hospital.settle(visit).settlement)
            #expect(try await hospital.settle(visit).code == "10")
            let gateway = try await daemon.connect(Town.Terminal.gateway)
            let asking = Asking(subject: .card(patient.card), authority: .gatewaySession("S-1"))
            let answer = try await gateway.query(
                PersonQuery(asking: asking, question: .annual(year: Town.today.year)),
                gateway.newHeader())
            guard case .annual(let content) = answer.payload else {
                Issue.record("refused: \(answer.result)")
                return
            }
            let statement = content.statement
            #expect(statement.year == Town.today.year && statement.months.count == 12)
            #expect(statement.opening == .zero && statement.closing == .zero)
            #expect(statement.sum(\.credited) == Money(fen: 50_000))
            #expect(statement.sum(\.spent) == Money(fen: 50_000))
            let visits = try #require(statement.visits.first)
            #expect(visits.category == .outpatient && visits.bills == 2)
            #expect(visits.split.total == Money(fen: 400_000))
            #expect(visits.split.pooled > paid.split.pooled)
            let used = try await Books(daemon).accumulators(of: patient).first {
                $0.key.category == .outpatient
            }
            #expect(statement.use.first?.pooled == used?.used.pooledUsed)
            #expect(statement.use.first?.deductible == used?.used.deductibleUsed)
            await gateway.close()
            await hospital.close()
        }

        @Test(
            """
            An owner links a child at a gateway with a daily limit: the child's bill draws no more, \
            and the owner sees who spent what where.
            """)
        func family() async throws {
            let daemon = try await SharedDaemon.town.running()
            let owner = Patient.new(balance: 50_000)
            let child = Patient.new(born: 2015_01_01, insurance: .resident)
            try await daemon.admit(owner, child)
            let gateway = try await daemon.connect(Town.Terminal.gateway)
            let asking = Asking(subject: .card(owner.card), authority: .gatewaySession("S-1"))
            let terms = FamilyTerms(
                relationship: .child, yearlyLimit: Money(fen: 100_000),
                dailyLimit: Money(fen: 2_000), position: nil)
            let command = FamilyCommand(
                asking: asking, relative: .idNumber(child.row.idNumber), step: .link(terms))
            let linked = try await gateway.family(command, gateway.newHeader())
            guard case .family(let link?) = linked.payload else {
                Issue.record("refused: \(linked.result)")
                return
            }
            #expect(link.dailyLimit == Money(fen: 2_000) && link.usedToday == .zero)
            let pharmacy = try await daemon.connect()
            #expect(try await pharmacy.settle(child.purchase(2_500)).code == "51")
            #expect(
                try await pharmacy.settle(child.purchase(2_500, partial: true)).code == "10")
            let answer = try await gateway.query(
                PersonQuery(asking: asking, question: .family(before: nil, limit: 10)),
                gateway.newHeader())
            guard case .familyList(let list) = answer.payload, let member = list.members.first
            else {
                Issue.record("refused: \(answer.result)")
                return
            }
            #expect(member.usedToday == Money(fen: 2_000) && list.owners.isEmpty)
            #expect(list.lines.map(\.amount) == [Money(fen: -2_000)])
            #expect(list.lines.first?.relativeMasked == member.nameMasked)
            // A page that is full is the last one where nothing but the owner's own lies behind it.
            let full = try await gateway.query(
                PersonQuery(asking: asking, question: .family(before: nil, limit: 1)),
                gateway.newHeader())
            guard case .familyList(let last) = full.payload else {
                Issue.record("refused: \(full.result)")
                return
            }
            #expect(last.lines == list.lines && last.next == nil)
            let unlinked = try await gateway.family(
                FamilyCommand(
                    asking: asking, relative: .idNumber(child.row.idNumber), step: .unlink),
                gateway.newHeader())
            #expect(unlinked.code == "00")
            #expect(try await pharmacy.settle(child.purchase(100)).code == "51")
            await pharmacy.close()
            await gateway.close()
        }

        @Test(
            "Who looked at a person's records is told, with the clerk and the papers, masked.")
        func accessLog() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let pharmacy = try await daemon.connect()
            _ = try await pharmacy.inquire(
                card: patient.card, pin: patient.pin, pharmacy.newHeader())
            _ = try await pharmacy.inquire(
                card: patient.card, pin: patient.wrongPIN, pharmacy.newHeader())
            let counter = try await daemon.connect(Town.Terminal.counter)
            let agent = Patient.new()
            let proxy = PowerOfAttorney(
                agentName: agent.row.name, agentIDNumber: agent.row.idNumber, reference: "PoA-7",
                validUntil: Town.today)
            _ = try await counter.query(
                PersonQuery(
                    asking: patient.byPapers(agent.row.idNumber, proxy: proxy),
                    question: .transactions(TransactionQuestion())), counter.newHeader())
            let gateway = try await daemon.connect(Town.Terminal.gateway)
            let asking = Asking(subject: .card(patient.card), authority: .gatewaySession("S-9"))
            let answer = try await gateway.query(
                PersonQuery(asking: asking, question: .accesses(before: nil, limit: 10)),
                gateway.newHeader())
            guard case .accesses(let list) = answer.payload else {
                Issue.record("refused: \(answer.result)")
                return
            }
            #expect(list.lines.map(\.right) == ["gatewaySession", "documents", "pin"])
            #expect(list.lines.map(\.kind) == [.accessLog, .transactionList, .cardInquiry])
            let papers = try #require(list.lines.dropFirst().first)
            #expect(papers.clerk == "C017" && papers.reference == "PoA-7")
            #expect(papers.numberMasked.hasSuffix(String(agent.row.idNumber.clearText.suffix(4))))
            #expect(!papers.numberMasked.contains(agent.row.idNumber.clearText.prefix(6)))
            for connection in [pharmacy, counter, gateway] { await connection.close() }
        }

        @Test("Each role asks by its own right, and only for what is its own.")
        func roles() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let question = PersonQuery.Question.transactions(TransactionQuestion())
            let papers = PersonQuery(asking: patient.byPapers(), question: question)
            for name in [Town.Terminal.pharmacy, Town.Terminal.gateway] {
                let terminal = try await daemon.connect(name)
                let refused = try await terminal.query(papers, terminal.newHeader())
                #expect(refused.code == "58" && refused.result.reason == .roleNotPermitted)
                await terminal.close()
            }
            for name in [Town.Terminal.collector, Town.Terminal.employer] {
                let terminal = try await daemon.connect(name)
                let byPIN = PersonQuery(asking: patient.byPIN, question: question)
                let refused = try await terminal.query(byPIN, terminal.newHeader())
                #expect(refused.code == "58" && refused.result.reason == .roleNotPermitted)
                await terminal.close()
            }
            let pharmacy = try await daemon.connect()
            let unlock = CardServiceCommand(asking: patient.byPIN, step: .unlockPIN)
            #expect(
                try await pharmacy.cardService(unlock, pin: patient.pin, pharmacy.newHeader()).code
                    == "58")
            let wrong = PersonQuery(asking: patient.byPIN, question: question)
            let answer = try await pharmacy.query(
                wrong, pin: patient.wrongPIN, pharmacy.newHeader())
            #expect(answer.code == "55" && answer.result.triesLeft == 2)
            #expect(try await Books(daemon).card(of: patient)?.triesFailed == 1)
            await pharmacy.close()
        }
    }
}

extension Patient {
    /// Asked by the card's PIN, which goes beside.
    var byPIN: Asking { Asking(subject: .card(card), authority: .pin(.absent)) }

    /// Asked by a resident's ID that a clerk has seen: the person's own, or another's.
    func byPapers(_ number: IDNumber? = nil, proxy: PowerOfAttorney? = nil) -> Asking {
        Asking(
            subject: .card(card),
            authority: .documents(
                IdentityCheck(
                    document: .residentID, number: (number ?? row.idNumber).clearText,
                    clerk: "C017", proxy: proxy)))
    }
}
