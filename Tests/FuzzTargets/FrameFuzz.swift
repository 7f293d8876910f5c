import NIOCore
import SettlementProtocol
import TestSupport

/// A stream of frames, whole and in pieces: both give the same, and written again the same bytes.
///
/// The first byte says which way the frames go and how long they may be, the second how the rest is
/// cut into pieces.
enum FrameFuzz {
    private struct Reading: Equatable {
        var frames: [Frame] = []
        var fault: FrameFault?
    }

    static func run(_ bytes: [UInt8]) throws -> Bool {
        var input = FuzzInput(bytes)
        let choice = input.byte()
        var cuts = SplitMix(seed: UInt64(input.byte()))
        let stream = input.remainder()
        let whole = read([stream[...]], choice)

        var pieces: [ArraySlice<UInt8>] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let count = Int(cuts.next() % 3 == 0 ? cuts.next() % 40 : cuts.next() % 3) + 1
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        let dripped = read(pieces, choice)
        try FuzzFinding.unless(
            dripped == whole, "in pieces: \(dripped); in one: \(whole)")

        var again = ByteBuffer()
        for frame in whole.frames { FrameEncoder.append(frame, to: &again) }
        try FuzzFinding.unless(
            stream.starts(with: again.readableBytesView), "frames are written differently")
        return !whole.frames.isEmpty
    }

    private static func read(_ pieces: [ArraySlice<UInt8>], _ choice: UInt8) -> Reading {
        var decoder = FrameDecoder(
            choice & 1 == 0 ? .requests : .responses,
            // A small limit is met more often.
            lengthMax: choice & 2 == 0 ? Frame.terminalLengthMax : 40)
        var reading = Reading()
        for piece in pieces {
            decoder.append(ByteBuffer(bytes: piece))
            do throws(FrameFault) {
                while let frame = try decoder.next() { reading.frames.append(frame) }
            } catch {
                reading.fault = error
            }
        }
        return reading
    }
}
