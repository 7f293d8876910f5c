import Ledger
import SettlementDomain
import Testing

@Suite("Settle: what it debits and what it leaves alone")
struct SettleTests {
    @Test("an approved settlement debits the account once; its retry gets the same bytes, replayed")
    func replay() {
        var town = Town()
        let key = RequestKey(terminal: Town.pharmacy, date: Town.today, stan: 900)
        let first = town.decide(.settle(Town.bill(fen: 2500)), key: key)
        let second = town.decide(.settle(Town.bill(fen: 2500)), key: key)
        #expect(first.code == .approved && !first.replayed)
        #expect(second.response == first.response && second.replayed)
        #expect(town.balance == 7500)
    }

    @Test("the same key with other content is refused with 94 and posts nothing")
    func keyReused() {
        var town = Town()
        let key = RequestKey(terminal: Town.pharmacy, date: Town.today, stan: 900)
        _ = town.decide(.settle(Town.bill(fen: 2500)), key: key, content: 1)
        let entries = town.rows.entries.count
        let second = town.decide(.settle(Town.bill(fen: 2501)), key: key, content: 2)
        #expect(second.code == .keyReused && !second.replayed)
        #expect(town.balance == 7500 && town.rows.entries.count == entries)
    }

    @Test("a refusal for lack of funds stays one after a top-up; a new key is approved")
    func refusalIsRecorded() {
        var town = Town()
        let key = RequestKey(terminal: Town.pharmacy, date: Town.today, stan: 900)
        #expect(town.decide(.settle(Town.bill(fen: 20_000)), key: key).code == .insufficientFunds)
        town.register([.credit(Town.credit(Town.person, 50_000, "top-up"))])
        let retry = town.decide(.settle(Town.bill(fen: 20_000)), key: key)
        #expect(retry.code == .insufficientFunds && retry.replayed)
        #expect(town.decide(.settle(Town.bill(fen: 20_000)), at: Town.pharmacy).code == .approved)
        #expect(town.balance == 40_000)
    }

    @Test("51 carries the split and the balance; with partial approval the rest is cash, code 10")
    func partial() throws {
        var town = Town()
        let refused = town.decide(.settle(Town.bill(fen: 12_000)), at: Town.pharmacy)
        guard case .settlement(let answer) = refused.payload else {
            Issue.record("51 without a split")
            return
        }
        #expect(refused.code == .insufficientFunds && answer.id == nil)
        #expect(answer.split.shortfall == Money(fen: 2000) && answer.balance.fen == 10_000)
        let partly = town.decide(.settle(Town.bill(fen: 12_000, partial: true)), at: Town.pharmacy)
        guard case .settlement(let paid) = partly.payload else {
            Issue.record("10 without a split")
            return
        }
        #expect(partly.code == .partiallyApproved && partly.reason == .cashDue)
        #expect(paid.split.cash == Money(fen: 2000) && paid.balance == .zero)
        #expect(town.balance == 0)
    }

    @Test("a hospital visit draws on the pool, and its accumulators are those of the year")
    func pooled() {
        var town = Town()
        let bill = Town.bill(fen: 30_000, visit: .outpatient, partial: true)
        let outcome = town.decide(.settle(bill), at: Town.hospital)
        guard case .settlement(let answer) = outcome.payload else {
            Issue.record("no split")
            return
        }
        #expect(answer.split.deductible.fen == 10_000 && answer.split.pooled.fen == 14_000)
        #expect(answer.split.account.fen == 10_000 && answer.split.cash.fen == 6000)
        #expect(answer.accumulator?.used.pooledUsed.fen == 14_000)
        let again = town.decide(.settle(bill), at: Town.hospital)
        guard case .settlement(let second) = again.payload else { return }
        #expect(second.split.deductible == .zero && second.split.pooled.fen == 21_000)
    }

    @Test("every entry's postings sum to zero and every balance is the sum of its postings")
    func doubleEntry() {
        var town = Town()
        for fen in [100, 900, 4000] as [Int64] {
            town.decide(.settle(Town.bill(fen: fen)), at: Town.pharmacy)
            town.decide(
                .settle(Town.bill(fen: fen * 9, visit: .outpatient, partial: true)),
                at: Town.hospital)
        }
        var sum = Money.zero
        for entry in town.rows.entries {
            #expect(entry.postings.reduce(Money.zero) { $0 + $1.amount } == .zero)
            for posting in entry.postings where posting.account == .individual(Town.person) {
                sum += posting.amount
            }
        }
        #expect(sum.fen == town.balance)
    }

    @Test("each account's head is the hash of the head before it and the entry's chain bytes")
    func chain() {
        var town = Town()
        town.decide(.settle(Town.bill(fen: 700)), at: Town.pharmacy)
        town.decide(.settle(Town.bill(fen: 800)), at: Town.pharmacy)
        var head = Digest.zero
        var count: UInt64 = 0
        for entry in town.rows.entries where !entry.movements.isEmpty {
            guard
                entry.movements.contains(where: { $0.person == Town.person && $0.amount != .zero })
            else { continue }
            var writer = ByteWriter()
            writer.digest(head)
            let bytes = writer.bytes + JournalCoding.chainBytes(entry)
            head = bytes.withUnsafeBytes { Town.digest($0) }
            count += 1
        }
        #expect(town.rows.accounts[Town.person]?.head == head)
        #expect(town.rows.accounts[Town.person]?.entries == count && count == 3)
    }

