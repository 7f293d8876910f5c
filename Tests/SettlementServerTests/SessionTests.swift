import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("A session, as equations: frame in, action out")
struct SessionTests {
    private func signedOn(
        as terminal: TerminalID = Site.pharmacy, limits: Limits = Limits()
    ) -> SessionBench {
        var bench = SessionBench(certificate: terminal, limits: limits)
        _ = bench.signOn(as: terminal)
        return bench
    }

    @Test("before sign-on everything else gets 58")
    func notSignedOn() {
        var bench = SessionBench()
        #expect(bench.echo() == .answered(.notPermittedToTerminal, .notSignedOn))
        #expect(bench.settle() == .answered(.notPermittedToTerminal, .notSignedOn))
        #expect(bench.session.takeEnding() == nil)
    }

    @Test("a kind that is not served gets 40, whether signed on or not", arguments: [0x3b, 0x7f])
    func unknownKind(_ kind: UInt8) {
        var bench = SessionBench()
        #expect(bench.send(kind, []) == .answered(.notSupported, .kindUnknown))
        _ = bench.signOn()
        #expect(bench.send(kind, []) == .answered(.notSupported, .kindUnknown))
        #expect(bench.echo() == .answered(.approved, .none))
    }

    @Test("a body that is no message gets 30, and the connection is closed after the answer")
    func unreadable() {
        var bench = signedOn()
        #expect(bench.send(.echo, [0xff]) == .answered(.formatError, .bodyUnreadable))
        #expect(bench.session.takeEnding() == .close)
        #expect(bench.echo() == .ignored)
    }

