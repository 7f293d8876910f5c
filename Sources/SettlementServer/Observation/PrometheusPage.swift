/// Writes samples as the Prometheus text exposition format, version 0.0.4.
struct PrometheusPage {
    private(set) var text = ""

    /// Adds counters or gauges, sorted by name, then by dimensions.
    mutating func samples(
        of type: String, _ samples: [(label: String, dimensions: String, value: Double)]
    ) {
        var last = ""
        let sorted = samples.sorted { ($0.label, $0.dimensions) < ($1.label, $1.dimensions) }
        for sample in sorted {
            if sample.label != last {
                text += "# TYPE \(sample.label) \(type)\n"
                last = sample.label
            }
            line(sample.label, sample.dimensions, sample.value)
        }
    }

    /// Adds histograms, sorted by name, then by dimensions; buckets are cumulative.
    mutating func histograms(
        _ histograms: [(label: String, dimensions: String, snapshot: StoredHistogram.Snapshot)]
    ) {
        var last = ""
        let sorted = histograms.sorted {
            ($0.label, $0.dimensions) < ($1.label, $1.dimensions)
        }
        for (label, dimensions, snapshot) in sorted {
            if label != last {
                text += "# TYPE \(label) histogram\n"
                last = label
            }
            let prefix = dimensions.isEmpty ? "" : dimensions + ","
            var total: UInt64 = 0
            for (index, count) in snapshot.counts.enumerated() {
                total += count
                let bound =
                    index < snapshot.bounds.count ? Self.number(snapshot.bounds[index]) : "+Inf"
                line(label + "_bucket", prefix + "le=\"\(bound)\"", Double(total))
            }
            line(label + "_sum", dimensions, snapshot.sum)
            line(label + "_count", dimensions, Double(total))
        }
    }

    private mutating func line(_ label: String, _ dimensions: String, _ value: Double) {
        let braces = dimensions.isEmpty ? "" : "{\(dimensions)}"
        text += "\(label)\(braces) \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }

    /// A dimension's value with backslash, quote and line feed escaped.
    static func escaped(_ value: String) -> String {
        var result = ""
        for character in value {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }
}
