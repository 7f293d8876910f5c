/// Changes to inputs as a fuzzer makes them, without looking at what they lead to.
public enum FuzzMutation {
    /// Numbers at which readers and sums have their edges.
    private static let edges: [[UInt8]] = [
        [0], [0xff], [0x7f], [0x80, 0x01], [0xff, 0xff, 0xff, 0xff, 0x0f],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        Array("-9223372036854775808".utf8), Array("999999999999999999".utf8), [0xc3, 0x28],
    ]

    /// An input with one to six changes; some of them from another input.
    public static func changed(
        _ input: [UInt8], with other: [UInt8], using random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var bytes = input
        for _ in 0...Int.random(in: 0..<6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let length = min(Int.random(in: 1...12, using: &random), bytes.count - place)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where place < bytes.count:
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1 where place < bytes.count:
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.removeSubrange(place..<(place + length))
            case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            case 4:
                let edge = edges.randomElement(using: &random) ?? []
                bytes.replaceSubrange(place..<min(bytes.count, place + edge.count), with: edge)
            case 5: bytes.insert(contentsOf: edges.randomElement(using: &random) ?? [], at: place)
            case 6 where !other.isEmpty:
                let from = Int.random(in: 0..<other.count, using: &random)
                bytes.insert(contentsOf: other[from...].prefix(40), at: place)
            default: bytes.removeSubrange((bytes.count - length / 2)...)
            }
        }
        return bytes
    }
}
