import Foundation
import GRDBSQLite
import Synchronization

/// SQLite's own file system, but for the files of simulated stores: those go wrong.
///
/// It becomes the default of the process; files of other stores are handed to SQLite's own at once.
enum FaultyFileSystem {
    /// Which files are whose, by the path that their names begin with.
    private static let owners = Mutex<[String: Owner]>([:])

    /// `@unchecked Sendable`: only the simulation's own thread opens its files.
    private final class Owner: @unchecked Sendable {
        let files: FaultyFiles
        init(_ files: FaultyFiles) { self.files = files }
    }

    /// From now on the files go wrong as `files` says.
    static func take(_ files: FaultyFiles) {
        _ = isRegistered
        owners.withLock { $0[files.path] = Owner(files) }
    }

    static func release(_ files: FaultyFiles) {
        owners.withLock { $0[files.path] = nil }
    }

    fileprivate static func owner(of name: String) -> FaultyFiles? {
        owners.withLock { owners in
            owners.first { name.hasPrefix($0.key) }?.value
        }?.files
    }

    /// Lives as long as the process: SQLite keeps the pointer.
    private static let isRegistered: Bool = {
        guard let real = sqlite3_vfs_find(nil) else { return false }
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: real.pointee)
        vfs.pointee.pNext = nil
        vfs.pointee.zName = UnsafePointer(strdup("settled-simulation"))
        vfs.pointee.szOsFile = Int32(OpenFile.stride) + real.pointee.szOsFile
        vfs.pointee.pAppData = UnsafeMutableRawPointer(real)
        vfs.pointee.xOpen = { vfs, name, file, flags, outFlags in
            OpenFile.open(vfs, name, file, flags, outFlags)
        }
        // The rest asks the real one: it must not be given ours.
        vfs.pointee.xDelete = { vfs, name, sync in
            let real = OpenFile.real(vfs)
            return real.pointee.xDelete(real, name, sync)
        }
        vfs.pointee.xAccess = { vfs, name, flags, result in
            let real = OpenFile.real(vfs)
            return real.pointee.xAccess(real, name, flags, result)
        }
        vfs.pointee.xFullPathname = { vfs, name, count, result in
            let real = OpenFile.real(vfs)
            return real.pointee.xFullPathname(real, name, count, result)
        }
        return sqlite3_vfs_register(vfs, 1) == SQLITE_OK
    }()
}

/// Result codes that are macros in SQLite's header.
private enum IOError {
    static let read = SQLITE_IOERR | 1 << 8
    static let write = SQLITE_IOERR | 3 << 8
    static let fsync = SQLITE_IOERR | 4 << 8
    static let truncate = SQLITE_IOERR | 6 << 8
}

/// What SQLite has of an open file: this, and the real file's behind it.
private struct OpenFile {
    var base: sqlite3_file
    var files: Unmanaged<FaultyFiles>
    var name: Unmanaged<Name>

    final class Name {
        let text: String
        init(_ text: String) { self.text = text }
    }

    static let stride = (MemoryLayout<OpenFile>.stride + 15) / 16 * 16

    static func real(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>?
    ) -> UnsafeMutablePointer<sqlite3_vfs> {
        guard let real = vfs?.pointee.pAppData else { preconditionFailure("not our file system") }
        return real.assumingMemoryBound(to: sqlite3_vfs.self)
    }

    static func open(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?,
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
        _ outFlags: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        let real = real(vfs)
        guard let file, let name, let files = FaultyFileSystem.owner(of: String(cString: name))
        else { return real.pointee.xOpen(real, name, file, flags, outFlags) }
        file.pointee.pMethods = nil
        let text = String(cString: name)
        guard files.fate(of: .open, on: text) == .works else { return SQLITE_CANTOPEN }
        let code = real.pointee.xOpen(real, name, behind(file), flags, outFlags)
        guard code == SQLITE_OK else { return code }
        files.opened(text)
        let own = UnsafeMutableRawPointer(file).assumingMemoryBound(to: OpenFile.self)
        own.initialize(
            to: OpenFile(
                base: sqlite3_file(pMethods: methods), files: .passRetained(files),
                name: .passRetained(Name(text))))
        return SQLITE_OK
    }

    static func behind(
        _ file: UnsafeMutablePointer<sqlite3_file>
    ) -> UnsafeMutablePointer<sqlite3_file> {
        (UnsafeMutableRawPointer(file) + stride).assumingMemoryBound(to: sqlite3_file.self)
    }

    /// Runs a call with the file's owner, the real file and its methods.
    static func with(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ body: (FaultyFiles, String, UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods)
            -> Int32
    ) -> Int32 {
        guard let file else { return SQLITE_MISUSE }
        let own = UnsafeMutableRawPointer(file).assumingMemoryBound(to: OpenFile.self)
        let real = behind(file)
        guard let methods = real.pointee.pMethods else { return SQLITE_MISUSE }
        return body(
            own.pointee.files.takeUnretainedValue(), own.pointee.name.takeUnretainedValue().text,
            real, methods.pointee)
    }

