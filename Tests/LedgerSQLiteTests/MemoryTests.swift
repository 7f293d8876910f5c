import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: rows in memory")
struct MemoryTests {
    @Test(
        "a gradual sort gives each place in order, equal positions by their places",
        arguments: 1...20)
    func sorts(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let count = Int.random(in: 0...5000, using: &generator)
        let span: UInt64 = [1, 3, 50, .max].randomElement(using: &generator) ?? 1
        var elements = (0..<count).map { place in
            GradualSort.Element(
                position: TreePosition(
                    .random(in: 0..<span, using: &generator), .random(in: 0..<2, using: &generator)),
                place: Int32(place))
        }
        switch seed % 4 {
        case 0: elements.sort()
        case 1: elements.sort { $1 < $0 }
        default: elements.shuffle(using: &generator)
        }
        var sort = GradualSort(elements)
        #expect(sort.count == count)
        var places: [Int] = []
        for index in 0..<count {
            if index % 701 == 0 {
                #expect(
                    Set(sort.places(from: index))
                        == Set(elements.map { Int($0.place) }).subtracting(places))
            }
            places.append(sort.place(at: index))
        }
        #expect(places == elements.sorted().map { Int($0.place) })
    }

    @Test("an index finds what was added and replaced, not what was removed", arguments: 1...10)
    func indexes(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var index = SlotIndex()
        var hashes: [Int: UInt64] = [:]
        // Few hashes, so that places share them, or many.
        let mask: UInt64 = seed % 2 == 0 ? .max : 0x0000_000f_0000_0003
        for place in 0..<4000 {
            let hash = generator.next() & mask
            switch Int.random(in: 0...5, using: &generator) {
            case 0:
                guard let (old, its) = hashes.first else { continue }
                index.remove(its, old)
                hashes[old] = nil
            case 1:
                guard let (old, its) = hashes.first else { continue }
                index.replace(its, old, by: place)
                hashes[old] = nil
                hashes[place] = its
            default:
                index.insert(hash, place)
                hashes[place] = hash
            }
        }
        for place in 0..<4000 {
            guard let hash = hashes[place] else { continue }
            #expect(index.find(hash) { $0 == place } == place)
        }
        for hash in Set(hashes.values) {
            var found: Set<Int> = []
            _ = index.find(hash) { place in
                found.insert(place)
                return false
            }
            #expect(found.isSuperset(of: hashes.filter { $0.value == hash }.map(\.key)))
            #expect(found.allSatisfy { hashes[$0].map { $0 >> 32 } == hash >> 32 })
        }
    }

    @Test("a block array keeps each element where it is, and lets go of all")
    func blocks() {
        final class Thing {}
        weak var last: Thing?
        do {
            var array = BlockArray<(number: Int, thing: Thing)>()
            for number in 0..<1500 {
                let thing = Thing()
                array.append((number, thing))
                last = thing
            }
            let first = array.reading { $0.pointer(to: 3) }
            for number in 1500..<5000 { array.append((number, Thing())) }
            #expect(array.reading { $0.pointer(to: 3) } == first)
            for place in 0..<5000 { array[place].number += 1 }
            #expect(array.count == 5000)
            #expect((0..<5000).allSatisfy { array[$0].number == $0 + 1 })
            #expect(last != nil)
        }
        #expect(last == nil)
    }
}
