import Foundation
import SettlementDomain
import Testing

@Suite("The golden splits of Protocol/Vectors/splits")
struct VectorTests {
    @Test("every golden split is recomputed to the fen", arguments: Vector.files)
    func recomputes(_ file: URL) throws {
        let vector = try JSONDecoder().decode(Vector.self, from: Data(contentsOf: file))
        let lines = try vector.makeLines()
        let total = lines.reduce(Money.zero) { $0 + $1.amount }
        #expect(Bill.problem(of: lines, total: total) == nil)
        let split = try vector.makeSplit()
        #expect(split.brokenIdentity() == nil)
        #expect(split.totals == vector.expected.split)
        #expect(split.parts.map(Vector.Part.init) == vector.expected.parts)
        #expect(
            split.plans.map { Vector.Plan(plan: $0.plan.text, amount: $0.amount.fen) }
                == vector.expected.plans)
        #expect(
            split.owners.map { Vector.Owner(owner: $0.owner.description, amount: $0.amount.fen) }
                == vector.expected.owners)
        let code = split.shortfall == .zero ? 0 : vector.partialAllowed ? 10 : 51
        #expect(code == vector.expected.code)
    }

    @Test("the folder of golden splits is found and has at least twelve")
    func foundAll() {
        #expect(Vector.files.count >= 12)
    }
}
