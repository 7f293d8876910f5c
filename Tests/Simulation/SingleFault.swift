/// One call on a store's files that goes wrong, where every other one works.
public struct SingleFault: Sendable, Hashable, CustomStringConvertible {
    /// How it goes wrong.
    public enum Kind: String, Sendable, CaseIterable {
        /// It fails and has done nothing.
        case fails
        /// A write that finds the disk full.
        case isFull
        /// A write that fails and has written half.
        case isTorn
        /// The process dies in it.
        case dies
        /// The power is lost in it.
        case losesPower
    }

    /// Which call, from 1, of those that can go wrong so.
    public var number: Int
    /// How it goes wrong.
    public var kind: Kind

    /// Creates a fault of its parts.
    public init(_ number: Int, _ kind: Kind) {
        self.number = number
        self.kind = kind
    }

    /// Kind and number in a few words.
    public var description: String { "call \(number) \(kind)" }

    /// What the call comes to.
    var fate: FaultyFiles.Fate {
        switch kind {
        case .fails: .fails
        case .isFull: .isFull
        case .isTorn: .isTorn
        case .dies, .losesPower: .dies
        }
    }

    /// Whether a call counts.
    func concerns(_ call: FaultyFiles.Call) -> Bool {
        kind == .isFull || kind == .isTorn ? call == .write : true
    }
}

/// Counts calls until the one that goes wrong.
final class FaultScript {
    private let fault: SingleFault?
    private var count = 0
    /// The call that went wrong: what, and of which of the store's files.
    private(set) var met: String?

    init(_ fault: SingleFault?) { self.fault = fault }

    /// Has the files go wrong so from now on.
    func rule(_ files: FaultyFiles) {
        let path = files.path
        files.script = { [self] call, name in
            guard let fault, met == nil, fault.concerns(call) else { return .works }
            count += 1
            guard count == fault.number else { return .works }
            let file = name == path ? "file" : String(name.dropFirst(path.utf8.count + 1))
            met = "\(call.rawValue) \(file)"
            return fault.fate
        }
    }
}
