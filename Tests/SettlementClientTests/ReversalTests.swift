import Foundation
import Ledger
@testable import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import Testing

@Suite("Open items after a restart, and reversals that are refused")
struct ReversalTests {
    private func item(_ stan: UInt32, _ kind: RequestKind = .settle) throws -> OpenItem {
        OpenItem(
            key: try Made.key(stan), kind: kind, card: try Made.card(), total: Money(fen: 5260))
    }

    @Test("what was refused before the stop is answered: it is not reversed")
    func refusedBefore() async throws {
        let recorded = Scene.result(.insufficientFunds)
        let scene = try await Scene { _ in .answer(Scene.status(.refused, recorded)) }
        try scene.leave(try item(41))
        do {
            let terminal = try scene.terminal()
            let answer = try await terminal.resolveOpenItems().first?.answer
            #expect(answer?.response.result.code == .insufficientFunds)
            #expect(answer?.key.stan == 41)
            await terminal.signOff()
        }
        #expect(scene.seen.first == "settlementStatus 41")
        #expect(scene.reversals.isEmpty)
        #expect(try scene.open().isEmpty)
        await scene.daemon.stop()
    }

    @Test("what was approved before the stop is reversed, or its answer handed out, as configured")
    func approvedBefore() async throws {
        let date = try Made.date(20_261_123)
        let recorded = try Self.settled(5260, cash: 260, on: date)
        for resolution in [.reverse, .takeAnswer] as [Terminal.Resolution] {
            let scene = try await Scene { seen in
                .answer(
                    seen.request.kind == .reversal
                        ? Scene.result(.approved) : Scene.status(.approved, recorded))
            }
            try scene.leave(try item(41))
            let terminal = try scene.terminal()
            let handedOut = Mutex<[UInt32]>([])
            let conclusion = try await terminal.resolveOpenItems(resolution) { answer in
                handedOut.withLock { $0.append(answer.key.stan) }
            }.first
            #expect((conclusion?.reversed != nil) == (resolution == .reverse))
            #expect(handedOut.withLock { $0 } == (resolution == .reverse ? [] : [41]))
            #expect(scene.reversals.count == (resolution == .reverse ? 1 : 0))
            let listed = try scene.lists.transactions(on: date)
            #expect(listed.map(\.insured.fen) == (resolution == .reverse ? [] : [5000]))
            await terminal.signOff()
            await scene.daemon.stop()
        }
    }

    @Test("what was given up is reversed after a restart without asking, where it has no key too")
    func givenUp() async throws {
        let scene = try await Scene { _ in .answer(Scene.result(.approved, .originalNotSeen)) }
        var given = try item(41)
        given.stage = .givenUp
        try scene.leave(given)
        do {
            let terminal = try scene.terminal()
            #expect(try await terminal.resolveOpenItems(.takeAnswer).first?.reversed != nil)
            await terminal.signOff()
        }
        #expect(scene.seen == ["reversal 1", "signOff 0"])
        #expect(try scene.open().isEmpty)
        await scene.daemon.stop()
    }

    @Test(
        "a reversal that is refused for good stays listed with its code until a person settles it",
        arguments: [
            .originalAmountDiffers, .originalDataDiffers, .insufficientFunds, .noActionTaken,
            .alreadyUndone, .amountLimit, .keyReused,
        ] as [ResponseCode])
    func refusedForGood(_ code: ResponseCode) async throws {
        let scene = try await Scene { _ in .answer(Scene.result(code, .furtherActivity)) }
        var given = try item(41)
        given.stage = .givenUp
        try scene.leave(given)
        for _ in 1...2 {
            let terminal = try scene.terminal()
            let open = try await terminal.resolveOpenItems().first?.open
            #expect(open?.stage == .refused(code, .furtherActivity))
            await terminal.signOff()
        }
        #expect(scene.reversals.count == 1)
        do {
            let terminal = try scene.terminal()
            // A person may have it tried again: under a new key, since the old one has its answer.
            #expect(try await terminal.retryReversal(of: given.key)?.open != nil)
            #expect(scene.reversals.map(\.header.stan) == [1, 2])
            try await terminal.settleOpenItem(given.key)
            await terminal.signOff()
        }
        #expect(try scene.open().isEmpty)
        await scene.daemon.stop()
    }

