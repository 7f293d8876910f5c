import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import Testing

@Suite("A terminal that does what the rules demand when an answer is lost")
struct PaymentTests {
    @Test("a sale whose answer is lost for good is reversed under a key of its own, and done with")
    func reversed() async throws {
        let scene = try await Scene { seen in
            seen.request.kind == .settle ? .cut : .answer(Scene.result(.approved))
        }
        do {
            let terminal = try scene.terminal()
            let conclusion = try await terminal.settle(try Made.sale())
            guard case .reversed(let item, _) = conclusion else {
                Issue.record("\(conclusion)")
                return
            }
            #expect(item.key == (try Made.key(1)))
            await terminal.signOff()
        }
        #expect(scene.seen == ["settle 1", "settle 1", "settle 1", "reversal 2", "signOff 0"])
        guard case .reversal(let reversal) = scene.daemon.seen[3].request else { return }
        #expect(reversal.originalSTAN == 1)
        #expect(try reversal.total == Made.sale().total)
        #expect(try scene.open().isEmpty)
        await scene.daemon.stop()
    }

    @Test("after 96 the status tells: its recorded answer is the sale's answer")
    func statusTells() async throws {
        let approved = Scene.result(.approved)
        let scene = try await Scene { seen in
            switch seen.request.kind {
            case .settle: .answer(Scene.result(.malfunction, .outcomeUnknown))
            default: .answer(Scene.status(.approved, approved))
            }
        }
        let terminal = try scene.terminal()
        let answer = try #require(try await terminal.settle(try Made.sale()).answer)
        #expect(answer.response.result.code == .approved)
        #expect(scene.seen == ["settle 1", "settlementStatus 1"])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("after 96 and a status that has never seen it, the sale is reversed")
    func statusDoesNotTell() async throws {
        let scene = try await Scene { seen in
            switch seen.request.kind {
            case .settle: .answer(Scene.result(.malfunction, .outcomeUnknown))
            case .reversal: .answer(Scene.result(.approved, .originalNotSeen))
            default: .answer(Scene.status(.neverSeen))
            }
        }
        let terminal = try scene.terminal()
        guard case .reversed = try await terminal.settle(try Made.sale()) else {
            Issue.record("not reversed")
            return
        }
        #expect(scene.seen == ["settle 1", "settlementStatus 1", "reversal 2"])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("91 to the last says that nothing was executed: no reversal; 91 after a cut does not")
    func unavailable() async throws {
        let asked = Mutex(0)
        let scene = try await Scene { seen in
            guard seen.request.kind == .settle else { return .answer(Scene.result(.approved)) }
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return count == 4 ? .cut : .answer(Scene.result(.unavailable, .overloaded))
        }
        let terminal = try scene.terminal()
        let first = try #require(try await terminal.settle(try Made.sale()).answer)
        #expect(first.response.result.code == .unavailable)
        guard case .reversed = try await terminal.settle(try Made.sale()) else {
            Issue.record("not reversed")
            return
        }
        #expect(
            scene.seen == [
                "settle 1", "settle 1", "settle 1", "settle 2", "settle 2", "settle 2",
                "reversal 3",
            ])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("a reversal that cannot be delivered survives restarts under its own key until answered")
    func undelivered() async throws {
        let isUp = Mutex(false)
        let scene = try await Scene { _ in
            isUp.withLock { $0 } ? .answer(Scene.result(.approved)) : .cut
        }
        do {
            let terminal = try scene.terminal(attempts: 2)
            guard case .open = try await terminal.settle(try Made.sale()) else {
                Issue.record("not open")
                return
            }
        }
        for _ in 1...3 {
            let terminal = try scene.terminal(attempts: 2)
            #expect(try await terminal.resolveOpenItems().count == 1)
        }
        isUp.withLock { $0 = true }
        do {
            let terminal = try scene.terminal(attempts: 2)
            #expect(try await terminal.resolveOpenItems().count == 1)
            await terminal.signOff()
        }
        let reversals = scene.daemon.seen.compactMap { seen -> ReversalRequest? in
            if case .reversal(let reversal) = seen.request { reversal } else { nil }
        }
        #expect(reversals.count == 9)
        #expect(Set(reversals.map(\.header.stan)) == [2])
        #expect(Set(reversals.map(\.voucher)).count == 1)
        #expect(try scene.open().isEmpty)
        await scene.daemon.stop()
    }

    @Test("a reversal that is refused stays open with its code, and is not sent again")
    func refused() async throws {
        let scene = try await Scene { seen in
            seen.request.kind == .settle
                ? .cut : .answer(Scene.result(.noActionTaken, .furtherActivity))
        }
        do {
            let terminal = try scene.terminal()
            guard case .open(let item, _) = try await terminal.settle(try Made.sale()) else {
                Issue.record("not open")
                return
            }
            #expect(item.stage == .refused(.noActionTaken, .furtherActivity))
            let count = scene.seen.count
            let again = try await terminal.resolveOpenItems()
            guard case .open(item, nil)? = again.first, again.count == 1 else {
                Issue.record("\(again)")
                return
            }
            #expect(scene.seen.count == count)
            try await terminal.settleOpenItem(item.key)
            await terminal.signOff()
        }
        #expect(try scene.open().isEmpty)
        await scene.daemon.stop()
    }

    @Test("a sale is on disk before it is sent, and until its answer was handed out")
    func onDisk() async throws {
        let seenOpen = Mutex<[Int]>([])
        let path = Mutex("")
        let scene = try await Scene { _ in
            let text = (try? String(contentsOfFile: path.withLock { $0 }, encoding: .utf8)) ?? ""
            seenOpen.withLock { $0.append(text.split(separator: "\n").count) }
            return .answer(Scene.result(.approved))
        }
        path.withLock { $0 = scene.material.directory + "/terminal.open" }
        let terminal = try scene.terminal()
        let conclusion = try await terminal.settle(try Made.sale()) { _ in
            let text = (try? String(contentsOfFile: path.withLock { $0 }, encoding: .utf8)) ?? ""
            seenOpen.withLock { $0.append(text.split(separator: "\n").count) }
        }
        #expect(conclusion.answer != nil)
        #expect(seenOpen.withLock { $0 } == [1, 1])
        // Nothing is open: no card number is left behind.
        #expect(try String(contentsOfFile: path.withLock { $0 }, encoding: .utf8).isEmpty)
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("what a terminal that stopped in the middle had sent is reversed at its next start")
    func stoppedInTheMiddle() async throws {
        let scene = try await Scene { seen in
            seen.request.kind == .reversal
                ? .answer(Scene.result(.approved)) : .answer(Scene.status(.neverSeen))
        }
        do {
            let items = try OpenItems(of: try scene.material.credentials(for: scene.daemon))
            try items.note(
                OpenItem(
                    key: try Made.key(41), kind: .void, card: try Made.sale().card,
                    total: Money(fen: 900)))
        }
        let terminal = try scene.terminal()
        guard case .reversed? = try await terminal.resolveOpenItems().first,
            case .reversal(let reversal) = scene.daemon.seen.last?.request
        else {
            Issue.record("no reversal")
            return
        }
        #expect(reversal.originalSTAN == 41 && reversal.total == Money(fen: 900))
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("where the daemon cannot be reached nothing was sent: no item is left")
    func unreachable() async throws {
        let scene = try await Scene { _ in .ignore }
        await scene.daemon.stop()
        do {
            let terminal = try scene.terminal()
            let sale = try Made.sale()
            await #expect(throws: ClientFault.self) { _ = try await terminal.settle(sale) }
        }
        #expect(try scene.open().isEmpty)
    }
}
