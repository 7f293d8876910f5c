import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import TestSite
import Testing

/// Every scenario runs against the real daemon over TLS; one after the other, since a daemon with
/// its store wants the machine for itself.
@Suite("Acceptance: the real daemon over TLS with a real store", .serialized)
struct Acceptance {}

/// System trace audit numbers that no other test of this process uses.
enum STANs {
    private static let last = Atomic<UInt32>(0)

    static func next() -> UInt32 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

extension TerminalConnection {
    /// A header under a STAN that was not used before.
    func newHeader() -> RequestHeader { header(stan: STANs.next()) }

    /// Debits a sale under a new key.
    func settle(_ sale: Sale) async throws -> TerminalResponse {
        try await settle(sale, newHeader())
    }

    /// Quotes a sale under a new key.
    func quote(_ sale: Sale) async throws -> TerminalResponse {
        try await quote(sale, newHeader())
    }
}

extension TerminalResponse {
    /// The split that it carries, if it does.
    var settlement: SettlementResponse? {
        if case .settlement(let settlement) = payload { return settlement }
        return nil
    }

    /// The identity that the split breaks; nil: none, or no split.
    ///
    /// The wire names relatives masked, so that their shares are put back without their ids.
    var brokenIdentity: String? {
        guard let settlement else { return nil }
        var split = settlement.split
        split.owners = settlement.family.map {
            FamilyShare(owner: Town.patients[0].id, amount: $0.amount)
        }
        return split.brokenIdentity()
    }

    /// The code as a terminal prints it.
    var code: String { result.code.text }
}

extension Sale {
    /// The same sale with something changed.
    func with(_ change: (inout Sale) -> Void) -> Sale {
        var sale = self
        change(&sale)
        return sale
    }
}
