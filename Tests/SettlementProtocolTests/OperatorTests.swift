import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Operator's records")
struct OperatorTests {
    private static func institution() throws -> InstitutionRow {
        InstitutionRow(
            institution: Institution(
                id: try #require(InstitutionID("H99990000001")), name: "康宁医院",
                kind: .hospital, level: .level3, vaccinates: true,
                region: try #require(RegionCode(rawValue: 999_900))))
    }

    private static func cardRow() throws -> CardRow {
        CardRow(
            number: try Samples.card(), person: try Samples.person().id, state: .active,
            expires: try Samples.date(2030_12_31),
            verification: PINVerification(keyID: 1, high: .max, low: 7), triesFailed: 2)
    }

    private static func personRow() throws -> PersonRow {
        let digits: UInt64 = 99_990_019_610_228_002
        return PersonRow(
            person: try Samples.person(), name: "欧阳示华",
            idNumber: try #require(IDNumber(digits: digits)), frozen: true)
    }

    private static func registrations() throws -> [Registration] {
        let person = try Samples.person().id
        let link = FamilyLink(
            owner: person, relationship: .parent, yearlyLimit: Money(fen: 500_000),
            usedYear: 2026, used: Money(fen: 3))
        let entry = CatalogEntry(
            code: try #require(ItemCode("X1")), name: "示例药品", kind: .westernMedicine, level: .a,
            restrictions: [.maxDays(14)], effectiveFrom: try Samples.date(2026_01_01))
        let ratio = try #require(Ratio(tenThousandths: 7000))
        let policy = Policy(
            region: try #require(RegionCode(rawValue: 999_900)),
            version: PolicyVersion(rawValue: 2), effectiveFrom: try Samples.date(2026_01_01),
            visitBenefits: [.outpatient: .outpatient, .inpatient: .inpatient],
            benefits: [BenefitRule(level: .level3, deductible: Money(fen: 180_000), ratio: ratio)],
            caps: [CapRule(pooledCap: Money(fen: 2_000_000), largeRatio: ratio)])
        return [
            .institution(try institution()),
            .terminal(
                TerminalRow(
                    id: try #require(TerminalID("T0000001")),
                    institution: try institution().institution.id, role: .hospital, blocked: true)),
            .person(try personRow()), .card(try cardRow()),
            .credit(
                CreditRow(
                    key: CreditKey(person: person, reference: "2026-11"),
                    amount: Money(fen: 120_034), collector: "import")),
            .family(FamilyRow(member: person, links: [link])),
            .catalog(
                CatalogRow(
                    effectiveFrom: try Samples.date(2026_01_01),
                    catalog: Catalog(version: CatalogVersion(rawValue: 3), entries: [entry]))),
            .policy(PolicyRow(policy: policy)),
        ]
    }

    @Test("registrations come to the daemon as they were", arguments: [true, false])
    func apply(_ isDryRun: Bool) throws {
        let sent = try Self.registrations()
        let header = RequestHeader(businessDate: nil, stan: 0, terminalTime: 0)
        let body = RequestEncoder.operatorApply(
            OperatorApplyRequest(header: header, registrations: sent, isDryRun: isDryRun))
        let request = try RequestDecoder.decode(.operatorApply, ByteBuffer(bytes: body))
        guard case .operatorApply(let read) = request else {
            Issue.record("\(request.kind)")
            return
        }
        #expect(read.registrations == sent)
        #expect(read.isDryRun == isDryRun)
        #expect(read.header == header)
    }

    @Test("a registration that cannot be read is named by its position")
    func badRegistration() throws {
        var wire = WireOperatorApply()
        let good = JournalCoding.encode(try Self.registrations()[1])
        wire.registrations = [.init(good), .init([99])]
        let fault = #expect(throws: RequestFault.self) {
            try RequestDecoder.decode(.operatorApply, ByteBuffer(bytes: wire.bodyBytes))
        }
        #expect(fault?.code == .formatError)
        #expect(fault?.reason == .bodyUnreadable)
        #expect(fault?.detail.hasPrefix("operator_apply.registrations[1]: byte ") == true)
    }

    @Test("what became of each registration comes back, refusals with their text")
    func results() throws {
        let results: [RegistrationResult] = [
            .added, .changed, .unchanged, .refused("institution H1 is not known"),
        ]
        for code in [ResponseCode.approved, .invalidTransaction] {
            let outcome = try Samples.outcome(.registered(results), code: code)
            let read = try response(.operatorApply, ResponseEncoder.encode(outcome, .operatorApply))
            guard case .registered(let answered) = read.payload else {
                Issue.record("no results")
                return
            }
            #expect(answered == results)
            #expect(read.result.code == code)
        }
    }

    private static func questions() throws -> [StoreQuestion] {
        let person = try Samples.person().id
        let date = try Samples.date(2026_11_23)
        let hospital = try institution().institution.id
        return [
            .person(person), .personByIDNumber(try personRow().idNumber),
            .card(try Samples.card()), .cardsOf(person), .account(person), .family(person),
            .accumulators(person, year: 2026), .settlement(SettlementID(try Samples.key())),
            .answer(try Samples.key()), .entry(.max), .persons(after: nil, limit: 1000),
            .persons(after: person, limit: 0), .cards(after: nil, limit: 1),
            .cards(after: try Samples.card(), limit: 1), .movements(person, before: nil, limit: 9),
            .movements(person, before: 0, limit: 9), .settlementsOf(person, before: 7, limit: 2),
            .settlementsOf(person, before: nil, limit: 2),
            .accesses(person, before: 5, limit: 2), .owner(person),
            .contributionsOf(person, before: ContributionPeriod(yyyymm: 202_611), limit: 3),
            .historyOf(person, from: .first, through: .last, before: 4, limit: 2),
            .movesOf(person, from: .first, through: .last, before: nil, limit: 2),
            .settlementsOn(date, nil, after: nil, limit: 5),
            .settlementsOn(date, hospital, after: 8, limit: 5), .entries(after: 0, limit: 100_000),
            .balances, .counts, .reference, .clearings(date),
            .day(date, hospital, nil, after: nil, through: nil, limit: 1000),
            .day(
                date, hospital, Samples.terminal, after: try Samples.key(stan: 1),
                through: try Samples.key(stan: 999_999), limit: 1),
        ]
    }

    @Test("questions come to the daemon as they were")
    func questions() throws {
        let header = RequestHeader(businessDate: nil, stan: 7, terminalTime: 1)
        for question in try Self.questions() {
            let body = RequestEncoder.operatorQuery(
                OperatorQueryRequest(header: header, question: question))
            let request = try RequestDecoder.decode(.operatorQuery, ByteBuffer(bytes: body))
            guard case .operatorQuery(let read) = request else {
                Issue.record("\(request.kind)")
                return
            }
            #expect(read.question == question)
        }
    }

    @Test("a question for too many rows, or of no kind, is refused")
    func badQuestions() throws {
        let tooMany = OperatorCoding.encode(.entries(after: 0, limit: 100_001))
        let negative = OperatorCoding.encode(.persons(after: nil, limit: -1))
        for bytes in [tooMany, negative, [], [0], [99], OperatorCoding.encode(.balances) + [0]] {
            #expect(throws: CodingFault.self) { try OperatorCoding.question(bytes) }
        }
    }

    private static func pages() throws -> [StorePage] {
        let person = try Samples.person().id
        let key = try Samples.key()
        let answer = AnswerRow(
            key: key, kind: .settle, content: Digest(words: (1, 2, 3, 4)), code: .approved,
            reason: .none, response: [8, 0])
        let settlement = SettlementRow(
            id: SettlementID(key), state: .settled, card: try Samples.card(),
            institution: try institution().institution.id, bookedDate: key.date, time: 7,
            serviceDate: key.date, visitType: .outpatient, benefitCategory: nil,
            catalogVersion: CatalogVersion(rawValue: 3),
            policyVersion: PolicyVersion(rawValue: 2), lines: [], split: try Samples.split(),
            basis: SettlementBasis(
                person: try Samples.person(), institutionKind: .hospital, institutionLevel: .level2,
                vaccinates: true, institutionRegion: try Samples.person().region,
                used: Accumulators(deductibleUsed: Money(fen: 3)), usages: [],
                soldCodes: []),
            undone: [
                Undoing(
                    key: key, kind: .refund, reversed: nil, bookedDate: key.date, time: 8,
                    lines: [
                        RefundedLine(
                            line: 0, quantity: .one, amount: Money(fen: 5), traceCodes: [])
                    ], state: .partlyRefunded, standing: try Samples.split())
            ])
        let settlements: [(sequence: UInt64, row: SettlementRow)] = [(17, settlement)]
        let account = AccountRow(
            person: person, balance: Money(fen: -1), entries: 9, head: Digest(words: (4, 3, 2, 1)))
        let entry = JournalEntry(
            sequence: 17, time: -5, bookedDate: key.date, kind: .settle, voucher: [0x12, 8],
            answer: answer, postings: [Posting(account: .bank, amount: Money(fen: 3))],
            changes: [.account(account), .settlement(settlement), .businessDate(key.date)])
        let movement = Movement(
            sequence: 17, person: person, amount: Money(fen: -1000), balance: .zero, time: 9,
            bookedDate: key.date, kind: .settle, settlement: SettlementID(key))
        let day = DayRow(
            key: key, kind: .refund, institution: settlement.institution, bookedDate: key.date,
            settlement: settlement.id, sequence: .max, time: -1,
            homeRegion: settlement.policyRegion,
            institutionRegion: settlement.basis.institutionRegion, insuranceType: .resident,
            amounts: try Samples.split())
        let clearing = ClearingRow(
            key: ClearingKey(institution: settlement.institution, date: key.date),
            amount: Money(fen: -1))
        return [
            .day([day, day]), .day([]), .clearings([clearing]),
            .persons([try personRow()]), .persons([]), .cards([try cardRow(), try cardRow()]),
            .accounts([account]), .families([FamilyRow(member: person, links: [])]),
            .accumulators([try Samples.accumulator()]), .settlements(settlements),
            .answers([answer]), .entries([entry]), .movements([movement]),
            .owners([OwnerRow(owner: person, members: [person])]),
            .moves(entry.movements.compactMap { entry.move(of: $0.person) }),
            .accesses(try Samples.accesses(of: person, at: settlement.institution)),
            .balances([(account: "pool:999900:employee", balance: Money(fen: -7000))]),
            .counts([(name: "persons", count: 1_000_000)]),
            .reference([.institution(try institution()), .businessDate(key.date)]),
        ]
    }

    @Test("pages of every kind of row come to the operator as they were")
    func pages() throws {
        let date = try Samples.date(2026_11_23)
        for page in try Self.pages() {
            for next in [nil, StoreQuestion.entries(after: 17, limit: 5)] {
                let body = ResponseEncoder.operatorPage(
                    page, next: next, businessDate: date, time: 5)
                guard
                    case .page(let read, let readNext) = try response(.operatorQuery, body).payload
                else {
                    Issue.record("no page")
                    return
                }
                #expect("\(read)" == "\(page)")
                #expect(readNext == next)
            }
        }
    }

    @Test("a maintenance task and its lines come as they were; one without a name is refused")
    func maintenance() throws {
        let header = RequestHeader(businessDate: nil, stan: 0, terminalTime: 0)
        let sent = OperatorMaintenanceRequest(
            header: header, task: "backup", argument: "/var/backups/settled.db")
        let body = RequestEncoder.operatorMaintenance(sent)
        let request = try RequestDecoder.decode(.operatorMaintenance, ByteBuffer(bytes: body))
        guard case .operatorMaintenance(let read) = request else {
            Issue.record("\(request.kind)")
            return
        }
        #expect(read == sent)
        for wrong in ["", String(repeating: "x", count: 4097)] {
            let body = RequestEncoder.operatorMaintenance(
                OperatorMaintenanceRequest(header: header, task: wrong, argument: ""))
            #expect(throws: RequestFault.self) {
                try RequestDecoder.decode(.operatorMaintenance, ByteBuffer(bytes: body))
            }
        }
        let lines = ["17 entries", "没有错误"]
        let answer = ResponseEncoder.maintenance(
            lines, ResultFields(code: .approved, businessDate: nil, time: 0))
        guard case .maintained(let told) = try response(.operatorMaintenance, answer).payload
        else {
            Issue.record("no lines")
            return
        }
        #expect(told == lines)
    }

    @Test("a day close comes to the daemon as it was; one without its date is refused")
    func dayClose() throws {
        let header = RequestHeader(businessDate: nil, stan: 0, terminalTime: 5)
        let date = try Samples.date(2026_11_23)
        for next in [nil, try Samples.date(2026_11_25)] {
            let sent = DayCloseRequest(header: header, date: date, next: next)
            let body = ByteBuffer(bytes: RequestEncoder.dayClose(sent))
            guard case .dayClose(let read) = try RequestDecoder.decode(0x62, body) else {
                Issue.record("no day close")
                return
            }
            #expect(read == sent)
        }
        let fault = #expect(throws: RequestFault.self) {
            try RequestDecoder.decode(.dayClose, ByteBuffer())
        }
        #expect(fault?.reason == .fieldMissing)
        #expect(fault?.detail == "day_close.date: missing")
    }
}