    @Test("a quote a thousand times changes no balance, no accumulator, no trace code")
    func quotes() {
        var town = Town()
        let accounts = town.rows.accounts
        for _ in 0..<1000 {
            let outcome = town.decide(
                .quote(Town.bill(fen: 3000, visit: .outpatient, trace: ["81000001"])),
                at: Town.hospital)
            #expect(outcome.code == .approved)
        }
        #expect(town.rows.accounts == accounts)
        #expect(town.rows.accumulators.isEmpty && town.rows.traceCodes.isEmpty)
        #expect(town.rows.settlements.isEmpty)
    }

    @Test("a settle that names its quote is approved while the split is the same, else 19")
    func quoteDigest() {
        var town = Town()
        let quoted = town.decide(.quote(Town.bill(fen: 3000)), at: Town.pharmacy)
        guard case .settlement(let answer) = quoted.payload else { return }
        #expect(answer.quoteDigest != 0)
        let digest = answer.quoteDigest
        #expect(
            town.decide(.settle(Town.bill(fen: 3000, digest: digest)), at: Town.pharmacy).code
                == .approved)
        #expect(
            town.decide(.settle(Town.bill(fen: 9000, digest: digest)), at: Town.pharmacy).code
                == .quoteStale)
        #expect(town.balance == 7000)
    }

    @Test("a relative's bill draws on the owner's account after the own, up to the yearly limit")
    func family() {
        var town = Town()
        town.register([
            .credit(Town.credit(Town.owner, 90_000, "opening")),
            .family(
                FamilyRow(
                    member: Town.person,
                    links: [
                        FamilyLink(
                            owner: Town.owner, relationship: .spouse,
                            yearlyLimit: Money(fen: 5000), usedYear: 0, used: .zero)
                    ])),
        ])
        #expect(town.decide(.settle(Town.bill(fen: 13_000)), at: Town.pharmacy).code == .approved)
        #expect(town.balance == 0 && town.rows.accounts[Town.owner]?.balance.fen == 87_000)
        #expect(
            town.decide(.settle(Town.bill(fen: 2001)), at: Town.pharmacy).code
                == .insufficientFunds)
        #expect(town.decide(.settle(Town.bill(fen: 2000)), at: Town.pharmacy).code == .approved)
        #expect(town.rows.accounts[Town.owner]?.balance.fen == 85_000)
    }

    @Test("what was quoted with a relative's money is 19 once the link is gone, never cash")
    func familyRevoked() {
        var town = Town()
        let link = FamilyLink(
            owner: Town.owner, relationship: .spouse, yearlyLimit: nil, usedYear: 0, used: .zero)
        town.register([
            .credit(Town.credit(Town.owner, 90_000, "opening")),
            .family(FamilyRow(member: Town.person, links: [link])),
        ])
        let quoted = town.decide(.quote(Town.bill(fen: 13_000, partial: true)), at: Town.pharmacy)
        guard case .settlement(let answer) = quoted.payload else { return }
        town.register([.family(FamilyRow(member: Town.person, links: []))])
        let settled = town.decide(
            .settle(Town.bill(fen: 13_000, partial: true, digest: answer.quoteDigest)),
            at: Town.pharmacy)
        #expect(settled.code == .quoteStale && town.balance == 10_000)
    }

    @Test("use of a limited item is remembered: what is beyond the limit falls to the account")
    func usage() {
        var town = Town()
        let bill = Town.bill(.code(Town.limited), units: 3, fen: 1000, visit: .outpatient)
        guard case .settlement(let answer) = town.decide(.settle(bill), at: Town.hospital).payload
        else { return }
        #expect(answer.split.parts.map(\.itemClass) == [.catalog, .account])
        let more = Town.bill(.code(Town.limited), units: 1, fen: 1000, visit: .outpatient)
        guard case .settlement(let next) = town.decide(.settle(more), at: Town.hospital).payload
        else { return }
        #expect(next.split.parts.map(\.itemClass) == [.account])
    }

    @Test("a trace code that a bill names twice is taken once: one entry changes a row once")
    func traceCodeTwice() throws {
        var town = Town()
        var bill = Town.bill(units: 2, fen: 500, trace: ["81000001", "81000001"])
        bill.lines.append(bill.lines[0])
        bill.total += bill.total
        #expect(town.decide(.settle(bill), at: Town.pharmacy).code == .approved)
        let entry = try #require(town.rows.entries.last)
        let taken = entry.changes.filter { if case .traceCode = $0 { true } else { false } }
        #expect(taken.count == 1)
    }

    @Test("a line by index means the entry of the version that the request names")
    func byIndex() {
        var town = Town()
        let outcome = town.decide(.settle(Town.bill(.index(0), fen: 500)), at: Town.pharmacy)
        #expect(outcome.code == .approved)
        let row = town.rows.settlements.values.first
        #expect(row?.lines.first?.code == Town.medicine)
    }
}
