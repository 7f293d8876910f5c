import ArgumentParser

/// Whose terminals and cards are used.
struct WhoOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Folder of terminals' credentials: one terminal's, or one folder a terminal.",
            valueName: "folder"))
    var terminals: String

    @Option(
        help: ArgumentHelp(
            "CSV file with a heading and the columns card and pin.", valueName: "file"))
    var cards: String

    @Option(
        help: ArgumentHelp(
            "The daemon's operator socket: the run ends with a check.", valueName: "socket"))
    var `operator`: String?

    @Option(help: "Another host than the credentials name.")
    var host: String?

    @Option(help: "Another port than the credentials name.")
    var port: Int?
}

/// What is sent.
struct WhatOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("A recorded workload; see Protocol/Recording.md.", valueName: "file"))
    var recording: String?

    @Option(help: "Seeds the generated workload: the same seed gives the same requests.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Percentages of settle, quote, inquiry, status, echo, void, refund, reversal, copy and "
                + "wrong (undoings that must be refused); or life, a day's whole life.",
            valueName: "kind=percent,..."))
    var mix = "settle=100"

    @Option(
        help: ArgumentHelp(
            "Per cent of the sales that are struck: cut-before, cut-after (sent again or reversed, "
                + "by turns), late, duplicate, reorder; voids and refunds by cuts and duplicate.",
            valueName: "fault=percent,..."))
    var faults: String?

    @Option(help: ArgumentHelp("Lines of a sale: 3, or 1-5 for evenly that many.", valueName: "n"))
    var lines = "3"

    @Option(help: "Of a hundred sales, how many allow partial approval.")
    var partial = 100

    @Option(help: "The highest price of a unit that has no ceiling, in yuan.")
    var priceMax = 60

    @Option(help: "Use the first so many cards of the file only.")
    var cardsMax: Int?

    func validate() throws {
        _ = try lineRange()
        guard (0...100).contains(partial) else { throw ValidationError("--partial is 0 to 100") }
        guard (2...1_000_000).contains(priceMax) else {
            throw ValidationError("--price-max is 2 to 1000000")
        }
        if let cardsMax, cardsMax < 1 { throw ValidationError("--cards-max is 1 or more") }
        do {
            _ = try TransactionMix(mix)
        } catch {
            throw ValidationError("--mix: \(error)")
        }
        if recording != nil, faults != nil {
            throw ValidationError("--faults strikes the generated workload, not a --recording")
        }
        do {
            _ = try faultPlan()
        } catch {
            throw ValidationError("--faults: \(error)")
        }
    }

    /// What befalls sales.
    func faultPlan() throws -> FaultPlan { try faults.map { try FaultPlan($0) } ?? .none }

    /// The lines of a sale.
    func lineRange() throws -> ClosedRange<Int> {
        let ends = lines.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(ends.count), let first = ends.first ?? nil,
            let last = ends.last ?? nil, first >= 1, last >= first, last <= 200
        else { throw ValidationError("--lines is 1 to 200, or a range such as 1-5") }
        return first...last
    }
}

/// How much is sent, and how fast.
struct LoadOptions: ParsableArguments, Sendable {
    @Option(help: "Connections in all, dealt round among the terminals; default: one a terminal.")
    var connections: Int?

    @Option(help: "Requests in flight on each connection.")
    var depth = 1

    @Option(help: "End after so many requests.")
    var count: Int?

    @Option(help: "End after so many seconds.")
    var duration: Double?

    @Option(help: "Do not measure the first so many seconds.")
    var warmUp = 0.0

    @Option(help: "Open loop: so many requests a second in all.")
    var rate: Double?

    @Option(help: "Open loop at the recording's times, so many times as fast.")
    var speed: Double?

    @Option(help: "Event loops; the daemon wants processors too.")
    var threads = 1

    @Option(help: "Give a connection up when an answer takes longer than so many seconds.")
    var answerTimeout = 30.0

    @Option(help: "Give a terminal up that cannot be had again for so many seconds.")
    var reconnectFor = 60.0

    func validate(hasRecording: Bool) throws {
        if count == nil, duration == nil, !hasRecording {
            throw ValidationError("say how much: --count, --duration, or --recording")
        }
        for (name, value) in [("--connections", connections), ("--count", count)] {
            if let value, value < 1 { throw ValidationError("\(name) is 1 or more") }
        }
        guard (1...256).contains(depth) else { throw ValidationError("--depth is 1 to 256") }
        guard (1...64).contains(threads) else { throw ValidationError("--threads is 1 to 64") }
        let seconds: [(String, Double?)] = [
            ("--duration", duration), ("--answer-timeout", answerTimeout), ("--rate", rate),
            ("--speed", speed),
        ]
        for (name, value) in seconds {
            if let value, !(value > 0 && value <= 1e7) {
                throw ValidationError("\(name) is above 0 and at most 10000000")
            }
        }
        guard (0...86_400).contains(warmUp), (0...86_400).contains(reconnectFor) else {
            throw ValidationError("--warm-up and --reconnect-for are 0 to 86400 seconds")
        }
        if speed != nil, rate != nil { throw ValidationError("--rate or --speed, not both") }
        if speed != nil, !hasRecording { throw ValidationError("--speed needs --recording") }
    }
}

/// What is told at the end.
struct ResultOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("Write the figures as JSON.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Write the latency of all kinds as an HdrHistogram percentile file, in milliseconds.",
            valueName: "file"))
    var hgrm: String?

    @Option(
        help: ArgumentHelp(
            "Answers compared with the ledger at the end, evenly chosen, or all.",
            valueName: "n|all"))
    var check = "2000"

    @Option(help: "Cards whose accounts are compared one by one; of more cards, the first so many.")
    var checkAccounts = 10_000

    @Flag(help: "No progress line.")
    var quiet = false

    /// How many answers are kept for the check.
    func keptMax() throws -> Int {
        if check == "all" { return .max }
        guard let count = Int(check), count >= 0 else {
            throw ValidationError("--check is a number or all")
        }
        return count
    }
}
