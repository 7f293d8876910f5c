/// One request of the workload, before it has a key.
struct WorkItem: Sendable, Hashable {
    /// What it is.
    var kind: TransactionKind
    /// Of a sale: which template.
    var template: Int32 = 0
    /// Which card of the card file.
    var card: Int32 = 0
    /// Whether a PIN block goes with it.
    var hasPIN = true
    /// Of a status: which of the connection's keyed requests before it; of an undoing or copy, a
    /// random number that chooses.
    var back: UInt32 = 1
    /// What befalls it.
    var fault = Fault.none
    /// Of an undoing: what is wrong with it.
    var wrong = Wrong.none
    /// Of a recording: which of the requests that others name this one is; -1: none.
    var name: Int32 = -1
    /// Of a recording: which of them it names; -1: none.
    var original: Int32 = -1
}
