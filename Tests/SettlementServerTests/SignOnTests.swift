import Ledger
import SettlementDomain
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("Sign-on, as equations: request in, answer out")
struct SignOnTests {
    @Test(
        "each terminal's standing has its answer",
        arguments: [
            (Site.pharmacy, SessionBench.Became.answered(.approved, .none)),
            (Site.collector, .answered(.approved, .none)),
            (Site.blocked, .answered(.notPermittedToTerminal, .terminalBlocked)),
            (Site.suspended, .answered(.institutionInvalid, .institutionSuspended)),
            (Site.terminated, .answered(.institutionInvalid, .institutionTerminated)),
            (Site.orphan, .answered(.institutionInvalid, .institutionUnknown)),
            (Site.disguised, .answered(.notPermittedToTerminal, .roleNotPermitted)),
            (Site.keyless, .answered(.notPermittedToTerminal, .terminalUnknown)),
            (
                Site.make(TerminalID("T9999999")),
                .answered(.notPermittedToTerminal, .terminalUnknown)
            ),
        ])
    func standing(_ terminal: TerminalID, _ expected: SessionBench.Became) {
        var bench = SessionBench(certificate: terminal)
        #expect(bench.signOn(as: terminal) == expected)
        #expect(bench.session.takeEnding() == nil)
    }

    @Test("a certificate of another terminal gets 63, and the connection is closed")
    func otherCertificate() {
        var bench = SessionBench(certificate: Site.hospital)
        #expect(bench.signOn() == .answered(.securityViolation, .certificateMismatch))
        #expect(bench.session.takeEnding() == .close)
        #expect(bench.signOn() == .ignored)
    }

    @Test("a certificate that names no terminal gets 63")
    func namelessCertificate() {
        var bench = SessionBench(certificate: nil)
        #expect(bench.signOn() == .answered(.securityViolation, .certificateMismatch))
    }

    @Test("the certificate is judged before the terminal's standing")
    func certificateFirst() {
        var bench = SessionBench(certificate: Site.pharmacy)
        #expect(
            bench.signOn(as: Site.blocked) == .answered(.securityViolation, .certificateMismatch))
    }

    @Test("a refused sign-on may be repeated on the same connection")
    func again() {
        var bench = SessionBench(certificate: Site.blocked)
        _ = bench.signOn(as: Site.blocked)
        bench.publish(.terminal(Site.terminal(Site.blocked, "P99010000001", .pharmacy)))
        #expect(bench.signOn(as: Site.blocked) == .answered(.approved, .none))
    }

    @Test("a second sign-on gets 12")
    func twice() {
        var bench = SessionBench()
        _ = bench.signOn()
        #expect(bench.signOn() == .answered(.invalidTransaction, .alreadySignedOn))
    }

    @Test("a terminal has four signed-on connections at most, and a closed one makes room")
    func fourConnections() {
        var first = SessionBench()
        #expect(first.signOn() == .answered(.approved, .none))
        var others = (0..<3).map { _ in SessionBench(sharing: first) }
        for index in others.indices {
            #expect(others[index].signOn() == .answered(.approved, .none))
        }
        var fifth = SessionBench(sharing: first)
        #expect(fifth.signOn() == .answered(.notPermittedToTerminal, .tooManyConnections))
        others[0].session.close()
        #expect(fifth.signOn() == .answered(.approved, .none))
    }

    @Test("the answer grants what the terminal needs to know")
    func grant() throws {
        var bench = SessionBench()
        _ = bench.signOn(algorithms: [.sm4, .aes128])
        guard case .answer(let answer) = bench.action else {
            Issue.record("no answer")
            return
        }
        let response = try ResponseDecoder.decode(answer.kind, .init(bytes: answer.body))
        guard case .signOn(let grant) = response.payload else {
            Issue.record("no grant")
            return
        }
        #expect(response.result.businessDate == Site.today)
        #expect(grant.pinAlgorithm == .sm4)
        #expect(grant.wrappedPINKey.count == 24)
        #expect(grant.catalogVersion == CatalogVersion(rawValue: 7))
        #expect(grant.catalogEntries == 1)
        #expect(grant.policyVersion == PolicyVersion(rawValue: 3))
        #expect(grant.role == .pharmacy)
        #expect((grant.idleSeconds, grant.inFlightMax, grant.frameBytesMax) == (120, 256, 65_536))
    }

    @Test(
        "a terminal that names its master key is let in under that one, and told if it is another",
        arguments: [
            ([], SessionBench.Became.answered(.approved, .none)),
            (FakeVault.masterKey, .answered(.approved, .none)),
            ([6, 5, 4], .answered(.notPermittedToTerminal, .terminalUnknown)),
            ([4, 5], .answered(.formatError, .fieldOutOfRange)),
            ([4, 5, 6, 7], .answered(.formatError, .fieldOutOfRange)),
        ] as [([UInt8], SessionBench.Became)])
    func masterKey(_ checkValue: [UInt8], _ expected: SessionBench.Became) {
        var bench = SessionBench()
        #expect(bench.signOn(masterKey: checkValue) == expected)
    }

    @Test("a role that never sends a PIN may sign on without a master key")
    func keylessCollector() throws {
        var bench = SessionBench(certificate: Site.collector)
        #expect(bench.signOn(as: Site.collector) == .answered(.approved, .none))
    }
}
