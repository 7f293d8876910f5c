import SettlementDomain
import Testing

@Suite("Trace codes")
struct TraceCodeTests {
    private func sort(
        _ lines: [(thousandths: Int64, codes: [String])], kind: ItemKind = .westernMedicine,
        from: CivilDate? = Fixtures.day, sold: [String] = []
    ) throws -> [SortingReason] {
        let entry = try Fixtures.entry("X1", kind)
        let bill = try lines.map { line in
            Fixtures.line(
                entry.code, thousandths: line.thousandths,
                traceCodes: try line.codes.map { try #require(TraceCode($0)) })
        }
        return Sorting.sort(
            bill, visit: try Fixtures.visit(),
            catalog: Catalog(version: CatalogVersion(rawValue: 1), entries: [entry]),
            policy: try Fixtures.policy(traceCodesRequiredFrom: from),
            isSold: { sold.contains($0.text) }
        ).map(\.reason)
    }

    @Test("one code a whole unit; a part of a unit needs none")
    func oneAUnit() throws {
        #expect(try sort([(2000, ["A"])]) == [.traceCodeMissing])
        #expect(try sort([(2000, ["A", "B"])]) == [.levelA])
        #expect(try sort([(2999, ["A", "B"])]) == [.levelA])
        #expect(try sort([(999, [])]) == [.levelA])
        #expect(try sort([(1000, [])]) == [.traceCodeMissing])
    }

    @Test("a code that is sold, here or before, gets no money")
    func sold() throws {
        #expect(try sort([(1000, ["A"])], sold: ["A"]) == [.traceCodeUsed])
        #expect(try sort([(1000, ["A"]), (1000, ["A"])]) == [.levelA, .traceCodeUsed])
        #expect(try sort([(2000, ["A", "A"])]) == [.traceCodeUsed])
        #expect(try sort([(1000, ["A", "B"]), (1000, ["B"])]) == [.levelA, .traceCodeUsed])
    }

    @Test("a line that gets no money takes no code")
    func notTaken() throws {
        let reasons = try sort([(2000, ["A"]), (1000, ["A"])])
        #expect(reasons == [.traceCodeMissing, .levelA])
        let used = try sort([(2000, ["S", "A"]), (1000, ["A"])], sold: ["S"])
        #expect(used == [.traceCodeUsed, .levelA])
    }

    @Test("they are asked for from the policy's day on, for medicines with packages only")
    func whereAsked() throws {
        #expect(try sort([(1000, [])], from: Fixtures.day.adding(days: 1)) == [.levelA])
        #expect(try sort([(1000, [])], from: nil, sold: ["A"]) == [.levelA])
        for kind in ItemKind.allCases where kind != .nonTreatment && kind != .healthProduct {
            let reason = try sort([(1000, [])], kind: kind)
            #expect((reason == [.traceCodeMissing]) == kind.hasTraceCodes)
        }
    }
}
