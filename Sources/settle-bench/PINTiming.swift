import ArgumentParser
import CardSecurity
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol

/// `settle-bench pin-timing`.
struct PINTiming: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin-timing",
        abstract: "Compares the time that PIN blocks take which cannot be used, each for a reason.",
        discussion: """
            Each round takes every block once, in random order. In this process: opening a block, \
            making its verification value and comparing it, for every unusable block of the \
            vectors, for a wrong PIN and for the right one. With --terminals: card inquiries over \
            TLS on one connection, from sending to the answer 99.

            Every sample is compared with that of a block under another key by the Mann-Whitney \
            test. "above" is how often it is the slower one: 0.500 is no difference; z beyond 4 is \
            no chance. Prints Markdown.

            EXAMPLE
              settle-bench pin-timing --vectors Protocol/Vectors/pin/refused.json
              settle-bench pin-timing --terminals site/terminals --cards site/cards.csv
            """)

    @Option(help: "The vectors of blocks that must be refused.")
    var vectors = "Protocol/Vectors/pin/refused.json"

    @Option(help: "Folder of terminals' credentials: the daemon is measured too.")
    var terminals: String?

    @Option(help: "CSV file of cards.")
    var cards: String?

    @Option(help: "The daemon's port, if not the one that the credentials name.")
    var port: Int?

    @Option(help: "Rounds.")
    var rounds = 20_000

    @Option(help: "Seeds the order of each round.")
    var seed: UInt64 = 1

    func run() async throws {
        if let terminals {
            guard let cards else { throw BenchFault("--terminals needs --cards") }
            let peer = try await TimedTerminal(
                folder: terminals, port: port, cards: BenchCards.read(cards, most: 2))
            var samples = Samples(peer.names)
            var order = Array(samples.names.indices)
            var random = SeededOrder(state: seed)
            for round in 0..<(rounds + rounds / 10) {
                order.shuffle(using: &random)
                for index in order {
                    let nanoseconds = try await peer.nanoseconds(index)
                    if round >= rounds / 10 { samples.add(nanoseconds, to: index) }
                }
            }
            await peer.close()
            print(samples.table("over TLS, to the answer 99", against: "made under another key"))
            return
        }
        for algorithm in PINAlgorithm.allCases where algorithm.isAvailable {
            let blocks = try TimedBlocks(path: vectors, algorithm: algorithm)
            var samples = Samples(blocks.names)
            var order = Array(samples.names.indices)
            var random = SeededOrder(state: seed)
            for round in 0..<(rounds + rounds / 10) {
                order.shuffle(using: &random)
                for index in order {
                    let nanoseconds = blocks.nanoseconds(index)
                    if round >= rounds / 10 { samples.add(nanoseconds, to: index) }
                }
            }
            print(samples.table("in process, \(algorithm)", against: "made under another key"))
        }
    }
}

/// Times of each kind of block.
private struct Samples {
    let names: [String]
    private var times: [[Double]]

    init(_ names: [String]) {
        self.names = names
        times = Array(repeating: [], count: names.count)
    }

    mutating func add(_ nanoseconds: Double, to index: Int) { times[index].append(nanoseconds) }

