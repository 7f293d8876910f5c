/// Something that happened to a person's account or to one of their settlements.
struct ModelEvent {
    var person: Int
    /// The number of the kind of the frame that did it.
    var kind: Int
    var booked: Int
    /// What was added to the account; nil: it did not change.
    var amount: Int?
    /// After it.
    var balance: Int
    /// The settlement, and what it takes after it.
    var settlement: ModelKey?
    var standing = ModelSplit()
    /// Whose bill it is, of a settlement.
    var patient: Int?
}

/// Somebody was let in to a person's records.
struct ModelAccess {
    var person: Int
    var kind: Int
    var terminal: Int
}

/// A question about a person's records.
struct ModelQuery {
    enum What {
        case transactions(from: Int?, through: Int?, count: Int)
        case months(from: Int, through: Int)
        case contributions(count: Int)
        case family(count: Int)
        case accesses(count: Int)
    }

    var subject: ModelSubject
    var right: ModelRight
    var what: What
}

/// Rows as texts: what they say, in a fixed order.
struct ModelRecords: Equatable {
    var sums: [Int] = []
    var rows: [String]
    var hasMore = false
}

/// Protocol/Queries.md and the lists of Family.md and Contributions.md.
extension Model {
    mutating func decide(_ query: ModelQuery, _ key: ModelKey) -> ModelAnswer? {
        switch admit(query.subject, query.right, key) {
        case .refused(let refusal): refusal.recorded
        case .passed: ModelAnswer(code: 0, reason: 0, isOfQuery: true)
        }
    }

    /// What a question that was let in is answered at this moment.
    func records(for query: ModelQuery) -> ModelRecords {
        guard case .passed(let person) = find(query.subject) else { return ModelRecords(rows: []) }
        switch query.what {
        case .transactions(let from, let through, let count):
            return transactions(of: person, from ?? .min, through ?? .max, count)
        case .months(let from, let through): return months(of: person, from, through)
        case .contributions(let count):
            let paid = contributions.filter { $0.person == person }
                .sorted { $0.period > $1.period }
            return page(
                paid.map {
                    "\($0.period) \($0.base) \($0.employerPart) \($0.individualPart) "
                        + "\($0.credited) day \($0.paid) collector \($0.collector)"
                }, count)
        case .family(let count): return family(of: person, count)
        case .accesses(let count):
            return page(
                accesses.reversed().filter { $0.person == person }
                    .map { "\($0.kind) by \($0.terminal)" }, count)
        }
    }

    private func page(_ rows: [String], sums: [Int] = [], _ count: Int) -> ModelRecords {
        ModelRecords(sums: sums, rows: Array(rows.prefix(count)), hasMore: rows.count > count)
    }

    private func transactions(
        of person: Int, _ from: Int, _ through: Int, _ count: Int
    ) -> ModelRecords {
        let all = events.filter { $0.person == person }
        let before = all.last { $0.booked < from }?.balance ?? 0
        let closing = all.last { $0.booked <= through }?.balance ?? 0
        let rows = all.reversed().filter { $0.booked >= from && $0.booked <= through }.map(row)
        return page(Array(rows), sums: [before, closing], count)
    }

    private func row(_ event: ModelEvent) -> String {
        var words = ["\(event.kind) day \(event.booked)"]
        if let amount = event.amount { words.append("\(amount) to \(event.balance)") }
        if let settlement = event.settlement { words.append("settlement \(settlement)") }
        if let patient = event.patient {
            if patient == event.person {
                words.append(Self.words(event.standing))
            } else {
                words.append("of \(patient)")
            }
        }
        return words.joined(separator: ", ")
    }

    /// Who pays, in words.
    static func words(_ split: ModelSplit) -> String {
        [
            split.total, split.pooled, split.large, split.supplement, split.account, split.family,
            split.cash,
        ].map { "\($0)" }.joined(separator: " ")
    }

    /// Month, opening, credited, interest, spent, family use, closing.
    private func months(of person: Int, _ from: Int, _ through: Int) -> ModelRecords {
        let all = events.filter { $0.person == person }
        let rows = (ModelCalendar.month(of: from)...ModelCalendar.month(of: through)).map { month in
            let those = all.filter { ModelCalendar.month(of: $0.booked) == month }
            let before = all.last { ModelCalendar.month(of: $0.booked) < month }?.balance ?? 0
            var (credited, spent, family) = (0, 0, 0)
            for event in those {
                let amount = event.amount ?? 0
                switch event.patient {
                case nil: credited += amount
                case person?: spent -= amount
                default: family -= amount
                }
            }
            let closing = before + credited - spent - family
            return "\(month) \(before) \(credited) 0 \(spent) \(family) \(closing)"
        }
        return ModelRecords(rows: rows)
    }

    /// Who draws, on whom, and what was drawn.
    private func family(of person: Int, _ count: Int) -> ModelRecords {
        func words(_ link: ModelLink, _ other: Int, _ place: Int) -> String {
            "\(other) \(link.yearly ?? -1) \(link.daily ?? -1) at \(place + 1)"
        }
        let members = persons.indices.flatMap { member in
            persons[member].owners.enumerated().filter { $0.element.person == person }
                .map { "may draw: " + words($0.element, member, $0.offset) }
        }.sorted()
        let owners = persons[person].owners.enumerated().map {
            "draws on: " + words($0.element, $0.element.person, $0.offset)
        }
        let lines = events.reversed().filter {
            $0.person == person && $0.patient != nil && $0.patient != person
        }.map(row)
        let page = page(Array(lines), count)
        return ModelRecords(rows: members + owners + page.rows, hasMore: page.hasMore)
    }
}
