/// An enumeration whose numbers are written on the wire and to disk: they never change.
///
/// The name of a case is its spelling in configuration, catalog and policy files.
public protocol NamedCode: RawRepresentable, CaseIterable, Sendable, Hashable
where RawValue == UInt8 {}

extension NamedCode {
    /// The case's name: `pharmacyPurchase`.
    public var name: String { "\(self)" }

    /// The case of that name; nil where there is none.
    public init?(name: String) {
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
