import Ledger
import SettlementDomain
import Testing

@testable import SettlementServer

@Suite("The table of roles")
struct RoleTests {
    static let pointOfSale: [Role] = [.pharmacy, .hospital, .vaccination]

    /// Who may ask what, column after column of the domain page's table.
    static let table: [(RequestKind, [Role])] = [
        (.cardInquiry, pointOfSale + [.counter, .gateway]),
        (.quote, pointOfSale), (.settle, pointOfSale), (.void, pointOfSale),
        (.refund, pointOfSale), (.reversal, pointOfSale), (.settlementStatus, pointOfSale),
        (.transactionList, pointOfSale + [.counter, .gateway]),
        (.monthlyEntries, pointOfSale + [.counter, .gateway]),
        (.contributionRecords, [.counter, .gateway, .employer]),
        (.contributionPayment, [.collector]),
        (.contributionDeclaration, [.collector, .employer]),
        (.familyLink, [.counter, .gateway]), (.familyUnlink, [.counter, .gateway]),
        (.familyList, [.counter, .gateway]), (.proxyQuery, [.counter]),
        (.pinUnlock, [.counter]), (.cardReissue, [.counter]), (.claimSubmit, [.counter]),
        (.reconciliationTotals, pointOfSale), (.reconciliationDetails, pointOfSale),
        (.dayClose, [.operator]), (.operatorApply, [.operator]), (.operatorQuery, [.operator]),
        (.operatorMaintenance, [.operator]), (.echo, Role.allCases),
        (.catalogPage, Role.allCases),
    ]

    @Test("each kind is permitted to its roles and to no other", arguments: table)
    func permitted(_ kind: RequestKind, _ roles: [Role]) {
        for role in Role.allCases {
            #expect(role.permits(kind) == roles.contains(role), "\(role) \(kind)")
        }
    }
}
