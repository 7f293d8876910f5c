import COpenSSL
import Glibc
import Synchronization

/// Memory for secrets: locked into RAM as far as the process may, left out of core files, wiped
/// when given back.
///
/// Small pieces share pages, so that a secret of 16 bytes does not cost a page of locked memory.
enum SecretMemory {
    /// Zeroed memory of at least `count` bytes.
    static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let address = state.withLock { $0.take(capacity(for: count)) }
        // Peers hold a session's key each, as many as `limits` allows; only the machine can run out.
        guard let pointer = UnsafeMutableRawPointer(bitPattern: address) else {
            preconditionFailure("no memory is left for a secret of \(count) bytes")
        }
        return pointer
    }

    /// Wipes and takes back what `allocate` gave for the same count.
    static func free(_ pointer: UnsafeMutableRawPointer, _ count: Int) {
        let capacity = capacity(for: count)
        OPENSSL_cleanse(pointer, capacity)
        let address = UInt(bitPattern: pointer)
        state.withLock { $0.giveBack(address, capacity) }
    }

    private static let sharedMax = 1024
    private static let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
    private static let state = Mutex(State())

    /// A power of two from 32 to `sharedMax`, or whole pages.
    private static func capacity(for count: Int) -> Int {
        if count > sharedMax { return (count + pageBytes - 1) / pageBytes * pageBytes }
        var capacity = 32
        while capacity < count { capacity *= 2 }
        return capacity
    }

    private struct State {
        /// Free pieces by capacity.
        private var free: [Int: [UInt]] = [:]

        mutating func take(_ capacity: Int) -> UInt {
            if capacity > SecretMemory.sharedMax { return State.map(capacity) }
            if let address = free[capacity]?.popLast() { return address }
            let region = 16 * SecretMemory.pageBytes
            let start = State.map(region)
            guard start != 0 else { return 0 }
            var pieces: [UInt] = []
            for offset in stride(from: region - capacity, to: 0, by: -capacity) {
                pieces.append(start + UInt(offset))
            }
            free[capacity] = pieces
            return start
        }

        mutating func giveBack(_ address: UInt, _ capacity: Int) {
            if capacity > SecretMemory.sharedMax {
                munmap(UnsafeMutableRawPointer(bitPattern: address), capacity)
            } else {
                free[capacity, default: []].append(address)
            }
        }

        /// Maps pages; 0 where there is no memory.
        ///
        /// Locking is best effort: RLIMIT_MEMLOCK bounds it.
        private static func map(_ bytes: Int) -> UInt {
            let pages = mmap(
                nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let pages, pages != MAP_FAILED else { return 0 }
            _ = mlock(pages, bytes)
            _ = madvise(pages, bytes, Int32(MADV_DONTDUMP))
            return UInt(bitPattern: pages)
        }
    }
}