    @Test("a role may only what the table says, judged before the body is read")
    func role() {
        var bench = signedOn(as: Site.collector)
        #expect(bench.settle() == .answered(.notPermittedToTerminal, .roleNotPermitted))
        #expect(
            bench.send(.settle, [0xff]) == .answered(.notPermittedToTerminal, .roleNotPermitted))
        #expect(bench.echo() == .answered(.approved, .none))
    }

    @Test("an operator's request over TLS gets 58")
    func operatorOverTLS() {
        var bench = signedOn()
        #expect(
            bench.send(.operatorQuery, [])
                == .answered(.notPermittedToTerminal, .roleNotPermitted))
    }

    @Test("a settle is submitted under the terminal's key, with its content and its PIN's value")
    func settle() throws {
        var bench = signedOn()
        #expect(bench.settle(stan: 42) == .submitted)
        let request = try #require(bench.submitted)
        #expect(
            request.key == RequestKey(terminal: Site.pharmacy, date: Site.today, stan: 42))
        #expect(request.content == request.voucher.withUnsafeBytes(Digest.sha256))
        guard case .settle(let command) = request.command else {
            Issue.record("not a settle")
            return
        }
        #expect(command.proof == .value(Site.verification))
    }

    @Test("the content does not depend on the PIN block")
    func content() throws {
        var bench = signedOn()
        _ = bench.settle(stan: 1, pin: Array(repeating: 7, count: 16))
        let first = try #require(bench.submitted)
        _ = bench.settle(stan: 1, pin: Array(repeating: 8, count: 16))
        let second = try #require(bench.submitted)
        #expect(first.content == second.content)
        #expect(first.voucher == second.voucher)
    }

    @Test(
        "a PIN block that cannot be opened goes to the ledger as unusable, whatever is wrong",
        arguments: [[], [7], Array(0..<16), Array(repeating: 7, count: 17)] as [[UInt8]])
    func unusable(_ block: [UInt8]) throws {
        var bench = signedOn()
        _ = bench.settle(pin: block)
        guard case .settle(let command) = try #require(bench.submitted).command else {
            Issue.record("not a settle")
            return
        }
        #expect(command.proof == .unusable || (block.isEmpty && command.proof == .absent))
    }

    @Test("a status request asks about a key of the same terminal")
    func status() throws {
        var bench = signedOn()
        let body = RequestEncoder.settlementStatus(
            SettlementStatusRequest(
                header: Site.header(stan: 5), originalDate: Site.today, originalSTAN: 4))
        #expect(bench.send(.settlementStatus, body) == .submitted)
        guard case .status(let key) = try #require(bench.submitted).command else {
            Issue.record("not a status")
            return
        }
        #expect(key == RequestKey(terminal: Site.pharmacy, date: Site.today, stan: 4))
    }

    @Test("a request id in flight ends the session with a notice, after what is in flight")
    func duplicateID() throws {
        var bench = signedOn()
        #expect(bench.settle(stan: 1, id: 9) == .submitted)
        #expect(bench.settle(stan: 2, id: 9) == .ignored)
        #expect(bench.session.takeEnding() == nil)
        bench.session.answered(requestID: 9)
        guard case .last(let notice) = bench.session.takeEnding() else {
            Issue.record("no notice")
            return
        }
        #expect((notice.kind, notice.requestID) == (Frame.noticeKind, Frame.noticeRequestID))
        #expect((notice.code, notice.reason) == (.formatError, .requestIDInUse))
        #expect(bench.session.takeEnding() == nil)
    }

    @Test("an answered request id may be used again")
    func reusedID() {
        var bench = signedOn()
        #expect(bench.settle(stan: 1, id: 9) == .submitted)
        bench.session.answered(requestID: 9)
        #expect(bench.settle(stan: 2, id: 9) == .submitted)
    }

    @Test("with as many in flight as allowed no frame is taken until one is answered")
    func inFlight() {
        var limits = Limits()
        limits.inFlightMax = 2
        var bench = signedOn(limits: limits)
        #expect(bench.settle(stan: 1, id: 101) == .submitted)
        #expect(bench.session.takesFrames)
        #expect(bench.settle(stan: 2, id: 102) == .submitted)
        #expect(!bench.session.takesFrames)
        bench.session.answered(requestID: 101)
        #expect(bench.session.takesFrames)
        #expect(bench.settle(stan: 3, id: 103) == .submitted)
    }

    @Test("a terminal that is blocked in mid-session gets 58, and may go on when it is not")
    func blockedInSession() {
        var bench = signedOn()
        bench.publish(
            .terminal(Site.terminal(Site.pharmacy, "P99010000001", .pharmacy, blocked: true)))
        #expect(bench.settle() == .answered(.notPermittedToTerminal, .terminalBlocked))
        bench.publish(.terminal(Site.terminal(Site.pharmacy, "P99010000001", .pharmacy)))
        #expect(bench.settle() == .submitted)
    }

    @Test("an institution that is suspended in mid-session gets 03")
    func suspendedInSession() {
        var bench = signedOn()
        bench.publish(
            .institution(Site.institution("P99010000001", .pharmacy, .suspended)))
        #expect(bench.settle() == .answered(.institutionInvalid, .institutionSuspended))
    }

    @Test("a role that changes in mid-session holds from the next request on")
    func roleChange() {
        var bench = signedOn()
        bench.publish(.terminal(Site.terminal(Site.pharmacy, "P99010000001", .collector)))
        #expect(bench.settle() == .answered(.notPermittedToTerminal, .roleNotPermitted))
    }

    @Test("sign-off is answered once what came before it is, then the connection is closed")
    func signOff() {
        var bench = signedOn()
        _ = bench.settle(id: 50)
        #expect(
            bench.send(.signOff, RequestEncoder.signOff(Site.header(stan: 0)), id: 51) == .ignored)
        #expect(bench.session.takeEnding() == nil)
        bench.session.answered(requestID: 50)
        guard case .last(let answer) = bench.session.takeEnding() else {
            Issue.record("no answer")
            return
        }
        #expect((answer.kind, answer.requestID, answer.code) == (0x82, 51, .approved))
    }

    @Test("draining: what is in flight is answered, later requests get 91, then a notice")
    func draining() {
        var bench = signedOn()
        _ = bench.settle(stan: 1, id: 50)
        bench.session.drain()
        #expect(bench.session.takeEnding() == nil)
        #expect(bench.settle(stan: 2) == .answered(.unavailable, .draining))
        #expect(bench.echo() == .answered(.unavailable, .draining))
        bench.session.answered(requestID: 50)
        guard case .last(let notice) = bench.session.takeEnding() else {
            Issue.record("no notice")
            return
        }
        #expect((notice.code, notice.reason) == (.unavailable, .draining))
    }

    @Test("while the queue is full what waits in it gets 91 unread; all else is served as ever")
    func overloaded() {
        var bench = signedOn()
        bench.isOverloaded = true
        #expect(bench.settle(stan: 1) == .answered(.unavailable, .overloaded))
        #expect(bench.send(.settle, [0xff]) == .answered(.unavailable, .overloaded))
        #expect(bench.session.takeEnding() == nil && bench.session.inFlightCount == 0)
        #expect(bench.send(.dayClose, []) == .answered(.notPermittedToTerminal, .roleNotPermitted))
        #expect(bench.echo() == .answered(.approved, .none))
        #expect(bench.send(.reconciliationTotals, ReconciliationBench.totals()) == .reconciled)
        bench.isOverloaded = false
        #expect(bench.settle(stan: 1) == .submitted)
    }

    @Test("draining a session with nothing in flight ends it at once")
    func drainingIdle() {
        var bench = signedOn()
        bench.session.drain()
        #expect(bench.session.takeEnding() != nil)
    }

    @Test("bytes that are no frame end the session with a notice that says what is wrong")
    func frameFault() {
        var bench = signedOn()
        bench.session.receive(.lengthAboveLimit(70_000, max: 65_536))
        guard case .last(let notice) = bench.session.takeEnding() else {
            Issue.record("no notice")
            return
        }
        #expect((notice.code, notice.reason) == (.formatError, .frameLength))
    }

    @Test("an echo tells the versions in force, which a change moves")
    func echo() throws {
        var bench = signedOn()
        _ = bench.echo()
        guard case .answer(let answer) = bench.action else {
            Issue.record("no answer")
            return
        }
        let response = try ResponseDecoder.decode(answer.kind, ByteBuffer(bytes: answer.body))
        guard case .echo(let versions) = response.payload else {
            Issue.record("no versions")
            return
        }
        #expect(versions.catalog == CatalogVersion(rawValue: 7))
        #expect(versions.policy == PolicyVersion(rawValue: 3))
    }

    @Test(
        "a terminal clock that is off is told so, up to what the field holds",
        arguments: [
            (Site.header(stan: 0).terminalTime + 86_400, 86_400), (.min, Int64(Int32.min)),
            (.max, Int64(Int32.max)),
        ] as [(Int64, Int64)])
    func clockDifference(time: Int64, told: Int64) throws {
        var bench = signedOn()
        var header = Site.header(stan: 0)
        header.terminalTime = time
        _ = bench.send(.echo, RequestEncoder.echo(header))
        guard case .answer(let answer) = bench.action else {
            Issue.record("no answer")
            return
        }
        let response = try ResponseDecoder.decode(answer.kind, ByteBuffer(bytes: answer.body))
        #expect(response.result.clockDifference == told)
    }

    @Test("a catalog version that is not here gets 12; the one in force is given by pages")
    func catalogPage() {
        var bench = signedOn()
        func page(_ version: UInt32?) -> [UInt8] {
            RequestEncoder.catalogPage(
                CatalogPageRequest(
                    header: Site.header(stan: 0), version: version.map(CatalogVersion.init),
                    firstIndex: 0, count: nil))
        }
        #expect(bench.send(.catalogPage, page(nil)) == .answered(.approved, .none))
        #expect(bench.send(.catalogPage, page(7)) == .answered(.approved, .none))
        #expect(
            bench.send(.catalogPage, page(8))
                == .answered(.invalidTransaction, .catalogVersionUnknown))
    }

    @Test("on the operator's socket there is no sign-on, and payments get 58")
    func localOperator() {
        var bench = SessionBench(peer: .localOperator)
        #expect(bench.settle() == .answered(.notPermittedToTerminal, .roleNotPermitted))
        #expect(bench.signOn() == .answered(.invalidTransaction, .alreadySignedOn))
        #expect(bench.echo() == .answered(.approved, .none))
        let task = OperatorMaintenanceRequest(
            header: Site.header(stan: 0), task: "verify", argument: "")
        #expect(
            bench.send(.operatorMaintenance, RequestEncoder.operatorMaintenance(task))
                == .maintained("verify"))
    }
}

