import ArgumentParser
import Foundation
import Simulation

/// `settle-simulate`: runs simulations until one fails or it is stopped.
@main
struct SettleSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle-simulate",
        abstract:
            "Simulates daemons, store, network and terminals from seeds, and checks every fen.")

    @Option(help: "The first seed; the next ones follow it.")
    var seed: UInt64 = .random(in: 0...UInt64(UInt32.max))

    @Option(help: "How many seeds; none: until stopped.")
    var count: Int?

    @Option(help: "How long the trouble of a run lasts, in steps.")
    var steps = 4_000

    @Option(help: "shared: a database of several daemons; sqlite: files that fail.")
    var store = Simulation.Options.Store.shared

    @Flag(help: "No seeds: each single call on the files of a short run goes wrong, in each way.")
    var everyCall = false

    @Option(help: "With --every-call, one way to go wrong: \(SettleSimulate.faults).")
    var fault: SingleFault.Kind?

    @Option(help: "With --every-call, the first call that goes wrong, from 1.")
    var from = 1

    @Option(help: "What is left out, separated by commas: \(SettleSimulate.ingredients).")
    var without = ""

    @Option(help: "The terminals that do anything: 0-3,7.")
    var terminals: NumberSet?

    @Option(help: "The steps in which anything happens: 1-40,55.")
    var turns: NumberSet?

    @Option(help: "A defect of the store, to see that it is found: \(SettleSimulate.flaws).")
    var flaw: Flaw?

    @Option(help: "A failing run is made smaller by so many runs at most; 0: not at all.")
    var minimise = 600

    private static let ingredients = Ingredient.allCases.map(\.rawValue).joined(separator: ", ")
    private static let faults = SingleFault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    private static let flaws = Flaw.allCases.map(\.rawValue).joined(separator: ", ")
    private static let eventsShown = 40

    func run() throws {
        if everyCall { try runEveryCall() } else { try runSeeds() }
    }

    private func runEveryCall() throws {
        for kind in fault.map({ [$0] }) ?? SingleFault.Kind.allCases {
            var met: [String: Int] = [:]
            var number = from
            do {
                while let call = try ShortRun(SingleFault(number, kind)).run().met {
                    met[call, default: 0] += 1
                    number += 1
                    print("\r\(kind): \(number) calls", terminator: "")
                    fflush(nil)
                }
            } catch {
                print("\n\(SingleFault(number, kind)): \(error)")
                print("Scripts/simulate --every-call --fault \(kind) --from \(number)")
                throw ExitCode.failure
            }
            let counts = met.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            print("\r\(kind): \(counts.joined(separator: ", "))")
        }
    }

    private func runSeeds() throws {
        var entries = 0
        var deaths = 0
        var done = 0
        var questions = 0
        var decided: [String: Int] = [:]
        while count.map({ done < $0 }) ?? true {
            let options = try options(of: seed &+ UInt64(done))
            do {
                let report = try Simulation(options).run()
                entries += report.entries
                deaths += report.deaths
                questions += report.questions
                decided.merge(report.decided) { $0 + $1 }
            } catch {
                print("\nseed \(options.seed), store \(store), \(steps) steps: \(error)")
                explain(options)
                throw ExitCode.failure
            }
            done += 1
            print(
                "\r\(done) runs, last seed \(options.seed): \(entries) entries checked, "
                    + "\(deaths) deaths", terminator: "")
            fflush(nil)
        }
        print("\n\(questions) questions answered; decided:")
        for (kind, count) in decided.sorted(by: { $0.key < $1.key }) {
            print("  \(kind): \(count)")
        }
    }

    private func options(of seed: UInt64) throws -> Simulation.Options {
        var options = Simulation.Options(seed: seed, store: store, steps: steps, flaw: flaw)
        for word in without.split(separator: ",") {
            guard let ingredient = Ingredient(rawValue: String(word)) else {
                throw ValidationError("--without: \(word) is none of \(Self.ingredients)")
            }
            options.without.insert(ingredient)
        }
        if let terminals { options.terminals = terminals }
        options.turns = turns
        return options
    }

    /// Makes a failing run smaller, and prints it.
    private func explain(_ options: Simulation.Options) {
        guard minimise > 0, var minimiser = Minimiser(options, runsMax: minimise) else { return }
        minimiser.minimise()
        print("\nthe smallest run that fails:\n    \(minimiser.options.commandLine)\n")
        print("its last events:")
        for event in minimiser.trace(lines: Self.eventsShown) { print("    \(event)") }
    }
}

extension Simulation.Options.Store: ExpressibleByArgument {}
extension Flaw: ExpressibleByArgument {}
extension SingleFault.Kind: ExpressibleByArgument {}

extension NumberSet: ExpressibleByArgument {
    /// Reads `1-40,55`.
    public init?(argument: String) { self.init(argument) }
}
