/// Rows in the order of their table's tree, found a run at a time.
///
/// Sorting a pass of 200,000 rows at once would keep a batch waiting for 70 ms. Quicksort that goes
/// on only where the least elements are has the first run after some two looks at each element, and
/// each further one after few more; in all it costs what sorting costs.
struct GradualSort {
    /// A row's position, and its place in memory; of one position the earlier place comes first.
    struct Element: Comparable {
        var position: TreePosition
        var place: Int32

        static func < (left: Element, right: Element) -> Bool {
            left.position == right.position
                ? left.place < right.place : left.position < right.position
        }
    }

    /// A run that is this short is sorted at once.
    private static let runMax = 256

    private var elements: [Element]
    private var sortedCount = 0
    /// Where parts end, the nearest last: no element of a part belongs behind one of the next.
    private var ends: [Int]

    /// Takes the elements as they are.
    init(_ elements: [Element]) {
        self.elements = elements
        ends = [elements.count]
    }

    var count: Int { elements.count }

    /// The place of the element at an index of the order.
    mutating func place(at index: Int) -> Int {
        while sortedCount <= index { sortRun() }
        return Int(elements[index].place)
    }

    /// The places from an index on, in no order.
    func places(from index: Int) -> some Sequence<Int> {
        elements[index...].lazy.map { Int($0.place) }
    }

    private mutating func sortRun() {
        let start = sortedCount
        var end = ends.removeLast()
        elements.withUnsafeMutableBufferPointer { elements in
            while end - start > Self.runMax {
                ends.append(end)
                end = Self.split(elements, start, end)
            }
            var run = UnsafeMutableBufferPointer(rebasing: elements[start..<end])
            run.sort()
        }
        sortedCount = end
    }

    /// Moves the lesser elements of a part before the others; gives where the others begin, within it.
    ///
    /// - Source: Hoare's partition.
    private static func split(
        _ elements: UnsafeMutableBufferPointer<Element>, _ start: Int, _ end: Int
    ) -> Int {
        let pivot = pivot(elements, start, end)
        var left = start - 1
        var right = end
        while true {
            repeat { left += 1 } while elements[left] < pivot
            repeat { right -= 1 } while pivot < elements[right]
            if left >= right { return max(left, start + 1) }
            elements.swapAt(left, right)
        }
    }

    /// The median of nine elements of the part, which nobody can foresee who chooses keys.
    private static func pivot(
        _ elements: UnsafeMutableBufferPointer<Element>, _ start: Int, _ end: Int
    ) -> Element {
        var nine = (0..<9 as Range<UInt64>).map { number in
            elements[start + Int(KeyHash.of(UInt64(start), number) % UInt64(end - start))]
        }
        nine.sort()
        return nine[4]
    }
}