    func table(_ title: String, against reference: String) -> String {
        let base = names.firstIndex(of: reference) ?? 0
        var lines = ["| \(title), \(times[base].count) each | median ns | above | z |"]
        lines.append("| --- | --- | --- | --- |")
        for (index, name) in names.enumerated() {
            let sorted = times[index].sorted()
            let median = Int(sorted[sorted.count / 2])
            guard index != base else {
                lines.append("| \(name) | \(median) | | |")
                continue
            }
            let test = RankTest(times[base], times[index])
            lines.append(
                "| \(name) | \(median) | \(String(format: "%.3f", test.superiority)) "
                    + "| \(String(format: "%.1f", test.z)) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// SplitMix64, for the order of rounds.
private struct SeededOrder: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Nanoseconds of a clock that never goes back.
private func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Unusable blocks of the vectors, a wrong PIN and the right one, with what opens them.
private struct TimedBlocks {
    private struct Vector: Decodable {
        var reason, algorithm, pinKey, card, block: String
    }

    let names: [String]
    private let blocks: [[UInt8]]
    private let opener: PINOpener
    private let verifier: PINVerifier
    private let card: CardDigits
    private let expected: PINVerification

    init(path: String, algorithm: PINAlgorithm) throws {
        let name = algorithm == .aes128 ? "AES_128" : "SM4"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let vectors = try JSONDecoder().decode([Vector].self, from: data).filter {
            $0.algorithm == name
        }
        guard let first = vectors.first, let key = Self.bytes(first.pinKey),
            let number = UInt64(first.card),
            let card = CardDigits(value: number, count: UInt8(first.card.utf8.count)),
            vectors.allSatisfy({ $0.pinKey == first.pinKey && $0.card == first.card })
        else { throw BenchFault("\(path): no vectors of one key and card for \(name)") }
        func secret() -> SecretBytes {
            var copy = key
            return SecretBytes(wiping: &copy)
        }
        opener = try PINOpener(key: secret(), algorithm: algorithm)
        verifier = try PINVerifier(current: SecretBytes.random(count: 32), keyID: 1)
        let sealer = try PINSealer(key: secret(), algorithm: algorithm)
        self.card = card
        let right = try verifier.verificationValue(pin: "246810", card: card)
        expected = PINVerification(keyID: right.keyID, high: right.high, low: right.low)
        names = vectors.map(\.reason) + ["usable, wrong PIN", "usable, right PIN"]
        blocks =
            try vectors.map { vector in
                guard let block = Self.bytes(vector.block) else {
                    throw BenchFault("\(path): \(vector.reason): no hexadecimal digits")
                }
                return block
            } + [
                try sealer.block(pin: "135790", card: card),
                try sealer.block(pin: "246810", card: card),
            ]
    }

    func nanoseconds(_ index: Int) -> Double {
        let block = blocks[index]
        let start = now()
        let values = try? verifier.verificationValues(pinBlock: block, card: card, opener: opener)
        let isRight =
            values.map { value in
                expected.matches(
                    PINVerification(
                        keyID: value.current.keyID, high: value.current.high,
                        low: value.current.low))
            } ?? false
        let end = now()
        // So that nothing above can be left out.
        precondition(isRight == (index == blocks.count - 1), "a block was judged wrongly")
        return Double(end - start)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
        }
    }
}

/// A terminal that makes card inquiries whose PIN blocks cannot be used, and times the answers.
private final class TimedTerminal {
    let names: [String]
    private let blocks: [[UInt8]?]
    private let connection: FrameExchange
    private let card: CardNumber
    private let date: CivilDate
    private var stan: UInt32 = 0

    init(folder: String, port: Int?, cards: [BenchCard]) async throws {
        guard cards.count == 2 else { throw BenchFault("two cards are needed") }
        let all = try TerminalCredentials.all(in: folder)
        guard var credentials = all.first else { throw BenchFault("\(folder): no credentials") }
        credentials.port = port ?? credentials.port
        let address = try credentials.address()
        let own = try await Self.signOn(credentials, address)
        let other = try await Self.signOn(credentials, address)
        await other.exchange.close()
        connection = own.exchange
        card = cards[0].number
        date = own.date
        let good = try own.sealer.block(pin: cards[0].pin, card: cards[0].digits)
        var turned = good
        turned[15] ^= 1
        names = [
            "made under another key", "made for another card", "last bit turned",
            "cut to 15 bytes", "17 bytes", "zeros", "none",
        ]
        blocks = [
            try other.sealer.block(pin: cards[0].pin, card: cards[0].digits),
            try own.sealer.block(pin: cards[0].pin, card: cards[1].digits), turned,
            Array(good.prefix(15)), good + [0], [UInt8](repeating: 0, count: 16), nil,
        ]
    }

    func nanoseconds(_ index: Int) async throws -> Double {
        // Nothing is recorded, so that a number may come again.
        stan = stan % 999_999 + 1
        let header = RequestHeader(businessDate: date, stan: stan, terminalTime: 0)
        let body = RequestEncoder.cardInquiry(header, card: card, pinBlock: blocks[index])
        let start = now()
        let frame = try await connection.request(kind: RequestKind.cardInquiry.rawValue, body: body)
        let end = now()
        let code = try ResponseDecoder.decode(frame).result.code
        guard code == .pinBlockUnusable else {
            throw BenchFault("\(names[index]): the answer was \(code.text)")
        }
        return Double(end - start)
    }

    func close() async { await connection.close() }

    private static func signOn(
        _ credentials: TerminalCredentials, _ address: ServerAddress
    ) async throws -> (exchange: FrameExchange, sealer: PINSealer, date: CivilDate) {
        let exchange = try await FrameExchange.connect(to: address)
        let request = SignOnRequest(
            header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
            terminal: credentials.terminal, software: "settle-bench")
        let frame = try await exchange.request(
            kind: RequestKind.signOn.rawValue, body: RequestEncoder.signOn(request))
        let response = try ResponseDecoder.decode(frame)
        guard case .signOn(let grant) = response.payload, let date = response.result.businessDate,
            let sealer = try TerminalConnection.sealer(grant, masterKey: credentials.masterKey)
        else { throw BenchFault("not signed on: \(response.result.code.text)") }
        return (exchange, sealer, date)
    }
}
