import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import Testing

@Suite("A terminal that stays with its key")
struct TerminalTests {
    private func approval(_ date: CivilDate) -> [UInt8] {
        ResponseEncoder.result(
            code: .approved, reason: .none, businessDate: date, time: FakeDaemon.time)
    }

    private func answer(_ code: ResponseCode) -> [UInt8] {
        ResponseEncoder.result(code: code, reason: .none, businessDate: nil, time: 1)
    }

    private static let patience = Terminal.Patience(attemptsMax: 4) { _ in }

    @Test("after a cut connection the same key and content go over a new session with a new block")
    func retriesWithTheSameKey() async throws {
        let material = try TestTerminal()
        let date = try Made.date(20_261_123)
        let asked = Mutex(0)
        let approval = approval(date)
        let daemon = try await material.daemon { _ in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return count < 3 ? .cut : .answer(approval)
        }
        let credentials = try material.credentials(for: daemon)
        let terminal = Terminal(
            credentials, at: try credentials.address(), counter: STANCounter(path: nil),
            patience: Self.patience)
        let answer = try #require(try await terminal.settle(try Made.sale()).answer)
        #expect(answer.response.result.code == .approved)
        #expect(answer.key == (try Made.key(1)))
        let messages = daemon.seen.compactMap { seen -> LedgerMessage? in
            if case .ledger(let message) = seen.request { message } else { nil }
        }
        #expect(messages.count == 3)
        #expect(Set(messages.map(\.voucher)).count == 1)
        #expect(Set(messages.map(\.pinBlock)).count == 3)
        #expect(daemon.connections == 3)
        await terminal.signOff()
        await daemon.stop()
    }

    @Test("codes 09, 90 and 91 ask again under the same key", arguments: [9, 90, 91] as [UInt8])
    func asksAgain(_ number: UInt8) async throws {
        let code = try #require(ResponseCode(rawValue: number))
        let material = try TestTerminal()
        let first = answer(code)
        let second = answer(.approved)
        let asked = Mutex(0)
        let daemon = try await material.daemon { _ in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return .answer(count == 1 ? first : second)
        }
        let credentials = try material.credentials(for: daemon)
        let terminal = Terminal(
            credentials, at: try credentials.address(), counter: STANCounter(path: nil),
            patience: Self.patience)
        let answer = try #require(try await terminal.settle(try Made.sale()).answer)
        #expect(answer.response.result.code == .approved)
        #expect(daemon.seen.map(\.request.header.stan) == [1, 1])
        #expect(daemon.connections == 1)
        await terminal.signOff()
        await daemon.stop()
    }

    @Test("a refusal is an answer: it is not tried again")
    func refusal() async throws {
        let material = try TestTerminal()
        let refused = answer(.insufficientFunds)
        let daemon = try await material.daemon { _ in .answer(refused) }
        let credentials = try material.credentials(for: daemon)
        let terminal = Terminal(
            credentials, at: try credentials.address(), counter: STANCounter(path: nil),
            patience: Self.patience)
        let sale = try Made.sale()
        let first = try #require(try await terminal.settle(sale).answer)
        #expect(first.response.result.code == .insufficientFunds)
        #expect(try await terminal.settle(sale).answer?.key.stan == 2)
        #expect(daemon.seen.count == 2)
        await terminal.signOff()
        await daemon.stop()
    }
}
