import SettlementClient
import SettlementDomain

/// A lane with its encoded sales and the connections that wait for something to be due.
///
/// Confined to its loop.
final class LoadLane {
    let role: Role
    let templates: TemplateSet
    var work: Lane
    private var waiting: [LoadConnection] = []
    private var head = 0

    init(_ role: Role, _ work: Lane, _ templates: TemplateSet) {
        self.role = role
        self.work = work
        self.templates = templates
    }

    /// Puts a connection with a free place behind the others.
    func queue(_ connection: LoadConnection) {
        guard !connection.isQueued else { return }
        connection.isQueued = true
        waiting.append(connection)
    }

    /// The connection that has waited longest and still has a free place; it stays in the queue.
    func nextQueued() -> LoadConnection? {
        while head < waiting.count {
            if waiting[head].hasFreePlace { return waiting[head] }
            unqueueFirst()
        }
        return nil
    }

    /// Takes the first connection out.
    func unqueueFirst() {
        waiting[head].isQueued = false
        head += 1
        if head > 256, head * 2 > waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
    }

    var hasQueued: Bool { head < waiting.count }

    /// The encoded request of an item.
    func template(_ item: WorkItem) -> RequestTemplate {
        switch item.kind {
        case .quote: templates.quotes[Int(item.template)]
        case .settle: templates.settles[Int(item.template)]
        case .inquiry, .status, .echo, .void, .refund, .reversal, .copy: .inquiry
        }
    }

    /// What an undoing must know of an item's sale.
    func bill(_ item: WorkItem) -> Bill? {
        let place = Int(item.template)
        return templates.bills.indices.contains(place) ? templates.bills[place] : nil
    }

    /// Of a recording, what an undoing says beside key and card.
    func undoing(_ item: WorkItem) -> UndoingTemplate? {
        let place = Int(item.template)
        return templates.undoings.indices.contains(place) ? templates.undoings[place] : nil
    }
}
