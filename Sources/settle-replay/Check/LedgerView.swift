import Ledger
import SettlementClient
import SettlementDomain

/// What the ledger holds at one moment, as far as a run may change it.
struct LedgerView: Sendable {
    /// Sums by ledger account; individual accounts are one.
    var balances: [String: Int64] = [:]
    /// The person of each card of the card file, as far as asked.
    var persons: [PersonID] = []
    /// Balances of individual accounts and of those who may pay for them.
    var accounts: [PersonID: Int64] = [:]
    /// On whose accounts a person may draw beside the own.
    var owners: [PersonID: [PersonID]] = [:]

    private static let questionsAtOnce = 4

    /// Asks the daemon.
    ///
    /// - Parameters:
    ///   - daemon: its operator socket.
    ///   - cards: whose accounts are asked for.
    /// - Returns: the view; its persons stand in the order of `cards`.
    /// - Throws: `ClientFault`, also where a card is not registered.
    static func read(
        _ daemon: OperatorConnection, cards: some Collection<CardNumber>
    ) async throws(ClientFault) -> LedgerView {
        var view = LedgerView()
        guard case .balances(let balances) = try await daemon.page(.balances) else {
            throw .protocolViolation("no balances")
        }
        for (account, balance) in balances { view.balances[account, default: 0] += balance.fen }
        let rows = try await ask(daemon, cards.map { .card($0) }) { page -> [PersonID] in
            if case .cards(let rows) = page { rows.map(\.person) } else { [] }
        }
        view.persons = rows.flatMap { $0 }
        guard rows.allSatisfy({ $0.count == 1 }) else {
            throw .protocolViolation("a card of the card file is not registered")
        }
        let members = Array(Set(view.persons))
        let families = try await ask(daemon, members.map { .family($0) }) { page -> [PersonID] in
            guard case .families(let rows) = page else { return [] }
            return rows.flatMap { $0.links.map(\.owner) }
        }
        for (member, owners) in zip(members, families) where !owners.isEmpty {
            view.owners[member] = owners
        }
        let all = Array(Set(members).union(families.joined()))
        let accounts = try await ask(daemon, all.map { .account($0) }) { page -> Int64? in
            guard case .accounts(let rows) = page else { return nil }
            return rows.first?.balance.fen
        }
        for (person, balance) in zip(all, accounts) {
            if let balance { view.accounts[person] = balance }
        }
        return view
    }

    /// Asks many questions, some at once; the answers in the order of the questions.
    static func ask<Value: Sendable>(
        _ daemon: OperatorConnection, _ questions: [StoreQuestion],
        _ read: @escaping @Sendable (StorePage) -> Value
    ) async throws(ClientFault) -> [Value] {
        var answers: [Value] = []
        answers.reserveCapacity(questions.count)
        for start in stride(from: 0, to: questions.count, by: questionsAtOnce) {
            let some = Array(questions[start..<min(start + questionsAtOnce, questions.count)])
            let results = await withTaskGroup(
                of: (Int, Result<Value, ClientFault>).self
            ) { group in
                for (index, question) in some.enumerated() {
                    group.addTask {
                        do throws(ClientFault) {
                            return (index, .success(read(try await daemon.page(question))))
                        } catch {
                            return (index, .failure(error))
                        }
                    }
                }
                var found: [Int: Result<Value, ClientFault>] = [:]
                for await (index, result) in group { found[index] = result }
                return found
            }
            for index in some.indices {
                if let result = results[index] { answers.append(try result.get()) }
            }
        }
        return answers
    }
}