    @Test(
        "a reversal that the session refuses is listed with its code, and sent again, same key",
        arguments: [.notPermittedToTerminal, .institutionInvalid] as [ResponseCode])
    func refusedForNow(_ code: ResponseCode) async throws {
        let isAllowed = Mutex(false)
        let scene = try await Scene { _ in
            .answer(Scene.result(isAllowed.withLock { $0 } ? .approved : code))
        }
        var given = try item(41)
        given.stage = .givenUp
        try scene.leave(given)
        for _ in 1...2 {
            let terminal = try scene.terminal()
            #expect(try await terminal.resolveOpenItems().first?.open != nil)
            await terminal.signOff()
        }
        let (key, time) = (try Made.key(1), scene.reversals[0].header.terminalTime)
        #expect(try scene.open().map(\.stage) == [.withheld(key, time: time, code, .none)])
        isAllowed.withLock { $0 = true }
        do {
            let terminal = try scene.terminal()
            #expect(try await terminal.resolveOpenItems().first?.reversed != nil)
            await terminal.signOff()
        }
        #expect(Set(scene.reversals.map(\.voucher)).count == 1)
        #expect(try scene.open().isEmpty)
        await scene.daemon.stop()
    }

    @Test("a reversal whose own key has grown too old goes under a new one at once")
    func newKey() async throws {
        let scene = try await Scene { seen in
            .answer(
                seen.request.header.stan == 900
                    ? Scene.result(.invalidTransaction, .businessDateUnknown)
                    : Scene.result(.approved))
        }
        var given = try item(41)
        given.stage = .reversing(try Made.key(900), time: 7)
        try scene.leave(given)
        let terminal = try scene.terminal()
        #expect(try await terminal.resolveOpenItems().first?.reversed != nil)
        #expect(scene.reversals.map(\.header.stan) == [900, 1])
        #expect(scene.reversals.first?.header.terminalTime == 7)
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("96, 91, 90 and 09 to a reversal send the same reversal again")
    func sameAgain() async throws {
        let codes = Mutex([.malfunction, .unavailable, .dayClose, .executing] as [ResponseCode])
        let scene = try await Scene { _ in
            .answer(Scene.result(codes.withLock { $0.popLast() } ?? .approved))
        }
        let terminal = try scene.terminal(attempts: 8)
        let conclusion = try await terminal.reverse(
            try Made.key(41), card: try Made.card(), total: Money(fen: 1))
        #expect(conclusion.reversed?.key.stan == 41)
        #expect(scene.reversals.count == 5)
        #expect(Set(scene.reversals.map(\.voucher)).count == 1)
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("a disk that cannot take the request keeps it from being sent")
    func diskFullBefore() async throws {
        let scene = try await Scene { _ in .answer(Scene.result(.approved)) }
        let terminal = try scene.terminal(failure: { $0 == .write ? ENOSPC : 0 })
        let sale = try Made.sale()
        await #expect(throws: ClientFault.self) { try await terminal.settle(sale) }
        #expect(scene.seen.isEmpty)
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("a sale that cannot be listed is not handed out, and reversed once it can")
    func cannotBeListed() async throws {
        let date = try Made.date(20_261_123)
        let approved = try Self.settled(5260, cash: 0, on: date)
        let undone = try Scene.undone(5260, cash: 0, of: 1, on: date)
        let scene = try await Scene { seen in
            switch seen.request.kind {
            case .settle: .answer(approved)
            case .settlementStatus: .answer(Scene.status(.approved, approved))
            default: .answer(undone)
            }
        }
        let terminal = try scene.terminal()
        // A file stands where the folder of lists should be made.
        try scene.material.write("days", "")
        let sale = try Made.sale()
        await #expect(throws: ClientFault.self) {
            try await terminal.settle(sale) { _ in Issue.record("handed out") }
        }
        try FileManager.default.removeItem(atPath: scene.material.directory + "/days")
        #expect(try await terminal.resolveOpenItems().first?.reversed != nil)
        #expect(try scene.lists.transactions(on: date).map(\.kind) == [.settle, .reversal])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("a sale, and one that was reversed without having been answered, are listed as booked")
    func listed() async throws {
        let date = try Made.date(20_261_123)
        let next = try Made.date(20_261_124)
        let approved = try Self.settled(5260, cash: 260, on: date)
        let undone = try Scene.undone(5260, cash: 260, of: 2, on: next)
        let scene = try await Scene { seen in
            if seen.request.kind == .reversal { return .answer(undone) }
            return seen.request.header.stan == 1 ? .answer(approved) : .cut
        }
        let terminal = try scene.terminal()
        #expect(try await terminal.settle(try Made.sale()).answer != nil)
        #expect(try await terminal.settle(try Made.sale()).reversed != nil)
        func made(_ stan: UInt32, _ kind: RequestKind) throws -> DayTransaction {
            DayTransaction(
                key: try Made.key(stan), kind: kind, total: Money(fen: 5260),
                insured: Money(fen: 5000))
        }
        #expect(
            try scene.lists.transactions(on: date).map(\.plain) == [try made(1, .settle)])
        #expect(
            try scene.lists.transactions(on: next).map(\.plain)
                == [try made(2, .settle), try made(3, .reversal)])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    @Test("a refund that was taken back is listed where it was booked, its reversal where that was")
    func refundListed() async throws {
        let (date, next) = (try Made.date(20_261_123), try Made.date(20_261_124))
        let refund = try Scene.undone(900, cash: 100, of: 77, on: date)
        let taken = try Scene.undone(-900, cash: -100, of: 77, on: next)
        let scene = try await Scene { seen in
            switch seen.request.kind {
            case .refund: .cut
            case .reversal: .answer(taken)
            default: .answer(Scene.status(.reversed, refund, of: .refund))
            }
        }
        let terminal = try scene.terminal(attempts: 1)
        let conclusion = try await terminal.refund(
            SettlementID(try Made.key(77)), card: try Made.card(),
            lines: [RefundLine(line: 0, quantity: nil, traceCodes: [])])
        #expect(conclusion.reversed != nil)
        #expect(try scene.lists.transactions(on: date).map(\.insured.fen) == [800])
        #expect(try scene.lists.transactions(on: next).map(\.insured.fen) == [-800])
        await terminal.signOff()
        await scene.daemon.stop()
    }

    /// The answer to a settle.
    private static func settled(_ fen: Int64, cash: Int64, on date: CivilDate) throws -> [UInt8] {
        var split = Split()
        split.total = Money(fen: fen)
        split.fullSelfPay = split.total
        split.personal = split.total
        split.account = Money(fen: fen - cash)
        split.cash = Money(fen: cash)
        return ResponseEncoder.encode(
            Outcome(
                code: .approved, reason: .none, detail: "", businessDate: date,
                time: FakeDaemon.time, clockDifference: 0, triesLeft: 0,
                payload: .settlement(
                    SettlementAnswer(
                        id: SettlementID(try Made.key(1)),
                        catalogVersion: CatalogVersion(rawValue: 1),
                        policyVersion: PolicyVersion(rawValue: 1),
                        policyRegion: try #require(RegionCode(rawValue: 310_000)),
                        benefitCategory: nil, split: split, balance: .zero, accumulator: nil,
                        nameMasked: "张*", ownersMasked: [], quoteDigest: 0))),
            .settle)
    }
}

extension DayTransaction {
    /// Without what a terminal need not say.
    fileprivate var plain: DayTransaction {
        DayTransaction(key: key, kind: kind, total: total, insured: insured)
    }
}
