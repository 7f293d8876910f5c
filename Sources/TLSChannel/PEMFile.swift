import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A PEM file on disk, read whole; every fault names it.
struct PEMFile {
    let path: String

    /// Fails unless the file can be opened for reading.
    func requireReadable() throws(TLSFault) {
        guard let file = fopen(path, "re") else {
            throw .file(path: path, problem: String(cString: strerror(errno)))
        }
        fclose(file)
    }

    /// Fails if others may read the file, or the group may write it.
    func requirePrivate() throws(TLSFault) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .file(path: path, problem: String(cString: strerror(errno)))
        }
        guard status.st_mode & 0o027 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw .file(
                path: path,
                problem: "a private key must not be open to others; its mode is \(mode), set 600")
        }
    }

    /// Every certificate of the file; the caller frees them.
    ///
    /// - Throws: if the file cannot be read, holds something malformed, or holds none.
    func certificates() throws(TLSFault) -> [OpaquePointer] {
        try objects(of: "certificate", read: { PEM_read_bio_X509($0, nil, nil, nil) }) {
            X509_free($0)
        }
    }

    /// Every revocation list of the file; the caller frees them.
    ///
    /// - Throws: if the file cannot be read, holds something malformed, or holds none.
    func revocationLists() throws(TLSFault) -> [OpaquePointer] {
        try objects(of: "revocation list", read: { PEM_read_bio_X509_CRL($0, nil, nil, nil) }) {
            X509_CRL_free($0)
        }
    }

    private func objects(
        of kind: String,
        read: (OpaquePointer) -> OpaquePointer?,
        free: (OpaquePointer) -> Void
    ) throws(TLSFault) -> [OpaquePointer] {
        try requireReadable()
        ERR_clear_error()
        guard let bio = BIO_new_file(path, "r") else {
            throw .file(path: path, problem: OpenSSLError.takeText())
        }
        defer { BIO_free(bio) }
        var found: [OpaquePointer] = []
        while let object = read(bio) {
            found.append(object)
        }
        let error = OpenSSLError.take()
        let ended = error.map { $0.library == ERR_LIB_PEM && $0.reason == PEM_R_NO_START_LINE }
        if ended == false {
            found.forEach(free)
            throw .file(path: path, problem: "\(kind) is malformed: \(error?.text ?? "")")
        }
        if found.isEmpty {
            throw .file(path: path, problem: "holds no \(kind) in PEM form")
        }
        return found
    }
}
