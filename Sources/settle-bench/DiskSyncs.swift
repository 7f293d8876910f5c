import ArgumentParser
import Foundation

/// `settle-bench disk-syncs`.
struct DiskSyncs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk-syncs",
        abstract: "Overwrites 4 KiB of a file and syncs, again and again: what the disk can do.",
        discussion: """
            The file is 64 MiB, written once before, as a log is that is begun anew. Prints JSON: \
            syncs a second, and how long one takes, in microseconds.

            EXAMPLE
              settle-bench disk-syncs --file .bench/syncs --seconds 5
            """)

    @Option(help: "The file that is written; it is made, and removed at the end.")
    var file: String

    @Option(help: "How long.")
    var seconds = 5.0

    func validate() throws {
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds: 0...3600") }
    }

    func run() throws {
        let size = 64 << 20
        let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BenchFault(
                "\(file): cannot be made: \(String(cString: strerror(errno))); name a file that is not there"
            )
        }
        defer {
            close(descriptor)
            unlink(file)
        }
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for offset in stride(from: 0, to: size, by: zeros.count) {
            guard pwrite(descriptor, zeros, zeros.count, off_t(offset)) == zeros.count else {
                throw BenchFault("\(file): cannot be written")
            }
        }
        guard fsync(descriptor) == 0 else { throw BenchFault("\(file): cannot be synced") }
        var page = [UInt8](repeating: 1, count: 4096)
        var times: [Int64] = []
        let start = ContinuousClock.now
        var last = start
        while last - start < .seconds(seconds) {
            page[0] &+= 1
            let offset = times.count * page.count % size
            guard pwrite(descriptor, page, page.count, off_t(offset)) == page.count,
                fdatasync(descriptor) == 0
            else { throw BenchFault("\(file): cannot be written") }
            let now = ContinuousClock.now
            times.append(Int64((now - last) / .microseconds(1)))
            last = now
        }
        let perSecond = Double(times.count) / ((last - start) / .seconds(1))
        times.sort()
        func percentile(_ share: Double) -> Int64 { times[Int(Double(times.count - 1) * share)] }
        print(
            "{\"perSecond\": \(perSecond), \"p50\": \(percentile(0.5)), "
                + "\"p99\": \(percentile(0.99)), \"max\": \(percentile(1))}")
    }
}
