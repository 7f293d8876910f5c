import CardSecurity
import Foundation
import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("PINs over real TLS, with a real key store")
struct PINTests {
    /// A key store that has keys for the terminals named.
    private func keyStore(in folder: String, _ terminals: [TerminalID]) throws -> SealedKeyStore {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try KeyEncryptionSource.generateKeyFile(at: folder + "/kek")
        let store = try SealedKeyStore.create(
            at: folder + "/keys", source: .keyFile(path: folder + "/kek"))
        for terminal in terminals { try register(terminal, in: store) }
        return store
    }

    private func register(_ terminal: TerminalID, in store: SealedKeyStore) throws {
        _ = try store.update { (contents: inout KeyStoreContents) throws(CardSecurityFault) in
            try contents.register(terminal: terminal.text, created: 0)
        }
    }

    /// The fixture's card under the verification value that this key store makes.
    private func card(pin: String, _ store: SealedKeyStore) throws -> Registration {
        let digits = Site.make(CardDigits(value: Site.card.digits, count: Site.card.count))
        let value = try store.verificationValue(pin: pin, card: digits)
        return .card(
            CardRow(
                number: Site.card, person: Site.person, state: .active,
                expires: Site.make(CivilDate(yyyymmdd: 20_301_231)),
                verification: PINVerification(value), triesFailed: 0))
    }

    private func register(_ registrations: [Registration], at bench: DaemonBench) async throws {
        let client = try await bench.connectOperator()
        let request = OperatorApplyRequest(
            header: Site.header(stan: 0), registrations: registrations, isDryRun: false)
        client.send(
            ConnectionBench.frame(.operatorApply, 1, RequestEncoder.operatorApply(request)))
        #expect(try await client.response()?.result.code == .approved)
        try await client.close()
    }

    /// Signs on and unwraps the session's PIN key, as a terminal does.
    private func sealer(
        _ client: RawClient, _ store: SealedKeyStore, _ algorithm: PINKeyAlgorithm
    ) async throws -> PINSealer {
        let request = SignOnRequest(
            header: Site.header(stan: 0), terminal: Site.pharmacy, pinAlgorithms: [algorithm],
            software: "test")
        client.send(ConnectionBench.frame(.signOn, 1, RequestEncoder.signOn(request)))
        guard case .signOn(let grant)? = try await client.response()?.payload else {
            throw MaintenanceFault("not signed on")
        }
        #expect(grant.pinAlgorithm == algorithm)
        let wrapped = WrappedPINKey(
            wrapped: grant.wrappedPINKey, checkValue: grant.pinKeyCheckValue)
        let cipher = Site.make(PINAlgorithm(rawValue: algorithm.rawValue))
        let key = try wrapped.unwrap(
            masterKey: store.contents.masterKey(of: Site.pharmacy.text), algorithm: cipher)
        return try PINSealer(key: key, algorithm: cipher)
    }

    private func settle(
        _ client: RawClient, stan: UInt32, block: [UInt8]
    ) async throws -> ResultFields? {
        client.send(
            ConnectionBench.frame(
                .settle, stan,
                RequestEncoder.settle(
                    Site.header(stan: stan), Site.purchase(), pinBlock: block)))
        return try await client.response()?.result
    }

    @Test(
        "the right PIN pays, a wrong one is counted, and a block of another key is 99, uncounted",
        arguments: PINKeyAlgorithm.allCases)
    func pins(_ algorithm: PINKeyAlgorithm) async throws {
        let folder = NSTemporaryDirectory() + "sp-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try keyStore(in: folder, [Site.pharmacy])
        let digits = Site.make(CardDigits(value: Site.card.digits, count: Site.card.count))
        try await DaemonBench.run(parts: { $0.vault = store }) { bench in
            try await register([card(pin: "123456", store)], at: bench)
            let client = try await bench.connect()
            let sealer = try await sealer(client, store, algorithm)
            let right = try sealer.block(pin: "123456", card: digits)
            let wrong = try sealer.block(pin: "654321", card: digits)
            #expect(try await settle(client, stan: 2, block: right)?.code == .approved)
            let refused = try await settle(client, stan: 3, block: wrong)
            #expect(refused?.code == .wrongPIN)
            #expect(refused?.triesLeft == 2)

            let other = try await bench.connect()
            let otherSealer = try await self.sealer(other, store, algorithm)
            let foreign = try otherSealer.block(pin: "123456", card: digits)
            #expect(try await settle(client, stan: 4, block: foreign)?.code == .pinBlockUnusable)
            #expect(try await settle(client, stan: 5, block: wrong)?.triesLeft == 1)
            #expect(try await settle(client, stan: 6, block: right)?.code == .approved)
        }
    }

    @Test("a terminal that is registered while the daemon runs can sign on at once")
    func newTerminal() async throws {
        let folder = NSTemporaryDirectory() + "sp-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tool = try keyStore(in: folder, [])
        let daemons = try SealedKeyStore.open(
            at: folder + "/keys", source: .keyFile(path: folder + "/kek"))
        let terminal = Site.make(TerminalID("T0000042"))
        let useKeys: (inout DaemonParts) -> Void = { parts in
            parts.vault = daemons
            parts.reloadKeys = { try daemons.reloadIfChanged() }
        }
        try await DaemonBench.run(parts: useKeys) { bench in
            try register(terminal, in: tool)
            try await register(
                [.terminal(Site.terminal(terminal, "P99010000001", .pharmacy))], at: bench)
            let client = try await bench.connect(terminal)
            #expect(try await client.signOn(as: terminal.text) == .approved)
        }
    }
}
