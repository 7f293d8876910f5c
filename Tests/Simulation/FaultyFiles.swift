import Foundation
import GRDBSQLite

/// The files of one simulated store: what is written is durable only once it is synced, and each
/// call may fail, or be the last of its process.
///
/// Used by one simulation's thread only.
final class FaultyFiles {
    /// What was done to a file since it was synced last.
    private enum Change {
        case write(at: Int, bytes: [UInt8])
        case truncation(to: Int)
    }

    private struct File {
        var handles = 0
        var durable: [UInt8] = []
        var pending: [Change] = []
    }

    let path: String
    private let chance: Chance
    private var files: [String: File] = [:]
    /// One call in so many goes wrong; nil: none.
    var oneFaultIn: Int?
    /// A call was the process's last: nothing is done any more.
    private(set) var isDead = false
    /// A store must not be believed that lies about syncs: for a test of the simulation itself.
    var forgetsSyncs = false

    init(path: String, chance: Chance) {
        self.path = path
        self.chance = chance
    }

    /// What a call comes to.
    enum Fate { case works, fails, dies }

    func fate() -> Fate {
        if isDead { return .fails }
        guard let oneFaultIn, chance.one(in: oneFaultIn) else { return .works }
        guard chance.one(in: 3) else { return .fails }
        isDead = true
        return .dies
    }

    func oneIn(_ count: Int) -> Bool { chance.one(in: count) }

    func opened(_ name: String) {
        var file = files[name] ?? File()
        // What others than SQLite wrote meanwhile, they have synced.
        if file.handles == 0, file.pending.isEmpty { file.durable = Self.contents(of: name) }
        file.handles += 1
        files[name] = file
    }

    func closed(_ name: String) { files[name]?.handles -= 1 }

    func written(_ name: String, at offset: Int, _ bytes: UnsafeRawBufferPointer) {
        files[name]?.pending.append(.write(at: offset, bytes: Array(bytes)))
    }

    func truncated(_ name: String, to length: Int) {
        files[name]?.pending.append(.truncation(to: length))
    }

    /// Everything written so far is durable; after a failed sync, nobody knows what of it is, and
    /// no later sync will make it so.
    func synced(_ name: String, wholly: Bool) {
        guard var file = files[name] else { return }
        for change in file.pending where wholly && !forgetsSyncs || !wholly && chance.one(in: 2) {
            Self.apply(change, to: &file.durable)
        }
        if wholly || !forgetsSyncs { file.pending.removeAll() }
        files[name] = file
    }

    /// The process is gone; with a loss of power so is what was not synced, in any part.
    func end(losingPower: Bool) {
        isDead = false
        guard losingPower else { return }
        for name in files.keys.sorted() {
            guard var file = files[name] else { continue }
            for change in file.pending { applyInPart(change, to: &file.durable) }
            file.pending.removeAll()
            files[name] = file
            _ = FileManager.default.createFile(atPath: name, contents: Data(file.durable))
        }
        unlink(path + "-shm")
    }

    private func applyInPart(_ change: Change, to bytes: inout [UInt8]) {
        switch chance.below(3) {
        case 0: break
        case 1: Self.apply(change, to: &bytes)
        default:
            guard case .write(let start, let written) = change else { return }
            // Sectors are whole or not there.
            for sector in stride(from: 0, to: written.count, by: 512) where chance.one(in: 2) {
                let end = min(sector + 512, written.count)
                Self.apply(
                    .write(at: start + sector, bytes: Array(written[sector..<end])), to: &bytes)
            }
        }
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .truncation(let length):
            if length < bytes.count {
                bytes.removeLast(bytes.count - length)
            } else {
                bytes.append(contentsOf: repeatElement(0, count: length - bytes.count))
            }
        case .write(let start, let written):
            let end = start + written.count
            if end > bytes.count {
                bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
            }
            bytes.replaceSubrange(start..<end, with: written)
        }
    }

    private static func contents(of name: String) -> [UInt8] {
        FileManager.default.contents(atPath: name).map { Array($0) } ?? []
    }
}
