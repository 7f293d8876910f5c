import CardSecurity
import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import Testing

@Suite("A terminal's connection")
struct TerminalConnectionTests {
    @Test("sign-on unwraps the session's PIN key, and a settle carries a block that opens under it")
    func signsOnAndSettles() async throws {
        let terminal = try TestTerminal()
        let date = try Made.date(20_261_123)
        let daemon = try await terminal.daemon { _ in
            .answer(
                ResponseEncoder.result(
                    code: .approved, reason: .none, businessDate: date, time: FakeDaemon.time))
        }
        let credentials = try terminal.credentials(for: daemon)
        let connection = try await TerminalConnection.open(
            credentials, at: try credentials.address())
        #expect(connection.grant.institutionName == "Lane Pharmacy")
        #expect(connection.businessDate == date)
        let sale = try Made.sale()
        let response = try await connection.settle(sale, connection.header(stan: 42))
        #expect(response.result.code == .approved)
        let seen = try #require(daemon.seen.first)
        guard case .ledger(let message) = seen.request,
            case .settle(let command) = message.command
        else {
            Issue.record("no settle arrived")
            return
        }
        #expect(message.header.stan == 42)
        #expect(message.header.businessDate == date)
        #expect(command.lines == sale.lines)
        #expect(command.total == Money(fen: 5260))
        let block = try #require(message.pinBlock)
        let key = try #require(daemon.pinKey(of: seen.connection))
        let digits = try #require(CardDigits(value: sale.card.digits, count: sale.card.count))
        let verifier = PINVerifier(current: try SecretBytes.random(count: 32), keyID: 1)
        let opened = try verifier.verificationValues(
            pinBlock: block, card: digits,
            opener: try PINOpener(key: key, algorithm: .aes128))
        #expect(
            opened.current == (try verifier.verificationValue(pin: "123456", card: digits)))
        await connection.close()
        await daemon.stop()
    }

    @Test("64 requests in flight at once get each its own answer")
    func pipelines() async throws {
        let terminal = try TestTerminal()
        let daemon = try await terminal.daemon { seen in
            // The answer's detail tells whose it is.
            .answer(
                ResponseEncoder.result(
                    code: .noSuchCard, reason: .none, detail: "\(seen.request.header.stan)",
                    businessDate: nil, time: 0))
        }
        let credentials = try terminal.credentials(for: daemon)
        let connection = try await TerminalConnection.open(
            credentials, at: try credentials.address())
        let card = try Made.card()
        let details = try await withThrowingTaskGroup(of: (UInt32, String).self) { group in
            for stan in UInt32(1)...64 {
                group.addTask {
                    let response = try await connection.inquire(
                        card: card, pin: nil, connection.header(stan: stan))
                    return (stan, response.result.detail)
                }
            }
            var details: [UInt32: String] = [:]
            for try await (stan, detail) in group { details[stan] = detail }
            return details
        }
        #expect(details.count == 64)
        #expect(details.allSatisfy { "\($0.key)" == $0.value })
        await connection.close()
        await daemon.stop()
    }

    @Test("a PIN key that the own master key does not unwrap is told as that, and nothing is sent")
    func otherMasterKey() async throws {
        let terminal = try TestTerminal()
        let daemon = try await terminal.daemon { _ in .ignore }
        var credentials = try terminal.credentials(for: daemon)
        credentials.masterKey = try SecretBytes.random(count: 16)
        let address = try credentials.address()
        await #expect(throws: ClientFault.self) {
            do throws(ClientFault) {
                _ = try await TerminalConnection.open(credentials, at: address)
            } catch {
                guard case .pinKey = error else {
                    Issue.record("another fault: \(error)")
                    return
                }
                #expect(!error.isOutcomeUnknown)
                throw error
            }
        }
        await daemon.stop()
    }

    @Test("requests in flight when the connection is cut fail with their outcome unknown")
    func cut() async throws {
        let terminal = try TestTerminal()
        let daemon = try await terminal.daemon { _ in .cut }
        let credentials = try terminal.credentials(for: daemon)
        let connection = try await TerminalConnection.open(
            credentials, at: try credentials.address())
        let sale = try Made.sale()
        do throws(ClientFault) {
            _ = try await connection.settle(sale, connection.header(stan: 1))
            Issue.record("answered by nobody")
        } catch {
            #expect(error.isOutcomeUnknown)
            #expect(error.isWorthReconnecting)
        }
        do throws(ClientFault) {
            _ = try await connection.settle(sale, connection.header(stan: 2))
            Issue.record("answered by nobody")
        } catch {
            #expect(error == .closed)
            #expect(!error.isOutcomeUnknown)
        }
        await daemon.stop()
    }

    @Test("a notice that ends the connection is told to what was in flight")
    func notice() async throws {
        let terminal = try TestTerminal()
        let result = ResultFields(
            code: .formatError, reason: .frameFlags, businessDate: nil, time: 1,
            detail: "frame.flags: 7, must be 0")
        let daemon = try await terminal.daemon { _ in
            var buffer = ByteBuffer()
            FrameEncoder.append(
                kind: Frame.noticeKind, requestID: 0, body: ResponseEncoder.result(result),
                to: &buffer)
            // Bytes that are no frame end the connection from the client's side.
            return .bytes(Array(buffer.readableBytesView) + [0xff, 0xff, 0xff, 0xff])
        }
        let credentials = try terminal.credentials(for: daemon)
        let connection = try await TerminalConnection.open(
            credentials, at: try credentials.address())
        do throws(ClientFault) {
            _ = try await connection.echo()
            Issue.record("answered by nobody")
        } catch {
            #expect(error == .notice(result))
        }
        await daemon.stop()
    }

    @Test("nobody at the port is told with the address")
    func unreachable() async throws {
        let terminal = try TestTerminal()
        let daemon = try await terminal.daemon { _ in .ignore }
        let credentials = try terminal.credentials(for: daemon)
        await daemon.stop()
        do throws(ClientFault) {
            _ = try await TerminalConnection.open(credentials, at: credentials.openAddress())
            Issue.record("somebody is there")
        } catch {
            guard case .unreachable(let address, _) = error else {
                Issue.record("another fault: \(error)")
                return
            }
            #expect(address == "127.0.0.1:\(daemon.port)")
        }
    }

    @Test("the catalog is downloaded page by page")
    func catalog() async throws {
        let terminal = try TestTerminal()
        let whole = Catalog(
            version: CatalogVersion(rawValue: 1), entries: try Made.catalog().entries)
        let result = ResultFields(code: .approved, businessDate: nil, time: 1)
        let daemon = try await terminal.daemon { seen in
            guard case .catalogPage(var request) = seen.request else { return .ignore }
            request.count = 3
            return .answer(ResponseEncoder.catalogPage(request, of: whole, result))
        }
        let credentials = try terminal.credentials(for: daemon)
        let connection = try await TerminalConnection.open(
            credentials, at: try credentials.address())
        let catalog = try await connection.catalog()
        #expect(catalog == whole)
        #expect(daemon.seen.count == 3)
        await connection.close()
        await daemon.stop()
    }
}

extension TerminalCredentials {
    /// The address; its files were checked when the test made them.
    func openAddress() throws(ClientFault) -> ServerAddress {
        do {
            return try address()
        } catch {
            throw .tls(error)
        }
    }
}
