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

    /// What is asked of a file.
    enum Call: String { case open, write, truncate, sync }

    /// What becomes of writes that were never synced, when a sync fails or power is lost.
    enum Unsynced { case survivesByChance, isLost, survives }

    let path: String
    private let chance: Chance
    private var files: [String: File] = [:]
    /// One call in so many goes wrong; nil: none.
    var oneFaultIn: Int?
    /// Says what each call comes to, in place of chance; reads work then.
    var script: ((Call, _ name: String) -> Fate)?
    var unsynced = Unsynced.survivesByChance
    /// A call was the process's last: nothing is done any more.
    private(set) var isDead = false
    /// A store must not be believed that lies about syncs: for a test of the simulation itself.
    var forgetsSyncs = false

    init(path: String, chance: Chance) {
        self.path = path
        self.chance = chance
    }

    /// What a call comes to; only a script tells a full disk and a torn write from any failure.
    enum Fate { case works, fails, isFull, isTorn, dies }

    func fate(of call: Call, on name: String) -> Fate {
        if isDead { return .fails }
        if let script {
            let fate = script(call, name)
            if fate == .dies { isDead = true }
            return fate
        }
        return fateByChance()
    }

    private func fateByChance() -> Fate {
        guard let oneFaultIn, chance.one(in: oneFaultIn) else { return .works }
        guard chance.one(in: 3) else { return .fails }
        isDead = true
        return .dies
    }

    /// Reads fail more rarely than writes.
    var failsToRead: Bool {
        isDead || (script == nil && chance.one(in: 8) && fateByChance() != .works)
    }

    /// Whether a write that goes wrong has written half.
    func isTorn(_ fate: Fate) -> Bool {
        guard script != nil else { return chance.one(in: 2) }
        return fate == .isTorn || (fate == .dies && chance.one(in: 2))
    }

    /// Whether a write that goes wrong says that the disk is full.
    func saysFull(_ fate: Fate) -> Bool {
        script == nil ? chance.one(in: 2) : fate == .isFull
    }

    /// Whether a sync that goes wrong has made everything durable.
    func isDurable(afterSync fate: Fate) -> Bool {
        // One that dies may have got so far.
        fate == .works || (fate == .dies && chance.one(in: 2))
    }

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
        for change in file.pending where wholly ? !forgetsSyncs : survives() {
            Self.apply(change, to: &file.durable)
        }
        if wholly || !forgetsSyncs { file.pending.removeAll() }
        files[name] = file
    }

    /// Whether a loss of power would leave the file as it is now.
    func isDurable(_ name: String) -> Bool {
        guard let file = files[name], file.pending.isEmpty else { return false }
        return file.durable == Self.contents(of: name)
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

    private func survives() -> Bool {
        switch unsynced {
        case .survivesByChance: chance.one(in: 2)
        case .isLost: false
        case .survives: true
        }
    }

    private func applyInPart(_ change: Change, to bytes: inout [UInt8]) {
        switch unsynced == .isLost ? 0 : unsynced == .survives ? 1 : chance.below(3) {
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
