import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import TestSite
import Testing

extension Acceptance {
    @Suite("Business date")
    struct BusinessDateTests {
        private static let tomorrow = Town.today.adding(days: 1)

        @Test("6. STANs wrap in a new business date, after a day close: not a duplicate.")
        func wrap() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let terminal = try await daemon.connect()
                let sale = patient.purchase(1_000)
                let today = terminal.header(stan: 1)
                #expect(try await terminal.settle(sale, today).code == "00")
                let close = try await daemon.operator.closeDay(Town.today)
                #expect(close.code == "00" && close.result.businessDate == Self.tomorrow)
                #expect(try await terminal.echo().result.businessDate == Self.tomorrow)
                let next = try await terminal.settle(sale, terminal.header(stan: 1))
                #expect(next.code == "00" && !next.result.replayed)
                // The old key still finds its answer.
                #expect(try await terminal.settle(sale, today).result.replayed)
                #expect(try await Books(daemon).balance(of: patient) == 98_000)
                await terminal.close()
            }
        }

        @Test("14. Void on a later business date: 12; a refund is what is left.")
        func lateVoid() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let terminal = try await daemon.connect()
                let sale = patient.purchase(1_000)
                let id = try #require(try await terminal.settle(sale).settlement?.id)
                _ = try await daemon.operator.closeDay(Town.today)
                #expect(try await terminal.void(id, sale).verdict == "12 otherBusinessDate")
                #expect(try await Books(daemon).balance(of: patient) == 99_000)
                #expect(try await terminal.refund(id, sale, [(0, nil)]).code == "00")
                #expect(try await Books(daemon).balance(of: patient) == 100_000)
                await terminal.close()
            }
        }

        @Test(
            """
            17. Reversal after day close: accepted, booked in the new date with the original's \
            date kept.
            """)
        func lateReversal() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let terminal = try await daemon.connect()
                let (header, sale) = (terminal.newHeader(), patient.purchase(1_000))
                #expect(try await terminal.settle(sale, header).code == "00")
                _ = try await daemon.operator.closeDay(Town.today)
                let reversal = try await terminal.reverse(header, sale)
                #expect(reversal.code == "00")
                #expect(reversal.result.businessDate == Self.tomorrow)
                #expect(reversal.undone?.settledDate == Town.today)
                #expect(try await Books(daemon).balance(of: patient) == 100_000)
                let days = try await Books(daemon).journal().compactMap(\.dayRow)
                #expect(days.map(\.bookedDate) == [Town.today, Self.tomorrow])
                await terminal.close()
            }
        }

        @Test(
            """
            45. Day close under load: every settlement is in exactly one business date; clearing \
            statements sum to the institutions' postings. No terminal sees more than code 90 once.
            """)
        func underLoad() async throws {
            try await RunningDaemon.withTown { daemon in
                let closes = 5
                let isOver = Flag()
                let kinds = [
                    Town.Terminal.load[0], Town.Terminal.load[1], Town.Terminal.otherPharmacy,
                    Town.Terminal.hospital,
                ]
                let (progress, feed) = AsyncStream<Void>.makeStream()
                let own = try await withThrowingTaskGroup(of: [Booked].self) { group in
                    for (index, id) in kinds.enumerated() {
                        group.addTask {
                            try await sell(
                                Town.patients[index], at: daemon.connect(id),
                                visit: id == Town.Terminal.hospital
                                    ? .outpatient : .pharmacyPurchase,
                                until: isOver
                            ) { feed.yield() }
                        }
                    }
                    var answers = progress.makeAsyncIterator()
                    for close in 0..<closes {
                        for _ in 0..<60 { _ = await answers.next() }
                        let date = Town.today.adding(days: close)
                        #expect(try await daemon.operator.closeDay(date).code == "00")
                    }
                    for _ in 0..<60 { _ = await answers.next() }
                    isOver.raise()
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                _ = try await daemon.operator.closeDay(Town.today.adding(days: closes))

                let journal = try await Books(daemon).journal()
                let rows = journal.compactMap(\.dayRow)
                #expect(Set(rows.map(\.key)).count == rows.count)
                let booked = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.bookedDate) })
                #expect(booked.count == own.count)
                for item in own { #expect(booked[item.key] == item.date) }
                #expect(Set(booked.values).count == closes + 1)
                for day in 0...closes {
                    let date = Town.today.adding(days: day)
                    for row in Town.institutions {
                        let institution = row.institution.id
                        guard
                            case .day(let listed) = try await daemon.operator.page(
                                .day(
                                    date, institution, nil, after: nil, through: nil,
                                    limit: 10_000))
                        else { continue }
                        var books = ClearingBooks()
                        for row in listed { books.take(row) }
                        let posted = journal.filter { $0.bookedDate == date }.flatMap(\.postings)
                            .filter { $0.account == .institution(institution) }
                            .reduce(Money.zero) { $0 + $1.amount }
                        #expect(books.owed == posted)
                        guard !listed.isEmpty else { continue }
                        try await daemon.register([
                            .clearing(
                                ClearingRow(
                                    key: ClearingKey(institution: institution, date: date),
                                    amount: books.owed))
                        ])
                    }
                }
                let owed = try await Books(daemon).balances().filter {
                    $0.key.hasPrefix("institution") && $0.value != 0
                }
                #expect(owed.isEmpty)
                #expect(try await Books(daemon).faults() == [])
                #expect(try await Books(daemon).verification().hasPrefix("sound: "))
            }
        }
    }
}

/// Something that one task tells others once.
private final class Flag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }

    func raise() { raised.store(true, ordering: .relaxed) }
}

/// A settle that was approved, and the date that its answer named.
private struct Booked: Sendable {
    var key: RequestKey
    var date: CivilDate?
}

/// Sells until told to stop; a 90 is asked again at once, under the same key, and comes only once.
private func sell(
    _ patient: Patient, at terminal: TerminalConnection, visit: VisitType,
    until isOver: Flag, progress: @Sendable () -> Void
) async throws -> [Booked] {
    var booked: [Booked] = []
    var stan: UInt32 = 0
    while !isOver.isRaised {
        stan += 1
        let header = terminal.header(stan: stan)
        let sale = patient.sale([line(Town.medicine, 10)], visit, partial: true)
        var answer = try await terminal.settle(sale, header)
        if answer.code == "90" { answer = try await terminal.settle(sale, header) }
        guard answer.result.code.isApproval else {
            throw SiteFault("\(terminal.terminal) STAN \(stan): \(answer.verdict)")
        }
        let key = RequestKey(
            terminal: terminal.terminal, date: header.businessDate ?? Town.today, stan: stan)
        booked.append(Booked(key: key, date: answer.result.businessDate))
        progress()
    }
    await terminal.close()
    return booked
}
