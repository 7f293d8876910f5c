import Foundation
import FuzzTargets

/// The program's target, that of `SETTLED_FUZZ_TARGET`.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["SETTLED_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        fatalError("SETTLED_FUZZ_TARGET is none of: \(names)")
    }
    return target
}()

/// Runs the target on one input of libFuzzer's; a finding ends the program, as a trap does.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        _ = try target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        fatalError("finding in \(target.rawValue): \(error)")
    }
    return 0
}

/// Called once at the start: with `SETTLED_FUZZ_SEEDS` the program writes the target's seeds into
/// that folder, a file each, and ends.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
    guard let folder = ProcessInfo.processInfo.environment["SETTLED_FUZZ_SEEDS"] else { return 0 }
    do {
        for (number, seed) in try target.seeds().enumerated() {
            try Data(seed).write(to: URL(fileURLWithPath: "\(folder)/seed-\(number)"))
        }
    } catch {
        fatalError("the seeds of \(target.rawValue): \(error)")
    }
    exit(0)
}
