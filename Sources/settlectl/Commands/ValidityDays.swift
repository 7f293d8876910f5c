import ArgumentParser

/// For how many days a certificate or a revocation list is good: an option's value, 1...3650.
struct ValidityDays: ExpressibleByArgument {
    let count: Int

    init(_ count: Int) { self.count = count }

    init?(argument: String) {
        guard let count = Int(argument), (1...3650).contains(count) else { return nil }
        self.count = count
    }

    var defaultValueDescription: String { "\(count)" }
}
