import Simulation
import Testing

@Suite struct SimulationTests {
    @Test func everyAnswerAndBalanceIsTheModelsOnADatabaseOfSeveralDaemons() throws {
        let met = try runs(1...36, .shared)
        // The runs met what they are for.
        #expect(met.deaths > 60)
        #expect(met.questions > 1_000)
        #expect(
            met.codes.isSuperset(of: [
                0, 3, 10, 12, 13, 14, 19, 21, 41, 51, 54, 55, 57, 58, 64, 75, 77, 79, 90, 91, 94,
                95, 96, 99,
            ]))
        #expect(met.approved.isSuperset(of: Self.kinds))
    }

    @Test func everyAnswerAndBalanceIsTheModelsOnFilesThatFailAndAreTorn() throws {
        let met = try runs(1...16, .sqlite)
        #expect(met.deaths > 40)
        #expect(met.codes.isSuperset(of: [0, 10, 13, 21, 51, 55, 79, 91, 94]))
    }

    /// Seeds whose runs have failed, as the requests of a seed were when they did.
    ///
    /// Both: a reissue whose new PIN could not be used and whose card would have expired.
    @Test(arguments: [
        Simulation.Options(seed: 50_116, store: .sqlite), Simulation.Options(seed: 60_099),
    ])
    func whatFailedOnceDoesNotFailAgain(_ options: Simulation.Options) throws {
        #expect(try run(options).entries > 0)
    }

    /// Of what every kind is approved in some run.
    private static let kinds: Set<String> = [
        "cardInquiry", "quote", "settle", "void", "refund", "reversal", "admit", "feeUpload",
        "feeCancel", "discharge", "dischargeQuote", "transactionList", "monthlyEntries",
        "contributionRecords", "accessLog", "contributionPayment", "contributionDeclaration",
        "familyLink", "familyUnlink", "familyList", "pinChange", "lossReport", "lossWithdrawal",
        "cardReissue", "pinUnlock", "claimSubmit", "claimReview", "claimDecide", "claimPay",
    ]

    @Test func theSameSeedGivesTheSameRun() throws {
        let options = Simulation.Options(seed: 4_711)
        let first = try run(options)
        let second = try run(options)
        #expect(first.digest == second.digest)
        #expect(first.entries == second.entries && first.entries > 50)
    }

    @Test(arguments: Flaw.allCases) func aStoreWithAFlawIsFoundOut(_ flaw: Flaw) {
        #expect(Self.failing(flaw) != nil)
    }

    @Test func aFailingRunIsMadeSmallerAndStillFails() throws {
        let found = try #require(Self.failing(.keepsOldPINs))
        var minimiser = try #require(Minimiser(found, runsMax: 200))
        minimiser.minimise()
        let smallest = minimiser.options
        let turns = try #require(smallest.turns).numbers.filter { $0 <= smallest.steps }
        #expect(turns.count * 4 < found.steps)
        #expect(!smallest.without.isEmpty)
        #expect(smallest.commandLine.contains("--flaw keepsOldPINs"))
        #expect(throws: (any Error).self) { try Simulation(smallest).run() }
        // The last event is what is wrong, behind what led to it.
        let trace = minimiser.trace(lines: 10)
        #expect(trace.last == minimiser.violation)
        #expect(trace.count > 1)
    }

    @Test func aRunWithoutTurnsIsAQuietOne() throws {
        var options = Simulation.Options(seed: 3)
        options.turns = NumberSet([])
        #expect(try run(options).answers.isEmpty)
    }

    /// The first run that finds a flaw.
    private static func failing(_ flaw: Flaw) -> Simulation.Options? {
        let store: Simulation.Options.Store = flaw == .forgetsSyncs ? .sqlite : .shared
        return (1...60 as ClosedRange<UInt64>).lazy
            .map { Simulation.Options(seed: $0, store: store, flaw: flaw) }
            .first { (try? Simulation($0).run()) == nil }
    }

    /// What runs met.
    private struct Met {
        var codes: Set<Int> = []
        var approved: Set<String> = []
        var deaths = 0
        var questions = 0
    }

    private func runs(
        _ seeds: ClosedRange<UInt64>, _ store: Simulation.Options.Store
    ) throws -> Met {
        var met = Met()
        for seed in seeds {
            let report = try run(Simulation.Options(seed: seed, store: store))
            met.codes.formUnion(report.answers.keys)
            met.approved.formUnion(
                report.decided.keys.filter { $0.hasSuffix(" 00") }.map { String($0.dropLast(3)) })
            met.deaths += report.deaths
            met.questions += report.questions
        }
        return met
    }

    private func run(_ options: Simulation.Options) throws -> Simulation.Report {
        do {
            return try Simulation(options).run()
        } catch {
            Issue.record(
                "seed \(options.seed), store \(options.store), \(options.steps) steps: \(error)")
            throw error
        }
    }
}
