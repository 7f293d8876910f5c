extension Projections {
    /// Reads the next rows of the tables that every settlement asks into memory, those that have few
    /// rows first; at most so many.
    ///
    /// - Returns: how many rows were read; 0 when there is nothing left to do.
    func readAhead(_ rowsMax: Int) throws -> Int {
        var count = try families.readAhead(rowsMax)
        if count == 0 { count = try persons.readAhead(rowsMax) }
        if count == 0 { count = try cards.readAhead(rowsMax) }
        if count == 0 { count = try accounts.readAhead(rowsMax) }
        if count == 0 { count = try accumulators.readAhead(rowsMax) }
        if count == 0 { count = try usages.readAhead(rowsMax) }
        return count
    }
}
