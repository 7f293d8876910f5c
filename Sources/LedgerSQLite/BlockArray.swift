/// An array that grows a block at a time: what is there stays where it is, so that no append takes
/// longer the more there is.
///
/// An array that doubles moves everything, at a million rows in the middle of somebody's commit.
struct BlockArray<Element>: ~Copyable {
    /// Elements a block.
    static var blockCount: Int { 1 << blockBits }
    private static var blockBits: Int { 9 }

    private var blocks: [UnsafeMutablePointer<Element>] = []
    private(set) var count = 0

    init() {}

    deinit {
        for (index, block) in blocks.enumerated() {
            block.deinitialize(count: min(Self.blockCount, count - index * Self.blockCount))
            block.deallocate()
        }
    }

    var isEmpty: Bool { count == 0 }

    subscript(place: Int) -> Element {
        @inline(__always)
        _read {
            precondition(place >= 0 && place < count)
            yield blocks[place >> Self.blockBits][place & (Self.blockCount - 1)]
        }
        @inline(__always)
        _modify {
            precondition(place >= 0 && place < count)
            yield &blocks[place >> Self.blockBits][place & (Self.blockCount - 1)]
        }
    }

    mutating func append(_ element: Element) {
        let within = count & (Self.blockCount - 1)
        if within == 0 { blocks.append(.allocate(capacity: Self.blockCount)) }
        (blocks[blocks.count - 1] + within).initialize(to: element)
        count += 1
    }

    /// Reads many elements with one check of access.
    @inline(__always)
    func reading<Result>(_ body: (View) throws -> Result) rethrows -> Result {
        try blocks.withUnsafeBufferPointer { try body(View(blocks: $0)) }
    }

    /// The elements while they are read; a place must be one of the array's.
    struct View {
        fileprivate let blocks: UnsafeBufferPointer<UnsafeMutablePointer<Element>>

        @inline(__always)
        func pointer(to place: Int) -> UnsafePointer<Element> {
            UnsafePointer(
                blocks[place >> BlockArray<Element>.blockBits]
                    + (place & (BlockArray<Element>.blockCount - 1)))
        }
    }
}
