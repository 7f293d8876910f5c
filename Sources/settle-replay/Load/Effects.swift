import NIOCore
import Ledger
import SettlementClient
import SettlementDomain

/// One answer, kept to be compared with what the ledger has recorded.
struct KeptAnswer: Sendable, Hashable {
    var key: RequestKey
    var kind: TransactionKind
    var code: UInt8
    /// Of an approved settle: what others than the patient in cash pay, in fen.
    var insured: Int64
    /// Of the body without the replayed mark.
    var digest: UInt64
}

/// What approved settles moved, as the terminals were told.
struct Effects: Sendable {
    var settles: UInt64 = 0
    var pooled: Int64 = 0
    var large: Int64 = 0
    var supplement: Int64 = 0
    var account: Int64 = 0
    var family: Int64 = 0
    /// What own accounts paid, by card of the card file.
    var byCard: [Int64]
    /// Keyed answers kept for the check.
    var kept: [KeptAnswer] = []
    private let keptMax: Int
    private var seen = 0
    private var random: SeededGenerator

    /// - Parameters:
    ///   - cards: how many cards there are.
    ///   - keptMax: how many answers are kept, evenly chosen.
    ///   - seed: chooses them.
    init(cards: Int, keptMax: Int, seed: UInt64) {
        byCard = [Int64](repeating: 0, count: cards)
        self.keptMax = keptMax
        random = SeededGenerator(seed: seed)
    }

    /// What others than the patient in cash paid.
    var insured: Int64 { pooled + large + supplement + account + family }

    /// Takes off what a void, refund or reversal gave back of a settle that was counted.
    mutating func takeOff(_ item: WorkItem, _ summary: ResponseSummary) {
        pooled -= summary.pooled
        large -= summary.large
        supplement -= summary.supplement
        account -= summary.account
        family -= summary.family
        byCard[Int(item.card)] -= summary.account
    }

    /// Takes the answer to a keyed request.
    mutating func take(
        _ item: WorkItem, _ key: @autoclosure () -> RequestKey, _ summary: ResponseSummary,
        _ body: ByteBuffer
    ) {
        var moved: Int64 = 0
        if item.kind == .settle, summary.code == 0 || summary.code == 10 {
            settles += 1
            pooled += summary.pooled
            large += summary.large
            supplement += summary.supplement
            account += summary.account
            family += summary.family
            byCard[Int(item.card)] += summary.account
            moved = summary.insured
        }
        keep(item, key, summary, body, moved)
    }

    /// Keeps every answer with the same chance: the first `keptMax`, then each in place of another.
    private mutating func keep(
        _ item: WorkItem, _ key: () -> RequestKey, _ summary: ResponseSummary, _ body: ByteBuffer,
        _ moved: Int64
    ) {
        seen += 1
        var place = kept.count
        if place >= keptMax {
            place = random.below(seen)
            guard place < keptMax else { return }
        }
        let answer = KeptAnswer(
            key: key(), kind: item.kind, code: summary.code, insured: moved,
            digest: Self.digest(body, replayed: summary.replayed))
        if place < kept.count { kept[place] = answer } else { kept.append(answer) }
    }

    /// Adds another loop's effects.
    mutating func add(_ other: Effects) {
        settles += other.settles
        pooled += other.pooled
        large += other.large
        supplement += other.supplement
        account += other.account
        family += other.family
        for index in byCard.indices { byCard[index] += other.byCard[index] }
        kept += other.kept
    }

    /// A digest of a response's body, equal for the recorded answer and its replay.
    static func digest(_ body: ByteBuffer, replayed: Bool) -> UInt64 {
        body.withUnsafeReadableBytes { bytes in
            // A replay is the recorded body with two bytes behind it: field 3, true.
            digest(UnsafeRawBufferPointer(rebasing: replayed ? bytes.dropLast(2) : bytes[...]))
        }
    }

    /// A digest of a recorded response's body.
    static func digest(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
