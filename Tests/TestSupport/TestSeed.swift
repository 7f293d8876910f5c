import Foundation

/// The seed of a random test: printed, so that `SETTLED_SEED` repeats it.
public enum TestSeed {
    /// What `SETTLED_SEED` says, else a new one.
    public static func drawn(_ test: String) -> UInt64 {
        let said = ProcessInfo.processInfo.environment["SETTLED_SEED"].flatMap { UInt64($0) }
        let seed = said ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): SETTLED_SEED=\(seed)")
        return seed
    }
}
