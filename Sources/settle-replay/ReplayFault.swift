/// Why a run cannot start or go on: one sentence.
struct ReplayFault: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
