import Foundation
import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Lines of contributions as they come")
struct ContributionLineTests {
    private func page(_ change: (inout WireContributionDeclaration) -> Void) -> ByteBuffer {
        var wire = WireContributionDeclaration()
        wire.businessDate = 20_261_123
        wire.stan = 1
        wire.declaration = "d"
        wire.firstLine = 1
        wire.lines = [WireContributionLine()]
        change(&wire)
        return ByteBuffer(bytes: wire.bodyBytes)
    }

    private func lines(
        _ change: (inout WireContributionDeclaration) -> Void
    ) throws -> [ContributionLine] {
        let request = try RequestDecoder.decode(.contributionDeclaration, page(change))
        guard case .ledger(let message) = request,
            case .contribute(.declare(let page)) = message.command
        else { return [] }
        return page.lines
    }

    @Test("what is no UTF-8, no ID number, no period is nil in its own line; the page is read")
    func broken() throws {
        let read = try lines { wire in
            wire.lines[0].name = Data([0xe5, 0x28])
            wire.lines[0].idNumber = Data("990101198001010010".utf8)
            wire.lines[0].period = 202_613
            wire.lines[0].base = .min
            wire.lines[0].employer = Data([0xff])
            wire.lines.append(WireContributionLine())
            wire.lines[1].name = Data(repeating: 0x41, count: 91)
        }
        let first = try #require(read.first)
        #expect(first.name == nil && first.idNumber == nil && first.period == nil)
        #expect(first.base.fen == .min && first.employer == .unreadable)
        #expect(read.map(\.name) == [nil, nil])
        #expect(read.last?.employer == .registered)
    }

    @Test("a page without lines, with too many, without name or number is refused by its field")
    func pages() throws {
        let wrong: [(String, (inout WireContributionDeclaration) -> Void)] = [
            ("lines", { $0.lines = [] }),
            ("lines", { $0.lines = Array(repeating: WireContributionLine(), count: 201) }),
            ("declaration", { $0.declaration = "" }),
            ("declaration", { $0.declaration = String(repeating: "x", count: 33) }),
            ("first_line", { $0.firstLine = 0 }),
            ("first_line", { $0.firstLine = .max }),
        ]
        for (field, change) in wrong {
            do {
                _ = try RequestDecoder.decode(.contributionDeclaration, page(change))
                Issue.record("\(field) was read")
            } catch {
                #expect(error.code == .formatError)
                #expect(error.detail.contains("contribution_declaration.\(field)"))
            }
        }
    }
}
