import CPostgreSQL

/// Looks at a connection string before libpq uses it: libpq's complaints repeat parts of it, and a
/// password that is not written as it should be is such a part.
enum ConnectionString {
    /// Refuses what libpq cannot read, and what it would read otherwise than it was meant.
    ///
    /// - Throws: `lost`, which repeats nothing of the string.
    /// - Source: PostgreSQL 15, 34.1.1, "Connection Strings".
    static func check(_ text: String) throws(DatabaseFault) {
        guard !isAmbiguousURI(text) else {
            throw .lost(
                "the connection URI cannot be read: write @ / : ? # of a name or password as %40 "
                    + "%2F %3A %3F %23")
        }
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &complaint) else {
            PQfreemem(complaint)
            throw .lost(
                "the connection string cannot be read: it is key=value with known keys, and a "
                    + "value with blanks stands in single quotes")
        }
        PQconninfoFree(options)
    }

    /// Whether there is more than one `@`, or a `/` before it, where there may be one `@` only; or
    /// one behind a `?`, not in a parameter's value.
    private static func isAmbiguousURI(_ text: String) -> Bool {
        let schemes = ["postgresql://", "postgres://"]
        guard let scheme = schemes.first(where: { text.hasPrefix($0) }) else { return false }
        let rest = text.dropFirst(scheme.utf8.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let parameters = parts.count > 1 ? parts[1].split(separator: "&") : []
        let isParted = parameters.allSatisfy { part in
            part.prefix { $0 != "@" }.contains("=")
        }
        guard let address = parts.first, isParted else { return true }
        guard let sign = address.firstIndex(of: "@") else { return false }
        let before = address[..<sign]
        return address[address.index(after: sign)...].contains("@") || before.contains("/")
            || before.contains("#") || before.filter { $0 == ":" }.count > 1
    }
}
