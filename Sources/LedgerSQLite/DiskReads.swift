#if canImport(Glibc)
    import Glibc
#endif

/// What the system had to read from the disk for the calling thread.
enum DiskReads {
    /// Linux's RUSAGE_THREAD, which Swift does not import.
    private static let ofThread: Int32 = 1

    /// Blocks of 512 bytes since the thread began.
    static var blocksOfThread: Int {
        var usage = rusage()
        return getrusage(ofThread, &usage) == 0 ? usage.ru_inblock : 0
    }
}
