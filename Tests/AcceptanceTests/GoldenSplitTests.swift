import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Splitting")
    struct GoldenSplitTests {
        /// All on SQLite; every fourth on PostgreSQL, where each takes two seconds for a server of its
        /// own: the splits are the domain's, the store only has to hold what they start from.
        static let tried = Vector.files.map(\.lastPathComponent).enumerated()
            .filter { TestEngine.current == .sqlite || $0.offset % 4 == 3 }.map(\.element)

        @Test(
            """
            29. All golden splits of domain.md, settled over TLS by a store whose policy, catalog, \
            balances and history are those of the vector.
            """, arguments: tried)
        func golden(_ name: String) async throws {
            let file = try #require(Vector.files.first { $0.lastPathComponent == name })
            let vector = try JSONDecoder().decode(Vector.self, from: Data(contentsOf: file))
            let visit = try vector.makeVisit()
            let patient = Patient(visit.person, balance: vector.account.balance)
            let site = try SiteFolder.with(businessDate: visit.serviceDate) { store, vault in
                try SiteFolder.register(
                    try vector.registrations(patient) { try $0.registrations(vault) }, in: store)
                try store.commit([try vector.past()])
            }
            let daemon = try await RunningDaemon.start(site, configuration: try site.configure())
            let terminal = try await daemon.connect()
            let lines = try vector.makeLines().map { line in
                RequestLine(
                    item: .code(line.code), quantity: line.quantity, unitPrice: line.unitPrice,
                    amount: line.amount, courseDays: line.courseDays, traceCodes: line.traceCodes)
            }
            var sale = patient.sale(lines, visit.type, partial: vector.partialAllowed)
            sale.accountLimit = vector.account.limit.map(Money.init(fen:))
            let answer = try await terminal.settle(sale)
            #expect(Int(answer.result.code.rawValue) == vector.expected.code)
            #expect(answer.brokenIdentity == nil)
            let settlement = try #require(answer.settlement)
            let split = settlement.split
            // The wire carries no `payable`.
            #expect(split.totals.isEqual(to: vector.expected.split, but: "payable"))
            #expect(split.parts.map(Vector.Part.init) == vector.expected.parts)
            #expect(
                split.plans.map { Vector.Plan(plan: $0.plan.text, amount: $0.amount.fen) }
                    == vector.expected.plans)
            #expect(settlement.family.map(\.amount.fen) == vector.expected.owners.map(\.amount))
            let spent = answer.result.code.isApproval ? split.account.fen : 0
            let left = try await Books(daemon).balance(of: patient)
            #expect(left == vector.account.balance - spent)
            await terminal.close()
            #expect(await daemon.stop() == .exited(0))
        }

        @Test("29. The settlements of a year take deductible, pooled fund and plan in their order")
        func year() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 1_000_000, plans: [Town.plan])
            try await daemon.admit(patient)
            let terminal = try await daemon.connect(Town.Terminal.hospital)
            var sums = Accumulators()
            for fen in [100_000, 100_000, 100_001] as [Int64] {
                let answer = try await terminal.settle(
                    patient.sale([line(Town.medicine, fen)], .outpatient))
                #expect(answer.code == "00" && answer.brokenIdentity == nil)
                sums.add(try #require(answer.settlement?.split))
            }
            // 1,800.00 of the deductible, then 70 % of 1,200.01.
            #expect(sums.deductibleUsed.fen == 180_000 && sums.pooledUsed.fen == 84_001)
            let stored = try await Books(daemon).accumulators(of: patient)
            #expect(stored.map(\.used) == [sums])
            let inquiry = try await terminal.inquire(
                card: patient.card, pin: patient.pin, terminal.newHeader())
            guard case .inquiry(let told) = inquiry.payload else {
                Issue.record("\(inquiry.result)")
                return
            }
            #expect(told.accumulators.map(\.pooledUsed.fen) == [84_001])
            await terminal.close()
        }
    }
}

extension Vector {
    /// All that the vector's store holds before, but for what was used.
    fileprivate func registrations(
        _ patient: Patient, _ registrations: (Patient) throws -> [Registration]
    ) throws -> [Registration] {
        let visit = try makeVisit()
        var institution = visit.institution
        institution.name = "虚构机构"
        let role: Role =
            switch institution.kind {
            case .pharmacy: .pharmacy
            case .vaccinationClinic: .vaccination
            default: .hospital
            }
        let owners = try family.map { fund in
            var person = visit.person
            person.id = try #require(PersonID(fund.owner))
            return Patient(person, balance: fund.available)
        }
        return [
            .institution(InstitutionRow(institution: institution)),
            .terminal(
                Town.terminal(Town.Terminal.pharmacy, institution.id, role)),
            .catalog(CatalogRow(effectiveFrom: Town.firstDay, catalog: try makeCatalog())),
            .policy(PolicyRow(policy: try makePolicy())),
        ] + (try registrations(patient)) + (try owners.flatMap(registrations))
            + [patient.linked(to: owners.map { ($0, nil) })]
    }

    /// What was used, given and sold before, as one entry of the journal.
    fileprivate func past() throws -> JournalEntry {
        let visit = try makeVisit()
        var changes: [RowChange] = []
        if let category = try makePolicy().benefit(of: visit.type) {
            let plans = try (used.plans ?? [:]).map {
                PlanShare(plan: try #require(PlanID($0.key)), amount: Money(fen: $0.value))
            }
            let key = AccumulatorKey(
                person: visit.person.id, year: UInt16(visit.serviceDate.year), category: category)
            let accumulators = Accumulators(
                deductibleUsed: Money(fen: used.deductible ?? 0),
                pooledUsed: Money(fen: used.pooled ?? 0), largeUsed: Money(fen: used.large ?? 0),
                planUsed: plans, stays: used.stays ?? 0)
            changes.append(.accumulator(AccumulatorRow(key: key, used: accumulators)))
        }
        for (code, days) in history {
            let records = try days.map { day in
                UsageRecord(
                    date: try #require(CivilDate(yyyymmdd: day.date)),
                    quantity: Quantity(thousandths: day.quantity), days: day.days)
            }
            let key = UsageKey(person: visit.person.id, code: try #require(ItemCode(code)))
            changes.append(.usage(UsageRow(key: key, history: UsageHistory(records))))
        }
        for code in soldTraceCodes {
            changes.append(
                .traceCode(TraceCodeRow(code: try #require(TraceCode(code)), takings: 1)))
        }
        return JournalEntry(
            sequence: 0, time: 0, bookedDate: visit.serviceDate, kind: .operatorApply,
            voucher: [], answer: nil, postings: [], changes: changes)
    }
}

extension [String: Int64] {
    fileprivate func isEqual(to other: [String: Int64], but key: String) -> Bool {
        filter { $0.key != key } == other.filter { $0.key != key }
    }
}
