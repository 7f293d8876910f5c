import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import Testing

/// Counts, for reactions that differ from one request to the next.
private final class Count: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}

@Suite("A terminal that cannot know whether its request was executed")
struct LostAnswerTests {
    @Test("a daemon that is gone after the sale was sent leaves an open item")
    func gone() async throws {
        let scene = try await Scene { _ in .cut }
        do {
            let terminal = try scene.terminal(pause: { await scene.daemon.stop() })
            let conclusion = try await terminal.settle(try Made.sale())
            guard case .open(let item, .unreachable?) = conclusion else {
                Issue.record("\(conclusion)")
                return
            }
            // Its reversal has a key already, under the business date as last heard.
            #expect(item.stage == .reversing(try Made.key(2), time: item.time ?? 0))
        }
        #expect(scene.seen == ["settle 1"])
        #expect(try scene.open().map(\.key.stan) == [1])
    }

    @Test("a connection cut before the sale was sent leaves nothing open")
    func cutBefore() async throws {
        let scene = try await Scene { _ in .answer(Scene.result(.approved)) }
        do {
            let terminal = try scene.terminal()
            // Signs on; then the daemon goes, and the connection with it.
            try await terminal.connection().close()
            await scene.daemon.stop()
            let sale = try Made.sale()
            await #expect(throws: ClientFault.self) { try await terminal.settle(sale) }
        }
        #expect(scene.seen.isEmpty)
        #expect(try scene.open().isEmpty)
    }

    @Test("09 to the last says that it is executed somewhere: it is reversed")
    func executing() async throws {
        let scene = try await Scene { seen in
            .answer(Scene.result(seen.request.kind == .settle ? .executing : .approved))
        }
        let terminal = try scene.terminal()
        #expect(try await terminal.settle(try Made.sale()).reversed?.key == (try Made.key(1)))
        #expect(scene.seen == ["settle 1", "settle 1", "settle 1", "reversal 2"])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test(
        "a refusal that is not recorded is no answer to a sale that may have been executed before",
        arguments: [
            .unavailable, .dayClose, .pinBlockUnusable, .notPermittedToTerminal,
            .institutionInvalid, .formatError,
        ] as [ResponseCode])
    func refusedAfterCut(_ code: ResponseCode) async throws {
        let count = Count()
        let scene = try await Scene { seen in
            guard seen.request.kind == .settle else { return .answer(Scene.result(.approved)) }
            return count.next() == 1 ? .cut : .answer(Scene.result(code))
        }
        let terminal = try scene.terminal()
        #expect(try await terminal.settle(try Made.sale()).reversed != nil)
        #expect(scene.reversals.map(\.originalSTAN) == [1])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("a recorded refusal after a cut is the answer: nothing is reversed")
    func recordedRefusal() async throws {
        let count = Count()
        let scene = try await Scene { _ in
            count.next() == 1 ? .cut : .answer(Scene.result(.insufficientFunds))
        }
        let terminal = try scene.terminal()
        let answer = try #require(try await terminal.settle(try Made.sale()).answer)
        #expect(answer.response.result.code == .insufficientFunds)
        #expect(scene.seen == ["settle 1", "settle 1"])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test(
        "58 and 99 are asked again once over a new session under the same key, then are the answer",
        arguments: [.notPermittedToTerminal, .pinBlockUnusable] as [ResponseCode])
    func signsOnAgain(_ code: ResponseCode) async throws {
        let scene = try await Scene { _ in .answer(Scene.result(code)) }
        let terminal = try scene.terminal(attempts: 8)
        let answer = try #require(try await terminal.settle(try Made.sale()).answer)
        #expect(answer.response.result.code == code)
        #expect(scene.seen == ["settle 1", "settle 1"])
        #expect(scene.daemon.connections == 2)
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("after 96 the status is asked until it knows, through 96, 91 and cuts of its own")
    func statusUntilKnown() async throws {
        let count = Count()
        let approved = Scene.result(.approved)
        let scene = try await Scene { seen in
            guard seen.request.kind != .settle else {
                return .answer(Scene.result(.malfunction, .outcomeUnknown))
            }
            return switch count.next() {
            case 1: .answer(Scene.status(.executing))
            case 2: .answer(Scene.result(.malfunction))
            case 3: .cut
            case 4: .answer(Scene.result(.unavailable))
            default: .answer(Scene.status(.approved, approved))
            }
        }
        let terminal = try scene.terminal(attempts: 8)
        #expect(
            try await terminal.settle(try Made.sale()).answer?.response.result.code == .approved)
        #expect(scene.seen.count(where: { $0.hasPrefix("settlementStatus") }) == 5)
        #expect(scene.reversals.isEmpty)
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("after 96 and a status that cannot be had, the sale is reversed")
    func statusUnknown() async throws {
        let scene = try await Scene { seen in
            switch seen.request.kind {
            case .settle: .answer(Scene.result(.malfunction))
            case .settlementStatus: .answer(Scene.status(.executing))
            default: .answer(Scene.result(.approved, .originalNotSeen))
            }
        }
        let terminal = try scene.terminal()
        #expect(try await terminal.settle(try Made.sale()).reversed != nil)
        #expect(scene.reversals.map(\.originalSTAN) == [1])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test(
        "a void or refund whose answer is lost is reversed, so that the sale stands",
        arguments: [.void, .refund] as [RequestKind])
    func voidAndRefund(_ kind: RequestKind) async throws {
        let scene = try await Scene { seen in
            seen.request.kind == .reversal ? .answer(Scene.result(.approved)) : .cut
        }
        let terminal = try scene.terminal(attempts: 2)
        let (id, card) = (SettlementID(try Made.key(77)), try Made.card())
        let conclusion =
            kind == .void
            ? try await terminal.void(id, card: card, total: Money(fen: 900))
            : try await terminal.refund(
                id, card: card, lines: [RefundLine(line: 0, quantity: nil, traceCodes: [])])
        #expect(conclusion.reversed?.kind == kind)
        let reversal = try #require(scene.reversals.first)
        #expect(reversal.originalSTAN == 1 && reversal.card == card)
        #expect(reversal.total == (kind == .void ? Money(fen: 900) : .zero))
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("a task that is cancelled gives up: one attempt, then one reversal")
    func cancelled() async throws {
        let scene = try await Scene { seen in
            seen.request.kind == .settle ? .cut : .answer(Scene.result(.approved))
        }
        let terminal = try scene.terminal(attempts: 1000)
        let sale = try Made.sale()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await terminal.settle(sale)
        }
        #expect(try await task.value.reversed != nil)
        #expect(scene.seen == ["settle 1", "reversal 2"])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("a sale in progress is no open item to resolve, also while it is handed out")
    func busy() async throws {
        let scene = try await Scene { _ in .answer(Scene.result(.approved)) }
        let terminal = try scene.terminal()
        let answer = try await terminal.settle(try Made.sale()) { _ in
            let conclusions = try? await terminal.resolveOpenItems()
            #expect(conclusions?.isEmpty == true)
        }.answer
        #expect(answer != nil)
        #expect(scene.seen == ["settle 1"])
        await terminal.signOff()
        await scene.daemon.stop()
    }
}

extension OpenItem {
    /// When its reversal was made; nil where it has none.
    fileprivate var time: Int64? {
        if case .reversing(_, let time) = stage { time } else { nil }
    }
}
