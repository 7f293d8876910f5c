import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Concurrency")
    struct ConcurrencyTests {
        @Test(
            "20. Two debits of 60.00 on 100.00 at once, without partial approval: exactly one 00."
        )
        func twoDebits() async throws {
            let daemon = try await SharedDaemon.town.running()
            let one = try await daemon.connect()
            let two = try await daemon.connect(Town.Terminal.otherPharmacy)
            for _ in 1...10 {
                let patient = Patient.new(balance: 10_000)
                try await daemon.admit(patient)
                async let first = one.settle(patient.purchase(6_000))
                async let second = two.settle(patient.purchase(6_000))
                let codes = try await [first.code, second.code].sorted()
                #expect(codes == ["00", "51"])
                #expect(try await Books(daemon).balance(of: patient) == 4_000)
            }
            await one.close()
            await two.close()
        }

        @Test(
            """
            21. An owner and two relatives spend at once: the owner never below zero, no yearly \
            limit passed.
            """)
        func family() async throws {
            let daemon = try await SharedDaemon.town.running()
            try await spendAtOnce(at: [daemon, daemon, daemon])
        }
    }
}

/// An owner and two relatives each spend 300.00 in parts of 3.00, where 200.00 are there for all three and
/// one relative has a limit of 50.00 a year.
func spendAtOnce(at daemons: [RunningDaemon]) async throws {
    let owner = Patient.new(balance: 20_000)
    let relatives = [Patient.new(), Patient.new()]
    try await daemons[0].admit(owner, relatives[0], relatives[1])
    try await daemons[0].register([
        relatives[0].linked(to: [(owner, yearlyLimit: 5_000)]),
        relatives[1].linked(to: [(owner, yearlyLimit: 30_000)]),
    ])
    let terminals = [
        try await daemons[0].connect(),
        try await daemons[1].connect(Town.Terminal.secondPharmacy),
        try await daemons[2].connect(Town.Terminal.otherPharmacy),
    ]
    let spenders = [owner] + relatives
    let spent = try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
        for (index, terminal) in terminals.enumerated() {
            group.addTask {
                var sum: Int64 = 0
                for _ in 1...100 {
                    let answer = try await terminal.settle(
                        spenders[index].purchase(300, partial: true))
                    let split = try #require(answer.settlement?.split, "\(answer.verdict)")
                    #expect(answer.brokenIdentity == nil)
                    #expect((answer.code == "00") == (split.cash == .zero))
                    sum += split.account.fen + split.family.fen
                }
                return (index, sum)
            }
        }
        return try await group.reduce(into: [Int: Int64]()) { $0[$1.0] = $1.1 }
    }
    #expect(spent.values.reduce(0, +) == 20_000)
    #expect((spent[1] ?? 0) <= 5_000)
    for daemon in daemons {
        #expect(try await Books(daemon).balance(of: owner) == 0)
        #expect(try await Books(daemon).faults() == [])
    }
    for terminal in terminals { await terminal.close() }
}
