import Simulation
import Testing

@Suite struct SimulationTests {
    /// Runs that have found something, each with what it was.
    static let found: [(options: Simulation.Options, what: String)] = [
        (
            Simulation.Options(seed: 77, store: .sqlite),
            "commits were appended to a log of which a sync had failed, and lost with it"
        ),
        (
            Simulation.Options(seed: 255, store: .sqlite),
            "a torn log was copied into the file when its last connection was closed"
        ),
        (
            Simulation.Options(seed: 10, store: .sqlite),
            "a log was copied into the file after a sync of it had failed"
        ),
        (
            Simulation.Options(seed: 27, store: .sqlite),
            "a past day's family limit was looked at or not, depending on what was drawn since"
        ),
    ]

    @Test func everyAnswerAndBalanceIsTheModelsOnADatabaseOfSeveralDaemons() throws {
        let (codes, deaths) = try runs(1...60, .shared)
        // The runs met what they are for.
        #expect(deaths > 100)
        #expect(
            codes.isSuperset(of: [
                0, 3, 10, 12, 13, 14, 19, 21, 51, 55, 57, 58, 64, 75, 77, 79, 90, 91, 94, 96, 99,
            ]))
    }

    @Test func everyAnswerAndBalanceIsTheModelsOnFilesThatFailAndAreTorn() throws {
        let (codes, deaths) = try runs(1...40, .sqlite)
        #expect(deaths > 100)
        #expect(codes.isSuperset(of: [0, 10, 13, 21, 51, 55, 79, 91, 94, 96]))
    }

    @Test(arguments: found.indices) func whatASeedHasFoundIsNotFoundAnyMore(_ index: Int) throws {
        _ = try run(Self.found[index].options)
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        let options = Simulation.Options(seed: 4_711)
        let first = try run(options)
        let second = try run(options)
        #expect(first.digest == second.digest)
        #expect(first.entries == second.entries && first.entries > 50)
    }

    @Test(arguments: Flaw.allCases) func aStoreWithAFlawIsFoundOut(_ flaw: Flaw) {
        let store: Simulation.Options.Store = flaw == .forgetsSyncs ? .sqlite : .shared
        let isFound = (1...60 as ClosedRange<UInt64>).contains { seed in
            let options = Simulation.Options(seed: seed, store: store, flaw: flaw)
            return (try? Simulation(options).run()) == nil
        }
        #expect(isFound)
    }

    private func runs(
        _ seeds: ClosedRange<UInt64>, _ store: Simulation.Options.Store
    ) throws -> (codes: Set<Int>, deaths: Int) {
        var codes: Set<Int> = []
        var deaths = 0
        for seed in seeds {
            let report = try run(Simulation.Options(seed: seed, store: store))
            codes.formUnion(report.answers.keys)
            deaths += report.deaths
        }
        return (codes, deaths)
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
