import COpenSSL

/// A fixed run of secret bytes outside the ordinary heap, wiped when the last reference goes.
///
/// It prints its length only, is not Equatable (see `constantTimeEqual`), and is locked into RAM as
/// far as RLIMIT_MEMLOCK allows.
///
/// `@unchecked Sendable`: the bytes are written by the initializer alone, before any other thread
/// can hold the object; afterwards they are only read, until `deinit` has the sole reference.
public final class SecretBytes: @unchecked Sendable {
    /// How many bytes.
    public let count: Int
    private let base: UnsafeMutableRawPointer

    /// Creates a secret of `count` bytes that a function writes; they are zero before.
    public init<Failure: Error>(
        count: Int, _ write: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        self.count = count
        base = SecretMemory.allocate(count)
        try write(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// Copies bytes; the copy that the caller has is the caller's to wipe.
    public convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Moves the bytes of an array here; the array is wiped and empty afterwards.
    ///
    /// Copies that the array shares with other variables stay as they are.
    public convenience init(wiping bytes: inout [UInt8]) {
        self.init(count: bytes.count) { secret in
            bytes.withUnsafeBytes { secret.copyMemory(from: $0) }
        }
        Wiping.wipe(&bytes)
    }

    deinit {
        SecretMemory.free(base, count)
    }

    /// Random bytes from libcrypto's private generator.
    public static func random(count: Int) throws(CardSecurityFault) -> SecretBytes {
        try SecretBytes(count: count) { secret throws(CardSecurityFault) in
            let start = secret.bindMemory(to: UInt8.self).baseAddress
            guard RAND_priv_bytes(start, Int32(count)) == 1 else {
                throw LibraryFailure.take("random bytes")
            }
        }
    }

    /// Lets a function read the bytes; it must not keep the pointer or copy what it points to.
    public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ read: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try read(UnsafeRawBufferPointer(start: base, count: count))
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The length and nothing else.
    public var description: String { "secret of \(count) bytes" }
    /// The length and nothing else.
    public var debugDescription: String { description }
    /// No children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// Overwrites that the optimizer does not remove.
enum Wiping {
    /// Wipes an array's storage and empties it.
    static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        bytes = []
    }
}

/// Writable secret memory of one owner, for work in progress: not Sendable, wiped at the end.
final class SecretScratch {
    let base: UnsafeMutablePointer<UInt8>
    private let memory: UnsafeMutableRawPointer
    private let count: Int

    init(count: Int) {
        self.count = count
        memory = SecretMemory.allocate(count)
        base = memory.bindMemory(to: UInt8.self, capacity: count)
    }

    deinit {
        SecretMemory.free(memory, count)
    }

    /// Whether everything is zero.
    var isWiped: Bool { UnsafeBufferPointer(start: base, count: count).allSatisfy { $0 == 0 } }

    /// Overwrites everything with zeros.
    func wipe() {
        OPENSSL_cleanse(memory, count)
    }
}