@Suite("A session: what undoes, and what asks about a date's books")
struct SessionUndoingTests {
    @Test("a reversal names a request of the same terminal; a receipt copy is not recorded")
    func ledgerRequests() throws {
        var bench = SessionBench()
        _ = bench.signOn()
        let reversal = RequestEncoder.reversal(
            Site.header(stan: 5), originalDate: Site.today, originalSTAN: 4, card: Site.card,
            total: Money(fen: 10))
        #expect(bench.send(.reversal, reversal) == .submitted)
        let request = try #require(bench.submitted)
        guard case .reverse(let command) = request.command else {
            Issue.record("not a reversal")
            return
        }
        #expect(
            command.original == RequestKey(terminal: Site.pharmacy, date: Site.today, stan: 4))
        #expect(request.content == request.voucher.withUnsafeBytes(Digest.sha256))
        #expect(request.command.isRecorded)

        let copy = RequestEncoder.receiptCopy(
            ReceiptCopyRequest(
                header: Site.header(stan: 6), settlement: SettlementID(command.original)))
        #expect(bench.send(.receiptCopy, copy) == .submitted)
        guard case .copyReceipt(let id) = try #require(bench.submitted).command else {
            Issue.record("not a receipt copy")
            return
        }
        #expect(id == SettlementID(command.original))
    }

    @Test("a reconciliation is in flight until it is answered, and of the terminal's institution")
    func reconciliation() {
        var limits = Limits()
        limits.inFlightMax = 1
        var bench = SessionBench(limits: limits)
        #expect(
            bench.send(.reconciliationTotals, ReconciliationBench.totals())
                == .answered(.notPermittedToTerminal, .notSignedOn))
        _ = bench.signOn()
        #expect(
            bench.send(.reconciliationTotals, ReconciliationBench.totals(), id: 9) == .reconciled)
        guard case .reconcile(let task) = bench.action else { return }
        #expect(task.terminal == Site.pharmacy)
        #expect(task.institution == Site.institutions[0].institution.id)
        #expect(!bench.session.takesFrames)
        bench.session.answered(requestID: 9)
        #expect(bench.session.takesFrames)
    }

    @Test("a role that may not sell may not reconcile")
    func role() {
        var bench = SessionBench(certificate: Site.collector)
        _ = bench.signOn(as: Site.collector)
        #expect(
            bench.send(.reconciliationTotals, ReconciliationBench.totals())
                == .answered(.notPermittedToTerminal, .roleNotPermitted))
    }
}
