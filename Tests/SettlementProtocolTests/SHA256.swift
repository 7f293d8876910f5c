import Ledger

/// SHA-256, straight from FIPS 180-4, so that the pages' digests are checked by other code than the
/// daemon's.
enum SHA256 {
    static let digest: SHA256Function = { message in
        var padded = [UInt8](message) + [0x80]
        padded.append(contentsOf: [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64))
        let bits = UInt64(message.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        var state: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c,
            0x1f83_d9ab, 0x5be0_cd19,
        ]
        for block in stride(from: 0, to: padded.count, by: 64) {
            add(padded[block..<block + 64], to: &state)
        }
        let words = stride(from: 0, to: 8, by: 2).map {
            UInt64(state[$0]) << 32 | UInt64(state[$0 + 1])
        }
        return Digest(words: (words[0], words[1], words[2], words[3]))
    }

    private static func add(_ block: ArraySlice<UInt8>, to state: inout [UInt32]) {
        var schedule: [UInt32] = []
        for start in stride(from: block.startIndex, to: block.endIndex, by: 4) {
            schedule.append(block[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        for index in 16..<64 {
            let (near, far) = (schedule[index - 2], schedule[index - 15])
            let one = turned(near, 17) ^ turned(near, 19) ^ near >> 10
            let zero = turned(far, 7) ^ turned(far, 18) ^ far >> 3
            schedule.append(schedule[index - 16] &+ zero &+ schedule[index - 7] &+ one)
        }
        var work = state
        for index in 0..<64 {
            let (a, e) = (work[0], work[4])
            let choice = (e & work[5]) ^ (~e & work[6])
            let majority = (a & work[1]) ^ (a & work[2]) ^ (work[1] & work[2])
            let first =
                work[7] &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ choice
                &+ constants[index] &+ schedule[index]
            let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ majority
            work = [first &+ second] + work[0..<3] + [work[3] &+ first] + work[4..<7]
        }
        for index in 0..<8 { state[index] &+= work[index] }
    }

    private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word >> bits | word << (32 - bits)
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { prime in
            // The root of prime x 2^96, bit by bit: its low 32 bits are the fraction.
            var root: UInt64 = 0
            for bit in stride(from: 34 as UInt64, through: 0, by: -1) {
                let next = root | 1 << bit
                if cube(next, isAtMost: prime) { root = next }
            }
            return UInt32(truncatingIfNeeded: root)
        }
    }()

    /// Whether `root`^3 is at most `prime` x 2^96; the root is below 2^35.
    private static func cube(_ root: UInt64, isAtMost prime: UInt64) -> Bool {
        let (high, low) = root.multipliedFullWidth(by: root)
        let (carry, lowest) = low.multipliedFullWidth(by: root)
        let top = high &* root &+ carry
        let limit = prime << 32
        return top < limit || (top == limit && lowest == 0)
    }
}
