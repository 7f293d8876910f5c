import Foundation
import Simulation
import Testing

/// Call after call of a short run goes wrong, until a run has none of that number.
@Suite struct NthFaultTests {
    /// One in so many calls: `SETTLED_CALL_STRIDE`, else 199.
    ///
    /// `Scripts/simulate --every-call` takes all.
    private static let stride =
        ProcessInfo.processInfo.environment["SETTLED_CALL_STRIDE"].flatMap { Int($0) } ?? 199
    /// The same of the calls that make a store, of which there are some hundred and twenty.
    private static let creationStride = min(stride, 29)

    @Test("without a fault every request of the short run is answered at once")
    func faultless() throws {
        let report = try ShortRun(nil).run()
        #expect(report.met == nil)
        #expect(report.answered == 17)
        #expect(report.answers.values.reduce(0, +) == report.answered)
        #expect(Set(report.answers.keys).isSuperset(of: [0, 55]))
        #expect(Set(report.answers.keys).isDisjoint(with: [91, 96]))
    }

    @Test(
        """
        whichever call on the store's files goes wrong, however it does: what was acknowledged is \
        there, nothing is done twice, and the store is sound
        """, arguments: SingleFault.Kind.allCases)
    func everyCall(_ kind: SingleFault.Kind) throws {
        var number = Self.stride / 3 + 1 - Self.stride
        var met: [String: Int] = [:]
        var answers: Set<Int> = []
        var violations = 0
        while violations < 5 {
            number += Self.stride
            let fault = SingleFault(number, kind)
            do {
                let report = try ShortRun(fault).run()
                guard let call = report.met else { break }
                met[call, default: 0] += 1
                answers.formUnion(report.answers.keys)
            } catch {
                Issue.record("\(fault): \(error)")
                violations += 1
            }
        }
        print(
            "short run, \(number) calls, \(kind):", met.sorted { $0.key < $1.key },
            answers.sorted())
        #expect(!met.isEmpty)
    }

    @Test(
        "whichever call goes wrong while a store is made: it is whole, or not there",
        arguments: SingleFault.Kind.allCases.filter { $0 != .losesPower })
    func everyCallOfTheMaking(_ kind: SingleFault.Kind) throws {
        var number = Self.creationStride / 3 + 1 - Self.creationStride
        while true {
            number += Self.creationStride
            let fault = SingleFault(number, kind)
            do {
                guard try StoreCreation.run(fault) != nil else { break }
            } catch {
                Issue.record("\(fault): \(error)")
                break
            }
        }
        #expect(number > 20)
    }
}
