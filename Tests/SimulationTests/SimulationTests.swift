import Simulation
import Testing

@Suite struct SimulationTests {
    /// Seeds that have found something, each with what it was.
    static let found: [(seed: UInt64, what: String)] = []

    @Test func everyAnswerAndBalanceIsTheModelsUnderFaultsOfEveryKind() throws {
        var codes: Set<Int> = []
        var deaths = 0
        for seed: UInt64 in 1...60 {
            let report = try run(Simulation.Options(seed: seed))
            codes.formUnion(report.answers.keys)
            deaths += report.deaths
        }
        // The runs met what they are for.
        #expect(deaths > 100)
        #expect(
            codes.isSuperset(of: [
                0, 3, 10, 12, 13, 14, 19, 21, 51, 55, 57, 58, 64, 75, 77, 79, 90, 91, 94, 96, 99,
            ]))
    }

    @Test(arguments: found.indices) func aSeedThatFoundSomethingFindsNothingAnyMore(
        _ index: Int
    ) throws {
        _ = try run(Simulation.Options(seed: Self.found[index].seed))
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        let options = Simulation.Options(seed: 4_711)
        let first = try run(options)
        let second = try run(options)
        #expect(first.digest == second.digest)
        #expect(first.entries == second.entries && first.entries > 50)
    }

    @Test(arguments: Flaw.allCases) func aStoreWithAFlawIsFoundOut(_ flaw: Flaw) {
        let isFound = (1...60).contains { seed in
            (try? Simulation(Simulation.Options(seed: seed, flaw: flaw)).run()) == nil
        }
        #expect(isFound)
    }

    private func run(_ options: Simulation.Options) throws -> Simulation.Report {
        do {
            return try Simulation(options).run()
        } catch {
            Issue.record("seed \(options.seed), \(options.steps) steps: \(error)")
            throw error
        }
    }
}