    /// Lives as long as the process.
    ///
    /// `nonisolated(unsafe)`: written once, by the initialiser, and only read afterwards.
    nonisolated(unsafe) static let methods: UnsafePointer<sqlite3_io_methods> = {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: makeMethods())
        return UnsafePointer(methods)
    }()

    private static func makeMethods() -> sqlite3_io_methods {
        var ours = sqlite3_io_methods()
        ours.iVersion = 3
        ours.xClose = { file in
            guard let file else { return SQLITE_MISUSE }
            let code = OpenFile.with(file) { files, name, real, methods in
                files.closed(name)
                return methods.xClose(real)
            }
            let own = UnsafeMutableRawPointer(file).assumingMemoryBound(to: OpenFile.self)
            own.pointee.files.release()
            own.pointee.name.release()
            return code
        }
        ours.xRead = { file, bytes, count, offset in
            OpenFile.with(file) { files, _, real, methods in
                files.failsToRead ? IOError.read : methods.xRead(real, bytes, count, offset)
            }
        }
        ours.xWrite = { file, bytes, count, offset in
            OpenFile.with(file) { files, name, real, methods in
                guard let bytes, !files.isDead else { return IOError.write }
                let fate = files.fate(of: .write, on: name)
                // A call that fails has written some of it.
                let length =
                    fate == .works ? Int(count) : files.isTorn(fate) ? Int(count) / 2 : 0
                if length > 0 {
                    let code = methods.xWrite(real, bytes, Int32(length), offset)
                    guard code == SQLITE_OK else { return code }
                    files.written(
                        name, at: Int(offset), UnsafeRawBufferPointer(start: bytes, count: length))
                }
                return fate == .works
                    ? SQLITE_OK : files.saysFull(fate) ? SQLITE_FULL : IOError.write
            }
        }
        ours.xTruncate = { file, length in
            OpenFile.with(file) { files, name, real, methods in
                guard files.fate(of: .truncate, on: name) == .works else {
                    return IOError.truncate
                }
                let code = methods.xTruncate(real, length)
                if code == SQLITE_OK { files.truncated(name, to: Int(length)) }
                return code
            }
        }
        ours.xSync = { file, _ in
            OpenFile.with(file) { files, name, _, _ in
                guard !files.isDead else { return IOError.fsync }
                let fate = files.fate(of: .sync, on: name)
                files.synced(name, wholly: files.isDurable(afterSync: fate))
                return fate == .works ? SQLITE_OK : IOError.fsync
            }
        }
        ours.xFileSize = { file, size in
            OpenFile.with(file) { _, _, real, methods in methods.xFileSize(real, size) }
        }
        addLocks(to: &ours)
        return ours
    }

    private static func addLocks(to ours: inout sqlite3_io_methods) {
        ours.xLock = { file, level in
            OpenFile.with(file) { _, _, real, methods in methods.xLock(real, level) }
        }
        ours.xUnlock = { file, level in
            OpenFile.with(file) { _, _, real, methods in methods.xUnlock(real, level) }
        }
        ours.xCheckReservedLock = { file, result in
            OpenFile.with(file) { _, _, real, methods in methods.xCheckReservedLock(real, result) }
        }
        ours.xFileControl = { file, operation, argument in
            OpenFile.with(file) { _, _, real, methods in
                methods.xFileControl(real, operation, argument)
            }
        }
        ours.xSectorSize = { file in
            OpenFile.with(file) { _, _, real, methods in methods.xSectorSize(real) }
        }
        ours.xDeviceCharacteristics = { file in
            OpenFile.with(file) { _, _, real, methods in methods.xDeviceCharacteristics(real) }
        }
        ours.xShmMap = { file, region, size, extend, result in
            OpenFile.with(file) { _, _, real, methods in
                methods.xShmMap(real, region, size, extend, result)
            }
        }
        ours.xShmLock = { file, offset, count, flags in
            OpenFile.with(file) { _, _, real, methods in
                methods.xShmLock(real, offset, count, flags)
            }
        }
        ours.xShmBarrier = { file in
            _ = OpenFile.with(file) { _, _, real, methods in
                methods.xShmBarrier(real)
                return SQLITE_OK
            }
        }
        ours.xShmUnmap = { file, deletes in
            OpenFile.with(file) { _, _, real, methods in methods.xShmUnmap(real, deletes) }
        }
        // Nothing is read past the calls above.
        ours.xFetch = { _, _, _, result in
            result?.pointee = nil
            return SQLITE_OK
        }
        ours.xUnfetch = { _, _, _ in SQLITE_OK }
    }
}
