import Foundation
import Histogram
import NIOCore
import SettlementClient
import SettlementDomain
import TLSChannel

/// One invocation from credentials to report.
struct ReplayRun: Sendable {
    let who: WhoOptions
    let what: WhatOptions
    let load: LoadOptions
    let result: ResultOptions

    /// Runs the workload and writes what was asked for.
    func run() async throws -> RunReport {
        let credentials = try self.credentials()
        var cards = try CardFile.read(try Output.read(who.cards), path: who.cards)
        if let max = what.cardsMax { cards = Array(cards.prefix(max)) }
        let recording = try what.recording.map { path throws(ReplayFault) in
            try Self.recording(path)
        }
        let run = LoadRun(threads: load.threads)
        do {
            let report = try await self.run(run, credentials, cards, recording)
            await run.close()
            return report
        } catch {
            await run.close()
            throw error
        }
    }

    private func run(
        _ run: LoadRun, _ credentials: [TerminalCredentials], _ cards: [TestCard],
        _ recording: Recording?
    ) async throws -> RunReport {
        let (catalog, day) = try await Self.catalog(try LoadTerminal(credentials[0]), run)
        let wanted = recording.map { Set($0.terminals) } ?? Self.sellingRoles
        let terminals = try await run.terminals(credentials, of: wanted, atMost: load.connections)
        let connections = load.connections ?? terminals.count
        let roles = try await run.open(terminals, connections: connections, depth: load.depth)
        let recorded = try recording.map { recording throws(ReplayFault) in
            try RecordedWorkload(
                recording, cards: cards, catalog: catalog, on: day,
                mark: UInt64(TerminalClock.system.seconds()))
        }
        let templates = try self.templates(roles, recorded, catalog, day, cards)

        let checked = cards.prefix(result.checkAccounts).map(\.number)
        var before: LedgerView?
        if let path = who.operator { before = try await Self.view(path, run, checked) }
        let mix = try TransactionMix(what.mix)
        let tracksLife = try recorded?.undoes ?? (mix.undoes || !what.faultPlan().isEmpty)
        let used = tracksLife ? Array(terminals.prefix(connections)) : []
        let reconciliation = try await ReconciliationCheck(used, on: run.spareLoop)

        let start = NIODeadline.now().uptimeNanoseconds
        var plan = try plan(cards, templates, start: start, recorded?.count)
        plan.tracksLife = tracksLife
        if tracksLife { plan.keptMax = try result.keptMax() }
        let work = try recorded.map { recorded throws(ReplayFault) in
            try run.lanes(recorded, pace, plan, start: start)
        }
        let progress = Task {
            [plan] in await show(plan.progress, goal: goal(recorded?.count), start: start)
        }
        let outcome = try await run.run(plan, work ?? run.lanes(mix, pace, plan, start: start))
        progress.cancel()
        await progress.value
        if let fault = outcome.fault { Output.complain("settle-replay: ended early: \(fault)") }
        if let leftOut = recorded?.leftOut, leftOut > 0 {
            Output.complain(
                "settle-replay: \(leftOut) requests that name what is not in the recording were "
                    + "left out")
        }

        var report = RunReport(
            outcome.figures, connections: connections, depth: load.depth, rate: load.rate,
            from: max(start, plan.measuredFrom))
        if let path = who.operator, let before {
            report.checks = try await check(
                outcome.effects, before: before, path, run, checked,
                isEveryCard: checked.count == cards.count)
        }
        if tracksLife {
            report.checks.append(try await reconciliation.run(outcome.books, on: run.spareLoop))
            let expected = StateCheck.expected(
                outcome.effects.kept, recorded == nil ? outcome.books.states : [:],
                max: plan.keptMax)
            if recorded == nil {
                report.checks.append(
                    try await StateCheck.run(expected, used, on: run.spareLoop))
            }
        }
        try write(report, outcome.figures)
        return report
    }

    // MARK: The check

    private static func view(
        _ path: String, _ run: LoadRun, _ cards: [CardNumber]
    ) async throws(ClientFault) -> LedgerView {
        let daemon = try await OperatorConnection.open(path: path, on: run.spareLoop)
        let view = try await LedgerView.read(daemon, cards: cards)
        await daemon.close()
        return view
    }

    private func check(
        _ effects: Effects, before: LedgerView, _ path: String, _ run: LoadRun,
        _ cards: [CardNumber], isEveryCard: Bool
    ) async throws(ClientFault) -> [ConservationCheck.Finding] {
        // A new connection: the daemon may have been started again meanwhile.
        let daemon = try await OperatorConnection.open(path: path, on: run.spareLoop)
        let after = try await LedgerView.read(daemon, cards: cards)
        let findings =
            ConservationCheck.sums(effects, before: before, after: after)
            + ConservationCheck.accounts(
                effects.byCard[..<cards.count], familyPaid: isEveryCard ? effects.family : nil,
                before: before, after: after)
            + (try await AnswerCheck.run(effects.kept, daemon))
        await daemon.close()
        return findings
    }

