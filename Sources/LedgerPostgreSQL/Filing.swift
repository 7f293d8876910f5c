import Ledger
import SettlementDomain

extension JournalEntry {
    /// The account under which the entry is filed: that of the person whom it is about.
    ///
    /// Requests about nobody known are filed under their terminal, so that they do not all lie in one
    /// place; what the site itself changed is filed under 0.
    var account: Int64 {
        if let row = settlementRow { return Int64(row.person.rawValue) }
        if let person = changedPersons.min() { return Int64(person.rawValue) }
        guard let terminal = answer?.key.terminal else { return 0 }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in terminal.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return -1 - Int64(hash & 0xffff_ffff)
    }

    /// The persons of whose rows the entry changed any, or whose records it looked at.
    var changedPersons: Set<PersonID> {
        var persons: Set<PersonID> = []
        for change in changes {
            switch change {
            case .card(let row): persons.insert(row.person)
            case .person(let row): persons.insert(row.person.id)
            case .account(let row): persons.insert(row.person)
            case .accumulator(let row): persons.insert(row.key.person)
            case .usage(let row): persons.insert(row.key.person)
            case .family(let row): persons.insert(row.member)
            case .owner(let row): persons.insert(row.owner)
            case .credit(let row): persons.insert(row.key.person)
            case .contribution(let row): persons.insert(row.key.person)
            case .settlement(let row): persons.insert(row.person)
            case .admission(let row): persons.insert(row.person)
            case .openStays(let row): persons.insert(row.person)
            case .claim(let row): persons.insert(row.person)
            case .access(let row): persons.insert(row.person)
            case .traceCode, .tombstone, .clearing, .feeUpload, .bill, .declarationLine,
                .institution, .terminal, .catalog, .policy, .businessDate:
                break
            }
        }
        return persons
    }
}

extension JournalEntry {
    /// Whether the entry changes what every daemon holds in memory.
    var changesReference: Bool {
        changes.contains { change in
            switch change {
            case .institution, .terminal, .catalog, .policy, .businessDate: true
            default: false
            }
        }
    }
}
