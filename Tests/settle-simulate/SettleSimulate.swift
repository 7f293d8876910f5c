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

    func run() throws {
        if everyCall { try runEveryCall() } else { try runSeeds() }
    }

    private func runEveryCall() throws {
        for kind in SingleFault.Kind.allCases {
            var met: [String: Int] = [:]
            var number = 1
            do {
                while let call = try ShortRun(SingleFault(number, kind)).run().met {
                    met[call, default: 0] += 1
                    number += 1
                    print("\r\(kind): \(number) calls", terminator: "")
                    fflush(nil)
                }
            } catch {
                print("\n\(SingleFault(number, kind)): \(error)")
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
        var codes: [Int: Int] = [:]
        while count.map({ done < $0 }) ?? true {
            let seed = seed &+ UInt64(done)
            do {
                let report = try Simulation(
                    Simulation.Options(seed: seed, store: store, steps: steps)
                ).run()
                entries += report.entries
                deaths += report.deaths
                codes.merge(report.answers) { $0 + $1 }
            } catch {
                print("\nseed \(seed), store \(store), \(steps) steps: \(error)")
                throw ExitCode.failure
            }
            done += 1
            print(
                "\r\(done) runs, last seed \(seed): \(entries) entries checked, \(deaths) deaths",
                terminator: "")
            fflush(nil)
        }
        print()
        print(
            "answers by code:",
            codes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(
                separator: ", "))
    }
}

extension Simulation.Options.Store: ExpressibleByArgument {}
