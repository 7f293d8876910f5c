import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Quote and settle")
    struct QuoteTests {
        @Test("30. Line sum differs from the total: 13 before any debit.")
        func totalDiffers() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let raw = try await daemon.connectRaw()
            let name = Town.Terminal.pharmacy
            let seal = try SessionSeal(
                try #require(await raw.signOn(as: name)), daemon: daemon, terminal: name)
            let sale = patient.purchase(1_000)
            let changes: [(Reason, (inout SettleCommand) -> Void)] = [
                (.totalDiffers, { $0.total = Money(fen: 1_001) }),
                (.totalDiffers, { $0.total = Money(fen: 999) }),
                (.totalDiffers, { $0.total = .zero }),
                (.lineAmountInvalid, { $0.lines[0].amount = Money(fen: 1_002) }),
                (.lineAmountInvalid, { $0.lines[0].amount = .zero }),
                (.lineAmountInvalid, { $0.lines[0].quantity = Quantity(thousandths: -1) }),
                (.lineAmountInvalid, { $0.lines[0].amount = Money(fen: .max) }),
            ]
            for (id, (reason, change)) in changes.enumerated() {
                var command = sale.command
                change(&command)
                let header = RequestHeader(
                    businessDate: Town.today, stan: STANs.next(), terminalTime: 0)
                raw.send(
                    RequestKind.settle.rawValue, UInt32(id),
                    RequestEncoder.settle(header, command, pinBlock: try seal.block(sale)))
                let answer = try #require(try await raw.response())
                #expect(answer.code == "13", "\(id): \(answer.result)")
                #expect(answer.result.reason == reason, "\(id): \(answer.result)")
            }
            #expect(try await Books(daemon).balance(of: patient) == 10_000)
            #expect(try await Books(daemon).settlements(of: patient).isEmpty)
            await raw.close()
        }

        @Test(
            """
            31. Catalog changes between quote and settle: the service date decides; if the split \
            differs from the quote the terminal named: 19.
            """)
        func catalogChanges() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[1]
                let terminal = try await daemon.connect(Town.Terminal.hospital)
                let today = patient.sale([line(Town.medicine, 10_000)], .outpatient)
                let yesterday = today.with { $0.serviceDate = Town.yesterday }
                let quotes = [try await terminal.quote(today), try await terminal.quote(yesterday)]
                #expect(quotes.allSatisfy { $0.code == "00" })
                #expect(quotes.compactMap { $0.settlement?.split.inScope.fen } == [10_000, 10_000])

                // From today on the medicine is out of payment scope.
                let changed = Town.catalog(version: 2) { entry in
                    if entry.code == Town.medicine { entry.level = .none }
                }
                try await daemon.register([
                    .catalog(CatalogRow(effectiveFrom: Town.today, catalog: changed))
                ])
                let stale = try await terminal.settle(
                    today.with { $0.quoteDigest = quotes[0].settlement?.quoteDigest ?? 0 })
                #expect(stale.code == "19" && stale.result.reason == .quoteDiffers)
                #expect(try await Books(daemon).balance(of: patient) == 100_000)
                let standing = try await terminal.settle(
                    yesterday.with { $0.quoteDigest = quotes[1].settlement?.quoteDigest ?? 0 })
                #expect(standing.code == "00")
                #expect(standing.settlement?.catalogVersion.rawValue == 1)
                #expect(standing.settlement?.split.parts.map(\.reason) == [.levelA])

                let requoted = try #require(try await terminal.quote(today).settlement)
                #expect(requoted.catalogVersion.rawValue == 2)
                let fresh = try await terminal.settle(
                    today.with { $0.quoteDigest = requoted.quoteDigest })
                #expect(fresh.code == "00")
                #expect(fresh.settlement?.split.parts.map(\.reason) == [.notInPaymentScope])
                #expect(try await terminal.echo().code == "00")
            }
        }

        @Test("32. A quote 1,000 times: nothing changed.")
        func quotesChangeNothing() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[2]
                let books = Books(daemon)
                let terminal = try await daemon.connect(Town.Terminal.hospital)
                let lines = [line(Town.medicine, 200_000), line(Town.scan, 30_000)]
                let sale = patient.sale(lines, .outpatient, partial: true)
                let before = (try await books.account(of: patient), try await books.balances())
                let digests = try await withThrowingTaskGroup(of: UInt64?.self) { group in
                    for _ in 1...1_000 {
                        group.addTask { try await terminal.quote(sale).settlement?.quoteDigest }
                    }
                    return try await group.reduce(into: Set<UInt64?>()) { $0.insert($1) }
                }
                #expect(digests.count == 1 && digests.first != .some(nil))
                #expect(try await books.account(of: patient) == before.0)
                #expect(try await books.balances() == before.1)
                #expect(try await books.accumulators(of: patient).isEmpty)
                #expect(try await books.settlements(of: patient).isEmpty)
                let settled = try await terminal.settle(
                    sale.with { $0.quoteDigest = digests.first.flatMap { $0 } ?? 0 })
                #expect(settled.result.code.isApproval)
            }
        }

        @Test("33. Family link revoked between quote and settle: 19, never silently cash.")
        func linkRevoked() async throws {
            let daemon = try await SharedDaemon.town.running()
            let (owner, member) = (Patient.new(balance: 10_000), Patient.new())
            try await daemon.admit(owner, member)
            try await daemon.register([member.linked(to: [(owner, yearlyLimit: nil)])])
            let terminal = try await daemon.connect()
            for partial in [false, true] {
                try await daemon.register([member.linked(to: [(owner, yearlyLimit: nil)])])
                let sale = member.purchase(4_000, partial: partial)
                let quote = try #require(try await terminal.quote(sale).settlement)
                #expect(quote.split.family == Money(fen: 4_000) && quote.split.cash == .zero)
                try await daemon.register([member.linked(to: [])])
                let answer = try await terminal.settle(
                    sale.with { $0.quoteDigest = quote.quoteDigest })
                #expect(answer.code == "19" && answer.result.reason == .quoteDiffers)
            }
            #expect(try await Books(daemon).balance(of: owner) == 10_000)
            #expect(try await Books(daemon).settlements(of: member).isEmpty)
            await terminal.close()
        }
    }
}
