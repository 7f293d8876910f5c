import SettlementClient

/// A recorded workload: refused with its line, or read, and then the same when written again.
enum RecordingFuzz {
    static func run(_ bytes: [UInt8]) throws -> Bool {
        let recording: Recording
        do throws(RecordingFault) {
            recording = try Recording(text: String(decoding: bytes, as: UTF8.self))
        } catch {
            try FuzzFinding.unless(error.line > 0 && !error.problem.isEmpty, "\(error)")
            return false
        }
        let again = try? Recording(text: recording.text)
        try FuzzFinding.unless(again == recording, "a recording is written differently")
        return true
    }
}
