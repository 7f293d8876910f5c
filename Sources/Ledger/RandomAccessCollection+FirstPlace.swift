extension RandomAccessCollection where Index == Int {
    /// The first position whose element fits, of elements of which all after it fit too.
    package func firstPlace(where fits: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if fits(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
