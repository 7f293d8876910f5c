import Foundation
import Ledger
@testable import SettlementClient
import SettlementDomain
import Synchronization
import TestSupport
import Testing

@Suite("The file of open items: nothing is forgotten")
struct OpenItemsTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "open-items-\(UUID().uuidString)"
        var file: String { path + "/terminal.open" }

        init() throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func item(_ stan: UInt32) throws -> OpenItem {
        OpenItem(
            key: try Made.key(stan), kind: .settle, card: try Made.sale().card,
            total: Money(fen: 100 + Int64(stan)))
    }

    @Test("what was noted is there again in every stage; what was settled is not")
    func reopened() throws {
        let folder = try Folder()
        var expected: [OpenItem] = []
        do {
            let items = try OpenItems(path: folder.file)
            for stan in 1...5 as ClosedRange<UInt32> { try items.note(try Self.item(stan)) }
            try items.settle(try Made.key(2))
            var given = try Self.item(3)
            given.stage = .reversing(try Made.key(77), time: 1_795_396_800)
            try items.note(given)
            var refused = try Self.item(4)
            refused.stage = .refused(.insufficientFunds, .insufficientFunds)
            try items.note(refused)
            var left = try Self.item(5)
            left.stage = .givenUp
            try items.note(left)
            var withheld = try Self.item(6)
            withheld.stage = .withheld(
                try Made.key(78), time: 5, .notPermittedToTerminal, .terminalBlocked)
            try items.note(withheld)
            expected = items.all
            #expect(expected.count == 5 && expected[1] == given && expected[2] == refused)
        }
        #expect(try OpenItems(path: folder.file).all == expected)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("a file cut at any byte of its last line keeps all lines before it, and goes on")
    func torn() throws {
        let folder = try Folder()
        do {
            let items = try OpenItems(path: folder.file)
            for stan in 1...3 as ClosedRange<UInt32> { try items.note(try Self.item(stan)) }
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file))
        let lastLine = try #require(whole.dropLast().lastIndex(of: 0x0a)) + 1
        for length in lastLine..<whole.count {
            try whole.prefix(length).write(to: URL(fileURLWithPath: folder.file))
            do {
                let items = try OpenItems(path: folder.file)
                #expect(items.all.map(\.key.stan) == [1, 2])
                try items.note(try Self.item(9))
            }
            #expect(try OpenItems(path: folder.file).all.map(\.key.stan) == [1, 2, 9])
        }
    }

    @Test("a line that is damaged in the middle is named with its number")
    func damaged() throws {
        let folder = try Folder()
        do {
            let items = try OpenItems(path: folder.file)
            for stan in 1...3 as ClosedRange<UInt32> { try items.note(try Self.item(stan)) }
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: folder.file))
        #expect {
            try OpenItems(path: folder.file)
        } throws: { error in
            "\(error)".contains("terminal.open:2: the line is damaged")
        }
    }

    @Test("after thousands of sales the file is still small, and has what is open")
    func compacted() throws {
        let folder = try Folder()
        let items = try OpenItems(path: folder.file)
        try items.note(try Self.item(999_999))
        for stan in 1...500 as ClosedRange<UInt32> {
            try items.note(try Self.item(stan))
            try items.settle(try Made.key(stan))
        }
        let size = try Data(contentsOf: URL(fileURLWithPath: folder.file)).count
        #expect(size < 8_000)
        #expect(items.all.map(\.key.stan) == [999_999])
    }

    @Test("a second process of the same terminal is refused while the first has the file")
    func locked() throws {
        let folder = try Folder()
        let first = try OpenItems(path: folder.file)
        #expect {
            try OpenItems(path: folder.file)
        } throws: { error in
            "\(error)".contains("another process of this terminal")
        }
        #expect(first.all.isEmpty)
    }

    @Test("let go of, the file can be had while a starting child holds its descriptors")
    func inherited() throws {
        let folder = try Folder()
        var first: OpenItems? = try OpenItems(path: folder.file)
        #expect(first?.all.isEmpty == true)
        let inherited = try #require(try descriptorOfStartingChild(of: folder.file + ".lock"))
        defer { close(inherited) }
        first = nil
        #expect(try OpenItems(path: folder.file).all.isEmpty)
    }

    @Test("another process is refused also after the file was replaced by a smaller one")
    func lockedAfterCompaction() throws {
        let folder = try Folder()
        let first = try OpenItems(path: folder.file)
        for stan in 1...100 as ClosedRange<UInt32> {
            try first.note(try Self.item(stan))
            try first.settle(try Made.key(stan))
        }
        #expect(throws: ClientFault.self) { try OpenItems(path: folder.file) }
        #expect(first.all.isEmpty)
    }

    @Test("at whatever moment the disk fails, what was told as done is there, and work goes on")
    func diskFails() throws {
        var moment = 1
        var hasFailed = true
        while hasFailed {
            let folder = try Folder()
            let counted = Mutex(0)
            let failAt = moment
            var model: Set<UInt32> = []
            do {
                let items = try OpenItems(path: folder.file, linesMin: 6) { _ in
                    counted.withLock { count in
                        count += 1
                        return count == failAt ? ENOSPC : 0
                    }
                }
                for stan in 1...8 as ClosedRange<UInt32> {
                    if (try? items.note(try Self.item(stan))) != nil { model.insert(stan) }
                    if stan > 2, (try? items.settle(try Made.key(stan))) != nil {
                        model.remove(stan)
                    }
                    #expect(Set(items.all.map(\.key.stan)) == model)
                }
            } catch {
                // It could not even be made: nothing was promised.
                #expect(model.isEmpty)
            }
            #expect(Set(try OpenItems(path: folder.file).all.map(\.key.stan)) == model)
            hasFailed = counted.withLock { $0 } >= failAt
            moment += 1
        }
        #expect(moment > 30)
    }

    @Test("a write that fails and cannot be taken back ends all writing; nothing is lost by it")
    func brokenDisk() throws {
        let folder = try Folder()
        let fails = Mutex(false)
        do {
            let items = try OpenItems(path: folder.file, linesMin: 64) { moment in
                fails.withLock { $0 } && (moment == .write || moment == .cut) ? EIO : 0
            }
            try items.note(try Self.item(1))
            fails.withLock { $0 = true }
            #expect(throws: ClientFault.self) { try items.note(try Self.item(2)) }
            fails.withLock { $0 = false }
            #expect(throws: ClientFault.self) { try items.note(try Self.item(3)) }
            #expect(items.all.map(\.key.stan) == [1])
        }
        #expect(try OpenItems(path: folder.file).all.map(\.key.stan) == [1])
    }
}