    // MARK: What goes in

    private func credentials() throws -> [TerminalCredentials] {
        let all = try TerminalCredentials.all(in: who.terminals)
        guard !all.isEmpty else {
            throw ReplayFault("\(who.terminals): no folder with a terminal.conf")
        }
        return all.map {
            var credentials = $0
            if let host = who.host { credentials.host = host }
            if let port = who.port { credentials.port = port }
            return credentials
        }
    }

    private static func recording(_ path: String) throws(ReplayFault) -> Recording {
        let text = try Output.read(path)
        do {
            return try Recording(text: text)
        } catch {
            throw ReplayFault("\(path): \(error)")
        }
    }

    private static func catalog(
        _ terminal: LoadTerminal, _ run: LoadRun
    ) async throws(ClientFault) -> (Catalog?, CivilDate) {
        let connection = try await TerminalConnection.open(
            terminal.credentials, at: terminal.address, on: run.spareLoop)
        let catalog = try await connection.catalog()
        let day = connection.businessDate
        try await connection.signOff()
        return (catalog, day)
    }

    /// Roles whose terminals take part in a generated workload.
    private static let sellingRoles: Set<Role> = [.pharmacy, .hospital, .vaccination]

    private func templates(
        _ roles: [Role: Int], _ recorded: RecordedWorkload?, _ catalog: Catalog?,
        _ day: CivilDate, _ cards: [TestCard]
    ) throws -> [Role: TemplateSet] {
        if let recorded { return recorded.templates }
        guard let catalog, let card = cards.first?.number else {
            throw ReplayFault("the daemon has no catalog in force")
        }
        var shape = SaleShape()
        shape.lines = try what.lineRange()
        shape.partialPercent = what.partial
        shape.priceMax = what.priceMax * 100
        return try Dictionary(
            uniqueKeysWithValues: roles.keys.map { role throws(ReplayFault) in
                (
                    role,
                    try TemplateSet.generated(
                        role, catalog, on: day, shape, seed: what.seed, card: card)
                )
            })
    }

    private func plan(
        _ cards: [TestCard], _ templates: [Role: TemplateSet], start: UInt64, _ recorded: Int?
    ) throws -> LoadPlan {
        LoadPlan(
            answerNanoseconds: Self.nanoseconds(load.answerTimeout),
            reconnectNanoseconds: Self.nanoseconds(load.reconnectFor), cards: cards,
            templates: templates, keptMax: who.operator == nil ? 0 : try result.keptMax(),
            seed: what.seed, measuredFrom: start + Self.nanoseconds(load.warmUp),
            budget: Budget(
                count: load.count,
                deadline: load.duration.map { start + Self.nanoseconds($0 + load.warmUp) }),
            progress: Progress(), faults: try what.faultPlan())
    }

    private var pace: LoadRun.Pace {
        if let rate = load.rate { return .rate(rate) }
        if let speed = load.speed { return .recorded(speed: speed) }
        return .closed
    }

    // MARK: What comes out

    private func goal(_ recorded: Int?) -> ProgressLine.Goal {
        if let count = load.count ?? recorded { return .requests(count) }
        return .seconds((load.duration ?? 0) + load.warmUp)
    }

    private func show(_ progress: Progress, goal: ProgressLine.Goal, start: UInt64) async {
        guard !result.quiet else { return }
        var line = ProgressLine(goal: goal)
        let pause: Duration = Output.isTerminal ? .milliseconds(250) : .seconds(5)
        while !Task.isCancelled {
            try? await Task.sleep(for: pause)
            let seconds = Double(NIODeadline.now().uptimeNanoseconds - start) / 1e9
            Output.progress(
                line.text(
                    seconds: seconds, answers: progress.answers, refusals: progress.refusals,
                    cuts: progress.cuts))
        }
        Output.endProgress()
    }

    private func write(_ report: RunReport, _ figures: Figures) throws {
        Output.print(report.text)
        if let path = result.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            let json = String(decoding: try encoder.encode(report), as: UTF8.self)
            try Output.write(json + "\n", to: path)
        }
        if let path = result.hgrm {
            var text = ""
            figures.overall.outputPercentileDistribution(
                to: &text, outputValueUnitScalingRatio: 1_000_000)
            try Output.write(text, to: path)
        }
    }

    private static func nanoseconds(_ seconds: Double) -> UInt64 {
        UInt64(seconds * 1_000_000_000)
    }
}
