import SettlementClient
import SettlementDomain

/// Which requests of a recording name each other, directly or over others.
struct RecordedNames {
    /// What a request has to do with others.
    struct Links: Equatable {
        /// The number of its own name; nil: nothing else has to do with it.
        var name: Int32?
        /// The number of what it names.
        var original: Int32?
        /// The number of its chain; nil: it stands alone.
        var chain: Int32?
        /// Whether it cannot be sent: it undoes or shows what is not in the recording.
        var isUnknown = false
    }

    /// The role of each chain: that of the terminal that made what is named first.
    private(set) var roles: [Int32: Role] = [:]
    private let terminals: [Role]
    private var numbers: [RecordedName: Int32] = [:]
    private var parents: [Int32] = []
    /// By number: whether it is a request of the recording.
    private var isMade: [Bool] = []

    /// Looks through a recording.
    init(_ recording: Recording) {
        terminals = recording.terminals
        // Only what is named by another needs a number: most sales are named by nothing.
        var named: Set<RecordedName> = []
        var once: Set<RecordedName> = []
        for request in recording.requests {
            if let original = request.content.original { named.insert(original) }
            if let name = request.name, !once.insert(name).inserted { named.insert(name) }
        }
        for request in recording.requests {
            let own = request.name.flatMap { named.contains($0) ? number($0) : nil }
            let original = request.content.original.map { number($0) }
            if let own { isMade[Int(own)] = true }
            if let own, let original { parents[Int(root(own))] = root(original) }
            // Its own name must be known where it names another: later ones may name it.
            if own == nil, let original, let name = request.name {
                let own = number(name)
                isMade[Int(own)] = true
                parents[Int(root(own))] = root(original)
            }
        }
        for (name, number) in numbers {
            let chain = root(number)
            if number == chain || roles[chain] == nil {
                roles[chain] = recording.terminals[Int(name.terminal) - 1]
            }
        }
    }

    /// The role of a request's terminal.
    func role(of request: RecordedRequest) -> Role { terminals[Int(request.terminal) - 1] }

    /// What a request has to do with others.
    func links(of request: RecordedRequest) -> Links {
        let name = request.name.flatMap { numbers[$0] }
        let original = request.content.original.flatMap { numbers[$0] }
        var links = Links(name: name, original: original)
        links.chain = (original ?? name).map { root($0) }
        if let original, !isMade[Int(original)] {
            switch request.content {
            case .void, .refund, .copy: links.isUnknown = true
            default: break
            }
        }
        return links
    }

    private mutating func number(_ name: RecordedName) -> Int32 {
        if let known = numbers[name] { return known }
        let number = Int32(parents.count)
        numbers[name] = number
        parents.append(number)
        isMade.append(false)
        return number
    }

    private func root(_ number: Int32) -> Int32 {
        var current = number
        while parents[Int(current)] != current { current = parents[Int(current)] }
        return current
    }
}

extension RecordedRequest.Content {
    /// The request that it names; nil: none.
    var original: RecordedName? {
        switch self {
        case .statusOf(let name), .copy(let name): name
        case .void(let undoing), .refund(let undoing), .reversal(let undoing): undoing.original
        case .echo, .status, .inquiry, .quote, .settle: nil
        }
    }
}
